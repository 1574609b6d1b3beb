// How the pixels of each format are coded, by what ExifTool says and by what a format leaves no choice of.
import { heif } from './exiftool-alone-heif.ts';
import { type Coding, named, numberOf, type Tags, tagOf } from './exiftool-alone-tags.ts';
import { tiff } from './exiftool-alone-tiff.ts';

const JPEG_PROCESS: Record<number, string> = {
  0: 'baseline',
  1: 'extended-sequential',
  2: 'progressive',
  3: 'lossless',
  9: 'extended-sequential-arithmetic',
  10: 'progressive-arithmetic',
  11: 'lossless-arithmetic',
};
const JPEG_SUBSAMPLING: Record<string, string> = {
  '1 1': '4:4:4',
  '2 1': '4:2:2',
  '2 2': '4:2:0',
  '1 2': '4:4:0',
  '4 1': '4:1:1',
  '4 2': '4:1:0',
};

function jpeg(tags: Tags): Coding {
  const channels = numberOf(tags, 'File:ColorComponents');
  const transform = numberOf(tags, 'Adobe:ColorTransform');
  const process = named(JPEG_PROCESS, numberOf(tags, 'File:EncodingProcess'));
  const ofThree = transform === 0 ? 'rgb' : 'ycbcr';
  const ofFour = transform === 2 ? 'ycck' : 'cmyk';
  return {
    bitDepth: numberOf(tags, 'File:BitsPerSample'),
    channels,
    hasAlpha: false,
    process,
    chromaSubsampling: JPEG_SUBSAMPLING[String(tags['File:YCbCrSubSampling'])],
    method: 'jpeg',
    lossless: process?.startsWith('lossless'),
    model: named({ 1: 'gray', 3: ofThree, 4: ofFour }, channels),
  };
}

const PNG_COLOR: Record<number, { model: string; channels: number; hasAlpha: boolean }> = {
  0: { model: 'gray', channels: 1, hasAlpha: false },
  2: { model: 'rgb', channels: 3, hasAlpha: false },
  3: { model: 'indexed', channels: 1, hasAlpha: false },
  4: { model: 'gray', channels: 2, hasAlpha: true },
  6: { model: 'rgb', channels: 4, hasAlpha: true },
};

function png(tags: Tags): Coding {
  const color = named(PNG_COLOR, numberOf(tags, 'PNG:ColorType'));
  return {
    ...color,
    hasAlpha: color && (color.hasAlpha || tags['PNG:Transparency'] !== undefined),
    bitDepth: numberOf(tags, 'PNG:BitDepth'),
    process: named({ 0: 'non-interlaced', 1: 'adam7' }, numberOf(tags, 'PNG:Interlace')),
    method: 'deflate',
    lossless: true,
  };
}

function gif(tags: Tags): Coding {
  return {
    bitDepth: numberOf(tags, 'GIF:BitsPerPixel'),
    channels: 1,
    hasAlpha: tags['GIF:TransparentColor'] !== undefined,
    process: tagOf(tags, 'GIF:GIFVersion')?.toString(),
    method: 'lzw',
    lossless: true,
    model: 'indexed',
  };
}

/**
 * VP8X says whether there is alpha (bit 4 of its flags); a bare VP8 has none, VP8L says so itself. What is not called lossless is taken
 * for lossy.
 */
function webp(tags: Tags): Coding {
  const lossless = /lossless/i.test(String(tags['File:FileType']));
  const flags = numberOf(tags, 'RIFF:WebP_Flags') ?? 0;
  return {
    bitDepth: 8,
    hasAlpha: (flags & 0x10) !== 0 || numberOf(tags, 'RIFF:AlphaIsUsed') === 1,
    process: lossless ? 'lossless' : 'lossy',
    method: lossless ? 'vp8l' : 'vp8',
    lossless,
  };
}

function jp2(tags: Tags): Coding {
  const bits = numberOf(tags, 'Jpeg2000:BitsPerComponent');
  return {
    bitDepth: bits === undefined || bits === 255 ? undefined : (bits & 0x7f) + 1,
    channels: numberOf(tags, 'Jpeg2000:NumberOfComponents'),
    method: 'jpeg2000',
    model: named(
      { 12: 'cmyk', 14: 'lab', 16: 'rgb', 17: 'gray', 18: 'ycbcr' },
      numberOf(tags, 'Jpeg2000:ColorSpace'),
    ),
  };
}

const PNM: Coding = { method: 'none', lossless: true, hasAlpha: false };

function netpbm(tags: Tags, facts: Coding): Coding {
  const most = numberOf(tags, 'File:MaxVal');
  return { ...PNM, bitDepth: most === undefined ? undefined : most > 255 ? 16 : 8, ...facts };
}

function bmp(tags: Tags): Coding {
  const bits = numberOf(tags, 'File:BitDepth') ?? 0;
  return {
    // Of a pixel: of a sample only as far as there is one, or three or four of a byte each.
    bitDepth: bits <= 8 ? bits || undefined : named({ 24: 8, 32: 8 }, bits),
    method: named(
      { 0: 'none', 1: 'rle8', 2: 'rle4', 3: 'none', 4: 'jpeg', 5: 'png', 6: 'none' },
      numberOf(tags, 'File:Compression'),
    ),
    model: bits > 8 ? 'rgb' : bits > 0 ? 'indexed' : undefined,
  };
}

const PSD_MODEL: Record<number, string> = {
  0: 'gray',
  1: 'gray',
  2: 'indexed',
  3: 'rgb',
  4: 'cmyk',
  9: 'lab',
};

function psd(tags: Tags): Coding {
  return {
    bitDepth: numberOf(tags, 'Photoshop:BitDepth'),
    channels: numberOf(tags, 'Photoshop:NumChannels'),
    method: named(
      { 0: 'none', 1: 'rle', 2: 'deflate', 3: 'deflate' },
      numberOf(tags, 'Photoshop:Compression'),
    ),
    lossless: true,
    model: named(PSD_MODEL, numberOf(tags, 'Photoshop:ColorMode')),
  };
}

const EXR_METHOD = ['none', 'rle', 'zips', 'zip', 'piz', 'pxr24', 'b44', 'b44a', 'dwaa', 'dwab'];

/** By the format's name, in small letters. */
export const CODING: Record<string, (tags: Tags) => Coding> = {
  jpeg,
  jps: jpeg,
  mpo: jpeg,
  png,
  apng: png,
  gif,
  tiff,
  webp,
  avif: heif,
  heic: heif,
  heif,
  heics: heif,
  heifs: heif,
  jp2,
  jpx: jp2,
  j2c: () => ({ method: 'jpeg2000' }),
  jxl: (tags) => ({
    method: 'jxl',
    process: /codestream/i.test(String(tags['File:FileType'])) ? 'codestream' : 'container',
  }),
  bmp,
  psd,
  psb: psd,
  pbm: (tags) => netpbm(tags, { bitDepth: 1, model: 'gray' }),
  pgm: (tags) => netpbm(tags, { model: 'gray' }),
  ppm: (tags) => netpbm(tags, { model: 'rgb' }),
  exr: (tags) => ({ method: EXR_METHOD[numberOf(tags, 'OpenEXR:Compression') ?? -1] }),
  pcx: (tags) => ({ method: named({ 0: 'none', 1: 'rle' }, numberOf(tags, 'File:Encoding')) }),
};
