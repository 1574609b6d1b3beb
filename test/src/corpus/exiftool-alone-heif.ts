// How the pixels of AVIF and HEIC are coded, by what ExifTool says of their configurations.
import { type Coding, named, numberOf, type Tags } from './exiftool-alone-tags.ts';

// The same tag of two configurations: in av1C three bits (monochrome, x, y), in hvcC chroma_format_idc.
const AV1_CHROMA: Record<number, string> = { 0: '4:4:4', 2: '4:2:2', 3: '4:2:0', 7: '4:0:0' };
const HEVC_CHROMA: Record<number, string> = { 0: '4:0:0', 1: '4:2:0', 2: '4:2:2', 3: '4:4:4' };
const HEIF_METHOD: Record<string, string> = { AVIF: 'av1', HEIC: 'hevc', HEICS: 'hevc' };

export function heif(tags: Tags): Coding {
  const chroma = numberOf(tags, 'QuickTime:ChromaFormat');
  const isAv1 = tags['QuickTime:AV1ConfigurationVersion'] !== undefined;
  const isHevc = tags['QuickTime:HEVCConfigurationVersion'] !== undefined;
  const implied = HEIF_METHOD[String(tags['File:FileType'])];
  const auxiliary = tags['QuickTime:AuxiliaryImageType'];
  return {
    bitDepth: numberOf(tags, 'QuickTime:ImagePixelDepth', 'QuickTime:BitDepthLuma'),
    // Of several auxiliary images only the last is named: one that is no alpha says nothing of the others.
    hasAlpha: auxiliary === undefined ? false : /alpha/.test(String(auxiliary)) || undefined,
    chromaSubsampling: named(isAv1 ? AV1_CHROMA : HEVC_CHROMA, chroma),
    method: isAv1 ? 'av1' : isHevc ? 'hevc' : implied,
  };
}
