// How much memory a decoder holds at once for a picture, over what any picture takes: measured, and rounded up. JPEG, PNG and TIFF are
// decoded a few rows at a time unless they are stored in a way that can't be; the others are always held whole.
import type { ImageFormat } from '@tintype/core/contract';
import type { SharpHeader } from './decode.ts';

/** What our own reader knows and sharp does not. */
export interface StoredHow {
  /** WebP: without loss, and then never shrunk while it is decoded. */
  isLossless?: boolean | undefined;
  /** AVIF: 4:2:0 and the like. */
  chromaSubsampling?: string | undefined;
  /** TIFF: the size of a tile. */
  tile?: { width: number; height: number } | undefined;
}

type Rule = (header: SharpHeader, how: StoredHow) => number;

const pixelsOf = ({ width, height }: SharpHeader) => width * height;
const sampleBytes = ({ depth }: SharpHeader) => (depth === 'uchar' ? 1 : 2);

/** Planes of the size of the picture. */
function planesOf({ channels }: SharpHeader, chromaSubsampling: string | undefined): number {
  if (channels < 3) return 1;
  return chromaSubsampling === '4:2:0' ? channels - 1.5 : channels;
}

/** All coefficients, two bytes each, where they come in several scans. */
const jpeg: Rule = (header) =>
  header.isProgressive ? pixelsOf(header) * planesOf(header, header.chromaSubsampling) * 2 : 0;

/** All samples, where they are interlaced. */
const png: Rule = (header) =>
  header.isProgressive ? pixelsOf(header) * header.channels * sampleBytes(header) : 0;

/** Four bytes a pixel, of a canvas or of what is not shrunk on the way, and alpha. */
const webp: Rule = (header, { isLossless = false }) =>
  isLossless || header.hasAlpha || (header.pages ?? 1) > 1 ? pixelsOf(header) * 5 : pixelsOf(header);

/** libnsgif's canvas, and libvips' copy of it. */
const gif: Rule = (header) => pixelsOf(header) * 8;

/** Three rows of tiles. */
const tiff: Rule = (header, { tile }) => {
  if (tile === undefined) return 0;
  const width = Math.ceil(header.width / tile.width) * tile.width;
  return width * tile.height * 3 * header.channels * sampleBytes(header);
};

/** libaom: 12 bytes of notes about each pixel, and then its frame; libheif: a copy of the frame. */
const heif: Rule = (header, { chromaSubsampling }) => {
  const planes = 2 * planesOf({ ...header, channels: 3 }, chromaSubsampling) + (header.hasAlpha ? 1 : 0);
  return pixelsOf(header) * (14 + planes * ((header.bitsPerSample ?? 8) > 8 ? 2 : 1));
};

const RULES: Partial<Record<ImageFormat, Rule>> = { jpeg, png, webp, gif, tiff, avif: heif, heic: heif };

/** In bytes. */
export function decodingMemory(format: ImageFormat, header: SharpHeader, how: StoredHow): number {
  return RULES[format]?.(header, how) ?? 0;
}
