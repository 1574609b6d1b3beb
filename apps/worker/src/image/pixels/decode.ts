// The one decode that all pixel facts share: sharp, shrinking while it loads, to a small picture in sRGB with alpha.
import type { Sharp, Metadata as SharpMetadata, SharpOptions } from 'sharp';
import { sharp } from '../harden.ts';
import type { Raster } from './raster.ts';

/** Long side of the small picture: the most that ThumbHash takes. */
export const RASTER_SIDE = 100;

/** sharp's own reading of the header, for decisions here and cross-checks elsewhere; of AVIF and HEIC the size is the displayed one. */
export type SharpHeader = Pick<
  SharpMetadata,
  | 'format'
  | 'width'
  | 'height'
  | 'space'
  | 'channels'
  | 'depth'
  | 'bitsPerSample'
  | 'hasAlpha'
  | 'hasProfile'
  | 'orientation'
  | 'pages'
  | 'compression'
  | 'isProgressive'
  | 'chromaSubsampling'
>;

/** Shrinking averages: a kernel that overshoots would make up colours, and alpha below 255. */
const SHRINK = { fit: 'inside', withoutEnlargement: true, kernel: 'linear' } as const;

export interface Decoded {
  raster: Raster;
  hasAlpha: boolean;
}

/** Reads no pixels, so no size is too large. @throws Error of libvips, whose text is not for users */
export function readSharpHeader(bytes: Uint8Array): Promise<SharpHeader> {
  return sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
}

/** @throws Error of libvips, whose text is not for users */
export async function decode(
  bytes: Uint8Array,
  header: SharpHeader,
  options: Pick<SharpOptions, 'failOn' | 'limitInputPixels'>,
): Promise<Decoded> {
  const small = sharp(bytes, { ...options, pages: 1 }).resize(RASTER_SIDE, RASTER_SIDE, SHRINK);
  return toRaster(convertsLate(header) ? await takeProfileAlong(small) : small);
}

/**
 * Whether colours are converted after shrinking. sharp does it before: where nothing shrinks on load that doubles the time, and 16-bit
 * pictures come out in Display P3 instead of sRGB.
 */
function convertsLate({ format, space, hasProfile }: SharpHeader): boolean {
  const shrinksOnLoad = format === 'jpeg' || format === 'webp';
  return hasProfile && !shrinksOnLoad && (space === 'srgb' || space === 'rgb16');
}

/** The small picture as a PNG that still has the profile of the large one. */
async function takeProfileAlong(small: Sharp): Promise<Sharp> {
  return sharp(await small.keepIccProfile().png({ compressionLevel: 0 }).toBuffer());
}

async function toRaster(small: Sharp): Promise<Decoded> {
  const { data, info } = await small.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    raster: { width, height, rgba: toRgba(data, channels) },
    hasAlpha: channels === 2 || channels === 4,
  };
}

/** From gray, gray and alpha, RGB or RGBA. */
function toRgba(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 4) return data;
  const pixels = data.length / channels;
  const rgba = new Uint8Array(pixels * 4);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let pixel = 0, from = 0, to = 0; pixel < pixels; pixel += 1, from += channels, to += 4) {
    rgba[to] = data[from] ?? 0;
    rgba[to + 1] = data[from + green] ?? 0;
    rgba[to + 2] = data[from + blue] ?? 0;
    rgba[to + 3] = channels === 2 ? (data[from + 1] ?? 0) : 255;
  }
  return rgba;
}
