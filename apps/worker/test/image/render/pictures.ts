// Pictures of every kind that is rendered, made by formula, and what compares pixels.
import type { Sharp } from 'sharp';
import { sharp } from '../../../src/image/harden.ts';

export const WIDTH = 120;
export const HEIGHT = 80;

/** No two corners alike, and something to find: a red spot to the right. */
function pixels(phase = 0): Sharp {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let at = 0; at < WIDTH * HEIGHT; at += 1) {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    const isSpot = (x - 90) ** 2 + (y - 30) ** 2 < 144;
    const shade = 128 + 60 * Math.sin((x + phase) / 17) + 40 * Math.cos(y / 9);
    data.set(isSpot ? [230, 20 + (x % 9), 30] : [shade, 40 + x, 220 - y * 2], at * 3);
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

/** A round picture on nothing. */
function onNothing(image: Sharp): Sharp {
  const alpha = Buffer.alloc(WIDTH * HEIGHT);
  for (let at = 0; at < alpha.length; at += 1) {
    const away = Math.hypot((at % WIDTH) - 60, Math.floor(at / WIDTH) - 40);
    alpha[at] = Math.max(0, Math.min(255, (45 - away) * 16));
  }
  return image.joinChannel(alpha, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
}

const DELAYS = [40, 120, 200];

async function animated(): Promise<Sharp> {
  const frames = DELAYS.map((_, index) =>
    onNothing(pixels(index * 20))
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(frames), { join: { animated: true } });
}

/** Of a picture whose tag says that it must be turned to be upright. */
const oriented = (orientation: number) =>
  pixels().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();

export const PICTURES = {
  opaque: () => pixels().png().toBuffer(),
  jpeg: () => pixels().jpeg({ quality: 95 }).toBuffer(),
  alpha: () => onNothing(pixels()).png().toBuffer(),
  webp: () => onNothing(pixels()).webp({ lossless: true }).toBuffer(),
  gray: () => pixels().grayscale().toColourspace('b-w').jpeg({ quality: 95 }).toBuffer(),
  deep: () => pixels().toColourspace('rgb16').png().toBuffer(),
  deepP3: () => pixels().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
  cmyk: () => pixels().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
  p3: () => pixels().withIccProfile('p3').png().toBuffer(),
  p3Jpeg: () => pixels().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(),
  tiff: () => onNothing(pixels()).tiff({ compression: 'lzw' }).toBuffer(),
  avif: () => pixels().avif({ quality: 90, effort: 0 }).toBuffer(),
  onItsSide: () => oriented(6),
  mirrored: () => oriented(2),
  transposed: () => oriented(5),
  upsideDown: () => oriented(3),
  gif: async () => (await animated()).gif({ delay: DELAYS, loop: 3 }).toBuffer(),
  animatedWebp: async () => (await animated()).webp({ lossless: true, delay: DELAYS, loop: 3 }).toBuffer(),
} satisfies Record<string, () => Promise<Buffer>>;

export type PictureName = keyof typeof PICTURES;

export const NAMES = Object.keys(PICTURES) as PictureName[];

export interface Pixels {
  width: number;
  height: number;
  /** RGBA, all frames one below the other. */
  data: Buffer;
}

export async function pixelsIn(file: Buffer): Promise<Pixels> {
  const image = sharp(file, { animated: true }).toColourspace('srgb').ensureAlpha().raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** The largest difference of two samples, where there is something to see; Infinity where sizes differ. */
export async function largestDifference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = [await pixelsIn(one), await pixelsIn(other)];
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let at = 0; at < a.data.length; at += 1) {
    const alpha = at | 3;
    const isSeen = at === alpha || (a.data[alpha] ?? 0) + (b.data[alpha] ?? 0) > 0;
    if (isSeen) largest = Math.max(largest, Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0)));
  }
  return largest;
}

/** Of all samples, as far as they can be seen: what two ways of rounding come to. */
export async function meanDifference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = [await pixelsIn(one), await pixelsIn(other)];
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY;
  const seen = ({ data }: Pixels, at: number) =>
    at % 4 === 3 ? (data[at] ?? 0) : ((data[at] ?? 0) * (data[at | 3] ?? 0)) / 255;
  let sum = 0;
  for (let at = 0; at < a.data.length; at += 1) sum += Math.abs(seen(a, at) - seen(b, at));
  return sum / a.data.length;
}
