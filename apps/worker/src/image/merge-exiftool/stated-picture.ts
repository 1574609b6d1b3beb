// Where ExifTool says how large, how deep and how many pictures are, format by format: the obvious tag is often another picture's.
import type { ExifToolFacts } from './facts.ts';

export interface Size {
  width: number;
  height: number;
}

/** The group whose ImageWidth is that of the stored picture. Elsewhere EXIF and XMP repeat what the camera once made. */
const SIZE_GROUPS: Readonly<Record<string, string>> = {
  jpeg: 'File',
  avif: 'File',
  heic: 'File',
  jxl: 'File',
  bmp: 'File',
  ppm: 'File',
  pfm: 'File',
  pcx: 'File',
  hdr: 'File',
  exr: 'File',
  dds: 'File',
  tga: 'File',
  png: 'PNG',
  gif: 'GIF',
  webp: 'RIFF',
  psd: 'Photoshop',
  // Of a multi-page file the first, not the one of Composite:ImageSize.
  tiff: 'IFD0',
};

/** Undefined also for formats whose size ExifTool tells otherwise: icons of many sizes, graphics with units, raw files. */
export function statedSize(format: string, facts: ExifToolFacts): Size | undefined {
  // A bare codestream is a file of its own kind.
  const groups = format === 'jp2' ? ['Jpeg2000', 'File'] : [SIZE_GROUPS[format]];
  for (const group of groups) {
    const size = sizeOf([facts.number(`${group}:ImageWidth`), facts.number(`${group}:ImageHeight`)]);
    if (size !== undefined) return size;
  }
  return undefined;
}

/** Whole numbers, or no size. */
export function sizeOf([width, height]: readonly (number | undefined)[]): Size | undefined {
  if (width === undefined || height === undefined) return undefined;
  if (!isCount(width) || !isCount(height)) return undefined;
  return { width, height };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

const DEPTHS: Readonly<Record<string, string>> = {
  jpeg: 'File:BitsPerSample',
  png: 'PNG:BitDepth',
  psd: 'Photoshop:BitDepth',
  tiff: 'IFD0:BitsPerSample',
  avif: 'QuickTime:ImagePixelDepth',
  heic: 'QuickTime:ImagePixelDepth',
};

/** Bits of one sample, where all samples have as many. */
export function statedBitDepth(format: string, facts: ExifToolFacts): number | undefined {
  if (format === 'jp2') return jp2Depth(facts.number('Jpeg2000:BitsPerComponent'));
  const [first, ...others] = facts.numbers(DEPTHS[format] ?? '');
  return first !== undefined && isCount(first) && others.every((bits) => bits === first) ? first : undefined;
}

/** One less than the depth; bit 7 for signed samples, 255 where components differ (ISO/IEC 15444-1, I.5.3.1). */
function jp2Depth(stated: number | undefined): number | undefined {
  return stated === undefined || stated === 255 ? undefined : (stated & 0x7f) + 1;
}

const FRAMES: Readonly<Record<string, string>> = { gif: 'GIF:FrameCount', png: 'PNG:AnimationFrames' };

/** ExifTool counts no frames of WebP, AVIF and JPEG XL, and leaves pages of TIFFs out. */
export function statedFrames(format: string, facts: ExifToolFacts): number | undefined {
  const frames = facts.number(FRAMES[format] ?? '');
  return frames !== undefined && isCount(frames) ? frames : undefined;
}
