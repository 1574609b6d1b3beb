// Compressed texts and profiles of a PNG, and how much of them one file may have.
import { textLimit, warnOnce } from '../../header.ts';
import { decompress, MAX_TEXT_BYTES } from '../decompress.ts';
import type { Png } from './png-chunk.ts';

/** Largest sum of all texts of a file. */
export const MAX_TEXT_BYTES_PER_FILE = 4 * MAX_TEXT_BYTES;

/** Undefined with a warning where it is too long or no zlib stream. */
export function inflateText(compressed: Uint8Array, png: Png): Uint8Array | undefined {
  const maxBytes = Math.min(MAX_TEXT_BYTES, png.textBytesLeft);
  if (maxBytes <= 0) {
    warnOnce(png.header, textLimit('file'));
    return undefined;
  }
  const text = inflate(compressed, 'file', png, maxBytes);
  // What was too long has cost as much as it may.
  png.textBytesLeft -= text?.length ?? maxBytes;
  return text;
}

/** Apple's kind of PNG has no headers of zlib. */
export function inflate(
  compressed: Uint8Array,
  field: string,
  { header, seen }: Png,
  maxBytes = MAX_TEXT_BYTES,
): Uint8Array | undefined {
  return decompress(compressed, seen.has('CgBI') ? 'deflate-raw' : 'deflate', header, { field, maxBytes });
}
