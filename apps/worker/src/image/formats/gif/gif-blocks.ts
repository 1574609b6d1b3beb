// Sub-blocks of a GIF (GIF89a, 15): a byte with their length, as many bytes, and again, until a length of 0.
import type { Bytes } from '../../bytes.ts';

/** Behind the last sub-block. @throws EndOfBytes */
export function skipSubBlocks(bytes: Bytes, from: number): number {
  let at = from;
  for (;;) {
    const length = bytes.u8(at);
    at += 1 + length;
    if (length === 0) return at;
  }
}

/** What the sub-blocks hold, in one piece; undefined where that is more than `maxBytes`. @throws EndOfBytes */
export function joinSubBlocks(bytes: Bytes, from: number, maxBytes: number): Buffer | undefined {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = from; bytes.u8(at) > 0; at += 1 + bytes.u8(at)) {
    const part = bytes.slice(at + 1, bytes.u8(at));
    total += part.length;
    if (total > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, total);
}
