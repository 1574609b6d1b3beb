// TIFF: directories in circles, counts that no file holds, strips and tiles that unpack to very much.
import { be16, be32, join, le16, le32 } from '../image/formats/byte-builder.ts';
import { type Field, LONG, LONG8, SHORT, tiff } from '../image/tiff-builder.ts';
import { type Attack, attacksOn, repeated } from './attack.ts';
import { zlibOfZeros } from './zlib-bombs.ts';

const DEFLATE = 8;
const LZW = 5;
const JPEG = 7;

interface Picture {
  width?: number;
  height?: number;
  channels?: number;
  bits?: number;
  method?: number;
  data?: Uint8Array;
  rowsPerStrip?: number;
  more?: readonly Field[];
}

/** One strip of everything, unless told otherwise; later fields replace earlier ones. */
function picture(about: Picture = {}): Field[] {
  const { width = 16, height = 16, channels = 1, bits = 8, method = 1, data = Buffer.alloc(256) } = about;
  const fields: Field[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array(Math.min(channels, 1000)).fill(bits)],
    [259, SHORT, [method]],
    [262, SHORT, [channels >= 3 ? 2 : 1]],
    [273, LONG, { data }],
    [277, SHORT, [channels]],
    [278, LONG, [about.rowsPerStrip ?? height]],
    [279, LONG, [data.length]],
    ...(about.more ?? []),
  ];
  return [...new Map(fields.map((field) => [field[0], field])).values()].sort(
    ([one], [other]) => one - other,
  );
}

const file = (about: Picture = {}, options = {}) => tiff([picture(about)], options);
const without = (fields: Field[], ...tags: number[]) => fields.filter(([tag]) => !tags.includes(tag));
const tiled = (about: Picture, width: number, height: number, data: Uint8Array) =>
  tiff([
    without(
      picture({
        ...about,
        more: [
          [322, LONG, [width]],
          [323, LONG, [height]],
          [324, LONG, { data }],
          [325, LONG, [data.length]],
        ],
      }),
      273,
      278,
      279,
    ),
  ]);

const HEAD = 'II*\0\x08\0\0\0';
const entry = (tag: number, type: number, count: number, value: number) =>
  join(le16(tag, type), le32(count, value));
/** A directory at 8 whose next is where it is told. */
const directory = (next: number, ...entries: Buffer[]) =>
  join(HEAD, le16(entries.length), ...entries, le32(next));
const SIZE = [entry(256, 4, 1, 16), entry(257, 4, 1, 16)];

const DIRECTORY_BYTES = 2 + 12 + 4;

/** As many directories of one entry, each behind the other; the last one leads back to the first. */
function circle(count: number): Buffer {
  const all = repeated(join(le16(1), entry(256, 4, 1, 16), le32(8)), count);
  for (let at = DIRECTORY_BYTES - 4; at + 4 < all.length; at += DIRECTORY_BYTES)
    all.writeUInt32LE(at + 4 + 8, at);
  return join(HEAD, all);
}

const solid = (bytes: number) => zlibOfZeros(bytes);
const M = 1_000_000;

