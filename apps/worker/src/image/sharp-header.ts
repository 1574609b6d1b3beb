// What libvips reads from a header, by sharp: for files whose own reader found no size.
import type { ImageFormat } from '@tintype/core/contract';
import { sharp } from './harden.ts';
import type { Header } from './header.ts';

export const SHARP_VERSIONS = { sharp: sharp.versions.sharp ?? '', libvips: sharp.versions.vips ?? '' };

const READABLE: ReadonlySet<ImageFormat> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic']);

/** Adds the size to a header that has none. Answers whether it did. */
export async function readSizeBySharp(
  bytes: Uint8Array,
  format: ImageFormat,
  header: Header,
): Promise<boolean> {
  if (!READABLE.has(format)) return false;
  try {
    // A header is cheap whatever it claims: the limit on pixels belongs where pixels are decoded.
    const { width, height } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
    header.image.storedWidth = width;
    header.image.storedHeight = height;
    return true;
  } catch {
    return false;
  }
}
