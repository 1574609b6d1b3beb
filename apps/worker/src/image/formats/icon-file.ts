// A whole PNG or JPEG 2000 as one picture of an icon (ICO, ICNS), with its own profile and texts.
import type { Bytes } from '../bytes.ts';
import { emptyHeader, type Header, type HeaderReader } from '../header.ts';
import { known } from '../known.ts';

export function isPng(bytes: Bytes, at: number): boolean {
  return bytes.is('\x89PNG\r\n\x1a\n', at);
}

export interface PngSize {
  width: number;
  height: number;
  bitsPerPixel: number;
}

/** From IHDR, which is the first chunk (PNG 3rd ed., 11.2.1). Undefined where the file ends before. */
export function pngSize(bytes: Bytes, at: number): PngSize | undefined {
  if (!bytes.has(at + 16, 10)) return undefined;
  const samples = [1, 0, 3, 1, 2, 0, 4][bytes.u8(at + 25)] ?? 0;
  return { width: bytes.u32(at + 16), height: bytes.u32(at + 20), bitsPerPixel: bytes.u8(at + 24) * samples };
}

/**
 * Takes over what the picture says about itself; how many pictures there are is the icon's own fact. What is found before the
 * picture's end stays.
 */
export function describeIconFile(read: HeaderReader, picture: Bytes, header: Header): void {
  const inner = emptyHeader();
  try {
    read(picture, inner);
  } finally {
    const { pages } = header.image;
    for (const section of ['image', 'encoding', 'compression', 'color', 'blocks'] as const) {
      // What the picture leaves open, the icon may have said.
      Object.assign(header[section], known<object>(inner[section]));
    }
    header.image.pages = pages;
    header.warnings.push(...inner.warnings);
  }
}
