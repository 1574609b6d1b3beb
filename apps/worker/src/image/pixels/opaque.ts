// Whether any pixel is transparent: one in a thousand vanishes when a picture shrinks, so opaque-looking ones are looked at in full.
import { sharp } from '../harden.ts';
import type { Decoded, SharpHeader } from './decode.ts';
import type { Raster } from './raster.ts';

/** Alpha is decoded once more, in full, up to this size; above it what looks opaque stays unknown. */
const MAX_EXACT_PIXELS = 16_000_000;

const OPAQUE = Buffer.alloc(65_536, 0xff);

/** undefined: not known. Full opacity is the largest value that a sample can have, 8 or 16 bits. */
export async function isOpaque(
  bytes: Uint8Array,
  header: SharpHeader,
  { raster, hasAlpha }: Decoded,
): Promise<boolean | undefined> {
  if (!hasAlpha) return true;
  if (hasTransparent(raster)) return false;
  const { width, height, depth } = header;
  const isReduced = width !== raster.width || height !== raster.height;
  if (!isReduced && depth === 'uchar') return true;
  if (width * height > MAX_EXACT_PIXELS) return;
  const alpha = await alphaOf(bytes, header).catch(() => undefined);
  return alpha && isAllOnes(alpha);
}

function hasTransparent({ rgba }: Raster): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return true;
  return false;
}

function alphaOf(bytes: Uint8Array, { depth }: SharpHeader): Promise<Buffer> {
  const alpha = sharp(bytes, {
    failOn: 'error',
    limitInputPixels: MAX_EXACT_PIXELS,
    pages: 1,
    ignoreIcc: true,
  });
  if (depth === 'uchar') return alpha.extractChannel('alpha').raw().toBuffer();
  return alpha.toColourspace('rgb16').extractChannel('alpha').raw({ depth: 'ushort' }).toBuffer();
}

function isAllOnes(data: Buffer): boolean {
  for (let at = 0; at < data.length; at += OPAQUE.length) {
    const end = Math.min(at + OPAQUE.length, data.length);
    if (data.compare(OPAQUE, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}