export const TIFF_ATTACKS: Attack[] = attacksOn('tiff', [
  ['a directory that leads to itself', () => directory(8, ...SIZE)],
  ['two directories in a circle', () => circle(2)],
  ['5,000 directories in a circle', () => circle(5000)],
  ['a million directories', () => join(circle(M).subarray(0, -4), le32(0)), 'bomb'],
  ['65,535 entries', () => directory(0, ...SIZE, repeated(entry(0x9000, 7, 4, 0), 65_533))],
  ['65,535 entries that are not there', () => join(HEAD, le16(65_535), ...SIZE)],
  [
    'a circle of sub-directories',
    () => directory(0, ...SIZE, entry(330, 4, 1, 8), entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8)),
  ],
  ['2³² − 1 sub-directories', () => directory(0, ...SIZE, entry(330, 4, 0xffffffff, 8))],
  [
    '5,000 sub-directories at one place',
    () => join(directory(0, ...SIZE, entry(330, 4, 5000, 60)), Buffer.alloc(14), repeated(le32(8), 5000)),
  ],
  ['2³² − 1 strips', () => directory(0, ...SIZE, entry(273, 4, 0xffffffff, 8), entry(279, 4, 0xffffffff, 8))],
  ['40 million strips in 64 MP', () => file({ width: 1, height: 60 * M, rowsPerStrip: 1 }), 'bomb'],
  ['strips of no rows', () => file({ rowsPerStrip: 0 })],
  ['strips of 2³² − 1 rows', () => file({ rowsPerStrip: 0xffffffff })],
  ['tiles of one pixel on 64 MP', () => tiled({ width: 8000, height: 8000 }, 1, 1, Buffer.alloc(16)), 'bomb'],
  ['tiles of 2³¹ squared', () => tiled({}, 0x80000000, 0x80000000, Buffer.alloc(16)), 'bomb'],
  [
    'tiles of 16 squared on 64 MP',
    () => tiled({ width: 8000, height: 8000 }, 16, 16, Buffer.alloc(256)),
    'bomb',
  ],
  [
    'one tile of 64 MP',
    () => tiled({ width: 8000, height: 8000, channels: 3, method: DEFLATE }, 8000, 8000, solid(192 * M)),
    'bomb',
  ],
  [
    'one tile of 400 MP for a tiny picture',
    () => tiled({ method: DEFLATE }, 20_000, 20_000, solid(400 * M)),
    'bomb',
  ],
  [
    'one strip of 64 MP',
    () => file({ width: 8000, height: 8000, channels: 3, method: DEFLATE, data: solid(192 * M) }),
    'bomb',
  ],
  [
    '64 MP of four channels of 16 bits',
    () => file({ width: 8000, height: 8000, channels: 4, bits: 16, method: DEFLATE, data: solid(512 * M) }),
    'bomb',
  ],
  [
    'one strip of 20 MP in planes',
    () =>
      file({
        width: 5000,
        height: 4000,
        channels: 3,
        method: DEFLATE,
        data: solid(20 * M),
        more: [[284, SHORT, [2]]],
      }),
    'bomb',
  ],
  [
    '64 MP of one bit',
    () => file({ width: 8000, height: 8000, bits: 1, method: DEFLATE, data: solid(8 * M) }),
    'bomb',
  ],
  ['1,000 channels', () => file({ width: 1000, height: 1000, channels: 1000 }), 'bomb'],
  ['65,535 channels of 65,535 bits', () => file({ channels: 65_535, bits: 65_535 }), 'bomb'],
  ['claims 2³² − 1 squared', () => file({ width: 0xffffffff, height: 0xffffffff }), 'bomb'],
  ['no size', () => file({ width: 0, height: 0 })],
  ['a row of 60 million', () => file({ width: 60 * M, height: 1, method: LZW }), 'bomb'],
  [
    'LZW of ones',
    () => file({ width: 8000, height: 8000, method: LZW, data: Buffer.alloc(M, 0xff) }),
    'bomb',
  ],
  [
    'JPEG of nonsense',
    () =>
      file({ method: JPEG, data: Buffer.alloc(9999, 0xff), more: [[347, 7, Buffer.alloc(60_000, 0xff)]] }),
  ],
  [
    'fax of nonsense',
    () => file({ width: 8000, height: 8000, bits: 1, method: 4, data: Buffer.alloc(M, 0x5a) }),
    'bomb',
  ],
  [
    'PackBits of 30 MB',
    () => file({ width: 5000, height: 5000, method: 32773, data: Buffer.alloc(900_000, 0x81) }),
    'bomb',
  ],
  ['every method there is not', () => file({ method: 65_000 })],
  [
    'BigTIFF of 2⁶³ entries',
    () => join('II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0', Buffer.alloc(8, 0x7f), Buffer.alloc(500)),
  ],
  [
    'BigTIFF with a directory at 2⁶⁴ − 1',
    () => join('MM\0+\0\x08\0\0', Buffer.alloc(8, 0xff), Buffer.alloc(500)),
  ],
  ['BigTIFF with 2⁶³ strips', () => file({ more: [[273, LONG8, [2 ** 62]]] }, { big: true })],
  ['a directory at its own header', () => join('II*\0', le32(0), Buffer.alloc(99))],
  ['a directory at the end', () => join('MM', be16(42), be32(0xfffffffe))],
  ['30 MB of ones', () => join(HEAD, Buffer.alloc(30 * M, 0xff))],
]);
