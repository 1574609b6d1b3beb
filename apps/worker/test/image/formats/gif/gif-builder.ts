// GIF files by the byte, and what the reader makes of them.
import { readGif } from '../../../../src/image/formats/gif/gif.ts';
import type { Header } from '../../../../src/image/header.ts';
import { join, type Part, readWith } from '../byte-builder.ts';

/** Colours 0, 1, 2, … whose red is their index. */
const palette = (bits: number) =>
  Buffer.from(Array.from({ length: 2 ** bits }, (_, index) => [index, 0xbb, 0xcc]).flat());

/** 300 × 200, two bits, unless told otherwise. */
export const screen = ({ version = '89a', bits = 2, background = 1, width = 300 } = {}) =>
  join(
    `GIF${version}`,
    [width & 0xff, width >> 8, 200, 0, bits === 0 ? 0 : 0x80 + bits - 1, background, 0],
    bits === 0 ? '' : palette(bits),
  );

/** Part in sub-blocks of at most `size` bytes. */
export function subBlocks(data: Part, size = 255): Buffer {
  const all = join(data);
  const parts: Part[] = [];
  for (let at = 0; at < all.length; at += size) {
    const part = all.subarray(at, at + size);
    parts.push([part.length], part);
  }
  return join(...parts, [0]);
}

export const frame = ({ interlaced = false, bits = 0, codeBits = 2 } = {}) =>
  join(
    [0x2c, 0, 0, 0, 0, 5, 0, 4, 0, (interlaced ? 0x40 : 0) + (bits === 0 ? 0 : 0x80 + bits - 1)],
    bits === 0 ? '' : palette(bits),
    [codeBits],
    subBlocks('pixels', 4),
  );

export const control = (delay: number, { disposal = 0, transparent = false } = {}) =>
  join([0x21, 0xf9, 4, (disposal << 2) + (transparent ? 1 : 0), delay & 0xff, delay >> 8, 3, 0]);

export const application = (name: string, blocks: Part) => join([0x21, 0xff, 11], name, blocks);
export const loop = (repetitions: number, name = 'NETSCAPE2.0') =>
  application(name, subBlocks([1, repetitions & 0xff, repetitions >> 8]));
export const comment = (text: Part, size?: number) => join([0x21, 0xfe], subBlocks(text, size));

export const TRAILER = Buffer.from([0x3b]);
export const gif = (...blocks: Buffer[]) => join(screen(), ...blocks, TRAILER);

export const read = (bytes: Uint8Array): Header => readWith(readGif, bytes);
