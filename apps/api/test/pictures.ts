// Pictures for tests that need one and nothing more.
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

const pixels = sharp({ create: { width: 4, height: 3, channels: 3, background: 'teal' } });

/** 4 × 3 pixels, a PNG. */
export const picture = await pixels.clone().png().toBuffer();

export function pictureIn(format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif'): Promise<Buffer> {
  return pixels.clone().toFormat(format).toBuffer();
}

/** Begins as a PNG and is noise from there on: exactly so many bytes. */
export function pictureOf(bytes: number): Buffer {
  return Buffer.concat([picture, randomBytes(bytes - picture.length)], bytes);
}
