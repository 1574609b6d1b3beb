// One directory's picture: its size, samples, colour and compression (TIFF 6.0, sections 3 to 8, 14, 15, 18 to 23).
import type { Header } from '../../header.ts';
import { type Ifd, numberOf, numbersOf, type Tiff } from '../../tags/ifd.ts';
import { TAG } from '../../tags/tag-numbers.ts';
import { type Frame, isLosslessProcess, subsamplingOf as subsamplingOfFrame } from '../jpeg/jpeg-frame.ts';
import { readFrameInside } from '../jpeg/jpeg-inside.ts';
import { subsamplingWord } from '../subsampling.ts';
import { CODECS, COLOR_MODELS, COMPRESSIONS, PREDICTED_METHODS, PREDICTORS } from './tiff-words.ts';

const NOT_CMYK = 2;
const IEEE_FLOAT = 3;
const ASSOCIATED_ALPHA = 1;
const UNASSOCIATED_ALPHA = 2;
/** More samples a pixel than hyperspectral cameras have are not looked at one by one. */
const MAX_SAMPLES = 1024;

export function describePicture(tiff: Tiff, ifd: Ifd, header: Header): void {
  const number = (tag: number) => numberOf(tiff, ifd, tag);
  const frame = describeCompression(tiff, ifd, header);
  const { image, encoding, color } = header;
  image.storedWidth = number(TAG.WIDTH) ?? frame?.width;
  image.storedHeight = number(TAG.HEIGHT) ?? frame?.height;

  const bits = numbersOf(tiff, ifd, TAG.BITS_PER_SAMPLE, MAX_SAMPLES).filter((one) => one !== undefined);
  // Both are 1 where nothing is written (TIFF 6.0, section 8).
  image.bitDepth = bits.length > 0 ? Math.max(...bits) : (frame?.bitDepth ?? 1);
  image.channels = number(TAG.SAMPLES_PER_PIXEL) ?? frame?.channels ?? Math.max(bits.length, 1);

  const { model, samples } = COLOR_MODELS[number(TAG.PHOTOMETRIC) ?? -1] ?? {};
  color.model = number(TAG.INK_SET) === NOT_CMYK && model === 'cmyk' ? 'inks' : model;
  image.hasAlpha = hasAlpha(tiff, ifd, image.channels, samples);
  if (model === 'indexed' && ifd.entries.has(TAG.COLOR_MAP)) color.palette = { size: paletteSizeOf(ifd) };
  if (model === 'ycbcr') encoding.chromaSubsampling = subsamplingOf(tiff, ifd, frame);
  if (number(TAG.SAMPLE_FORMAT) === IEEE_FLOAT) encoding.profile = 'float';

  const [width, height] = [number(TAG.TILE_WIDTH), number(TAG.TILE_HEIGHT)];
  if (width !== undefined && height !== undefined) encoding.tiling = { width, height };
}

/** Also answers the frame header of the first piece, where the pieces are JPEG streams. */
function describeCompression(tiff: Tiff, ifd: Ifd, header: Header): Frame | undefined {
  const { method, lossless } = COMPRESSIONS[numberOf(tiff, ifd, TAG.COMPRESSION) ?? 1] ?? {};
  if (method === undefined) return undefined;
  const codec = CODECS[method];
  const frame = codec === 'jpeg' ? firstFrame(tiff, ifd) : undefined;
  const predictor = PREDICTORS[numberOf(tiff, ifd, TAG.PREDICTOR) ?? 1];
  header.encoding.codec = codec;
  header.compression.method = method;
  header.compression.lossless = lossless ?? (frame && isLosslessProcess(frame));
  if (PREDICTED_METHODS.includes(method)) header.compression.predictor = predictor;
  return frame;
}

export function firstFrame(tiff: Tiff, ifd: Ifd): Frame | undefined {
  const pieces = [
    [TAG.JPEG_OFFSET, TAG.JPEG_LENGTH],
    [TAG.STRIP_OFFSETS, TAG.STRIP_BYTE_COUNTS],
    [TAG.TILE_OFFSETS, TAG.TILE_BYTE_COUNTS],
  ] as const;
  for (const [offsetTag, lengthTag] of pieces) {
    const at = numberOf(tiff, ifd, offsetTag);
    const length = numberOf(tiff, ifd, lengthTag);
    const frame =
      at === undefined
        ? undefined
        : readFrameInside(tiff.bytes, at, at + (length ?? Number.POSITIVE_INFINITY));
    if (frame !== undefined) return frame;
  }
  return undefined;
}

/** Undefined where there are more samples than colours and the file does not say what for. */
function hasAlpha(
  tiff: Tiff,
  ifd: Ifd,
  channels: number,
  colorSamples: number | undefined,
): boolean | undefined {
  const extra = numbersOf(tiff, ifd, TAG.EXTRA_SAMPLES, MAX_SAMPLES);
  if (extra.length > 0) return extra.includes(ASSOCIATED_ALPHA) || extra.includes(UNASSOCIATED_ALPHA);
  return colorSamples === undefined || channels > colorSamples ? undefined : false;
}

/** Three numbers a colour. */
function paletteSizeOf(ifd: Ifd): number {
  return Math.floor((ifd.entries.get(TAG.COLOR_MAP)?.count ?? 0) / 3);
}

/** What the stream itself says is what a decoder does; without either, the standard's default is 2, 2 (TIFF 6.0, section 21). */
function subsamplingOf(tiff: Tiff, ifd: Ifd, frame: Frame | undefined): string | undefined {
  if (frame !== undefined && frame.channels > 1) return subsamplingOfFrame(frame);
  const [horizontal = 2, vertical = 2] = numbersOf(tiff, ifd, TAG.YCBCR_SUBSAMPLING, 2);
  return subsamplingWord(horizontal, vertical);
}
