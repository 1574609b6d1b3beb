// GIF: canvases larger than any memory, frames and sub-blocks without number.

import { join, le16 } from '../image/formats/byte-builder.ts';
import { control, frame, loop, screen, subBlocks, TRAILER } from '../image/formats/gif/gif-builder.ts';
import { type Attack, attacksOn, repeated } from './attack.ts';

const head = (width: number, height: number) =>
  join('GIF89a', le16(width, height), [0x80, 0, 0], Buffer.alloc(6));
/** In sub-blocks as large as they can be; what does not fill one is left out. */
const long = (byte: number, blocks: number) => join(repeated(join(255, Buffer.alloc(255, byte)), blocks), 0);
const comment = (data: Buffer) => join([0x21, 0xfe], data);
const image = (width: number, height: number, data: Buffer) =>
  join([0x2c], le16(0, 0, width, height), 0, 2, data);
/** Clears again and again: codes of three bits, 100 and then 000. */
const CLEARS = subBlocks(repeated(Buffer.from([0b0000_0100, 0b0000_0001]), 100));
const ONE_PIXEL = image(1, 1, subBlocks([0x44, 0x01]));
const gif = (...parts: Buffer[]) => join(...parts, TRAILER);

export const GIF_ATTACKS: Attack[] = attacksOn('gif', [
  ['a canvas of 65,535 squared', () => gif(head(65_535, 65_535), ONE_PIXEL), 'bomb'],
  ['a canvas of 64 MP', () => gif(head(8000, 8000), ONE_PIXEL), 'bomb'],
  ['a canvas of 20 MP', () => gif(head(5000, 4000), ONE_PIXEL), 'bomb'],
  [
    'a frame of 65,535 squared on a tiny canvas',
    () => gif(head(2, 2), image(65_535, 65_535, CLEARS)),
    'bomb',
  ],
  ['a frame of 64 MP on a tiny canvas', () => gif(head(2, 2), image(8000, 8000, CLEARS)), 'bomb'],
  ['a canvas of nothing', () => gif(head(0, 0), ONE_PIXEL)],
  ['10,000 frames', () => gif(head(8, 8), repeated(ONE_PIXEL, 10_000))],
  ['a million frames', () => gif(head(8, 8), repeated(ONE_PIXEL, 1_000_000)), 'bomb'],
  [
    '100,000 frames on 20 MP',
    () => gif(head(5000, 4000), repeated(join(control(1), ONE_PIXEL), 100_000)),
    'bomb',
  ],
  [
    '100,000 frames of 20 MP',
    () => gif(head(5000, 4000), repeated(image(5000, 4000, CLEARS), 10_000)),
    'bomb',
  ],
  ['a million comments', () => gif(head(8, 8), repeated(comment(join(1, 'x', 0)), 1_000_000), ONE_PIXEL)],
  ['a comment of 30 MB', () => gif(head(8, 8), comment(long(0x78, 120_000)), ONE_PIXEL)],
  [
    'a comment in sub-blocks of one byte',
    () => gif(head(8, 8), comment(join(repeated(join(1, 'x'), 1_000_000), 0)), ONE_PIXEL),
  ],
  ['30 MB of separators', () => gif(head(8, 8), Buffer.alloc(30_000_000, 0x2c))],
  ['30 MB of extensions', () => gif(head(8, 8), Buffer.alloc(30_000_000, 0x21))],
  ['30 MB of zeros', () => gif(head(8, 8), Buffer.alloc(30_000_000))],
  ['loops without number', () => gif(screen(), repeated(loop(0), 100_000), frame())],
  [
    'codes of 255 bits',
    () => gif(head(8, 8), join([0x2c], le16(0, 0, 8, 8), 0, 255, subBlocks(Buffer.alloc(999)))),
  ],
]);
