// How the pixels of a TIFF are coded, by the tags ExifTool shows of its first directory; TIFF 6.0's defaults where it shows none.
import { type Coding, named, numberOf, numbersOf, type Tags, tagOf } from './exiftool-alone-tags.ts';

const METHOD: Record<number, string> = {
  1: 'none',
  2: 'ccitt-rle',
  3: 'ccitt-t4',
  4: 'ccitt-t6',
  5: 'lzw',
  6: 'jpeg-old',
  7: 'jpeg',
  8: 'deflate',
  32773: 'packbits',
  32809: 'thunderscan',
  32946: 'deflate',
  34712: 'jpeg2000',
  34925: 'lzma',
  34926: 'zstd',
  34927: 'webp',
  50000: 'zstd',
  50001: 'webp',
  52546: 'jxl',
};
const LOSSLESS = new Set([
  'none',
  'ccitt-rle',
  'ccitt-t4',
  'ccitt-t6',
  'lzw',
  'deflate',
  'packbits',
  'thunderscan',
  'lzma',
  'zstd',
]);
const MODEL: Record<number, string> = {
  0: 'gray',
  1: 'gray',
  2: 'rgb',
  3: 'indexed',
  4: 'gray',
  5: 'cmyk',
  6: 'ycbcr',
  8: 'lab',
  9: 'lab',
  10: 'lab',
  34892: 'rgb',
};
const ORDER: Record<string, string> = { II: 'little-endian', MM: 'big-endian' };

export function tiff(tags: Tags): Coding {
  const method = named(METHOD, numberOf(tags, 'IFD0:Compression') ?? 1);
  const order = ORDER[String(tagOf(tags, 'File:ExifByteOrder'))];
  const isBig = tags['File:FileType'] === 'BTF';
  return {
    bitDepth: numberOf(tags, 'IFD0:BitsPerSample') ?? 1,
    channels: numberOf(tags, 'IFD0:SamplesPerPixel') ?? 1,
    // Associated or unassociated alpha; 0 is a sample of no stated meaning.
    hasAlpha: numbersOf(tags, 'IFD0:ExtraSamples').some((kind) => kind === 1 || kind === 2),
    process: order && (isBig ? `${order}-bigtiff` : order),
    method,
    lossless: method !== undefined && LOSSLESS.has(method) ? true : undefined,
    model: named(MODEL, numberOf(tags, 'IFD0:PhotometricInterpretation')),
  };
}
