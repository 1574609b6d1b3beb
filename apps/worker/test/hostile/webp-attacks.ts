// WebP: a few bytes for the largest picture there can be, canvases and chunks without end.
import sharp from 'sharp';
import { join, le32 } from '../image/formats/byte-builder.ts';
import { anim, anmf, chunk, riff, vp8x } from '../image/formats/webp/webp-builder.ts';
import { type Attack, attacksOn, many, repeated } from './attack.ts';
import { alphaChunk, losslessChunk } from './lossless-webp.ts';

/** A lossy picture of one colour; the chunk alone. */
async function lossy(width: number, height: number): Promise<Buffer> {
  const background = '#a35';
  const file = await sharp({ create: { width, height, channels: 3, background } })
    .webp({ effort: 0 })
    .toBuffer();
  return file.subarray(12);
}

const TINY = losslessChunk(4, 4);
const MAX_SIDE = 16_383;

export const WEBP_ATTACKS: Attack[] = attacksOn('webp', [
  ['38 bytes that become 1 GB', () => riff(losslessChunk(MAX_SIDE, MAX_SIDE)), 'bomb'],
  ['64 MP without loss', () => riff(losslessChunk(8000, 8000)), 'bomb'],
  ['30 MP without loss', () => riff(losslessChunk(6000, 5000)), 'bomb'],
  ['claims 2²⁴ squared', () => riff(vp8x(0x10, 2 ** 24, 2 ** 24), TINY), 'bomb'],
  [
    'a small canvas with the largest picture',
    () => riff(vp8x(0x10, 4, 4), losslessChunk(MAX_SIDE, MAX_SIDE)),
    'bomb',
  ],
  [
    '16 MP, opaque by an alpha channel of ones',
    async () => riff(vp8x(0x10, 4000, 4000), alphaChunk(), await lossy(4000, 4000)),
    'bomb',
  ],
  [
    '36 MP with alpha',
    async () => riff(vp8x(0x10, 6000, 6000), alphaChunk(), await lossy(6000, 6000)),
    'bomb',
  ],
  ['10,000 frames', () => riff(vp8x(0x12, 4, 4), anim(0), repeated(anmf(1, 0, TINY), 10_000))],
  [
    '100,000 frames on the largest canvas',
    () => riff(vp8x(0x12, MAX_SIDE, MAX_SIDE), anim(0), repeated(anmf(1, 0, TINY), 100_000)),
    'bomb',
  ],
  [
    '1,000 frames on 36 MP',
    () => riff(vp8x(0x12, 6000, 6000), anim(0), repeated(anmf(1, 0, TINY), 1000)),
    'bomb',
  ],
  [
    'a frame larger than it says',
    () => riff(vp8x(0x12, 4, 4), anim(0), anmf(1, 0, losslessChunk(MAX_SIDE, MAX_SIDE))),
    'bomb',
  ],
  ['a million chunks', () => riff(vp8x(0), repeated(chunk('UNKN', ''), 1_000_000), TINY)],
  ['XMP of 30 MB', () => riff(vp8x(4), TINY, chunk('XMP ', Buffer.alloc(30_000_000, '<x>')))],
  [
    'EXIF of 30 MB',
    () => riff(vp8x(8), TINY, chunk('EXIF', 'II*\0\x08\0\0\0', Buffer.alloc(30_000_000, 0xff))),
  ],
  ['a profile of 30 MB', () => riff(vp8x(0x20), chunk('ICCP', Buffer.alloc(30_000_000, 'acsp')), TINY)],
  [
    '700 profiles',
    () =>
      riff(
        vp8x(0x20),
        many(700, (at) => chunk('ICCP', Buffer.alloc(60_000, at))),
        TINY,
      ),
  ],
  ['a RIFF of 2³² − 1 bytes', () => join('RIFF', le32(0xffffffff), 'WEBP', TINY)],
  ['a RIFF of no bytes', () => join('RIFF', le32(0), 'WEBP', TINY)],
  ['a chunk of 2³² − 1 bytes', () => riff(join('VP8X', le32(0xffffffff), Buffer.alloc(10)), TINY)],
  ['a picture of no data', () => riff(chunk('VP8L', [0x2f], le32(0x0fffffff)))],
  ['a lossy picture of no data', () => riff(chunk('VP8 ', [0x10, 0, 0, 0x9d, 1, 0x2a], le32(0x3fff3fff)))],
]);
