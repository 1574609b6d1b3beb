// PNG: sizes that nobody has memory for, text that unpacks without end, chunks without number.
import { deflateSync } from 'node:zlib';
import { actl, chunk, fctl, iend, ihdr, png, u32 } from '../image/formats/png/png-builder.ts';
import { type Attack, attacksOn, many, repeated } from './attack.ts';
import { zlibOfZeros } from './zlib-bombs.ts';

type Picture = Parameters<typeof ihdr>[0];
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** All zeros, as large as it says, interlaced or not. */
function solid({ width = 8000, height = 8000, depth = 8, type = 6, interlace = 0 }: Picture = {}): Buffer {
  const rowBytes = (columns: number) => Math.ceil((columns * depth * (CHANNELS[type] ?? 1)) / 8) + 1;
  // Adam7: the offset and the step of columns and rows in each of its passes (PNG 3rd ed., 8.1).
  const passes: [x: number, y: number, dx: number, dy: number][] =
    interlace === 0
      ? [[0, 0, 1, 1]]
      : [
          [0, 0, 8, 8],
          [4, 0, 8, 8],
          [0, 4, 4, 8],
          [2, 0, 4, 4],
          [0, 2, 2, 4],
          [1, 0, 2, 2],
          [0, 1, 1, 2],
        ];
  const bytes = passes.reduce(
    (sum, [x, y, dx, dy]) => sum + Math.ceil((height - y) / dy) * rowBytes(Math.ceil((width - x) / dx)),
    0,
  );
  const palette = type === 3 ? chunk('PLTE', [1, 2, 3]) : Buffer.alloc(0);
  const head = ihdr({ width, height, depth, type, interlace });
  return png(head, palette, chunk('IDAT', zlibOfZeros(bytes)), iend);
}

const DATA = chunk('IDAT', deflateSync(Buffer.alloc(4 * 16)));
const with5by4 = (...chunks: Buffer[]) => png(ihdr(), ...chunks, DATA, iend);
const HUNDRED_MB = 100_000_000;
const zeros = (count = HUNDRED_MB) => zlibOfZeros(count);
const lengthOf = (length: number) => Buffer.concat([u32(length), Buffer.from('tEXta\0b', 'latin1')]);

export const PNG_ATTACKS: Attack[] = attacksOn('png', [
  ['claims 2³¹ − 1 squared', () => png(ihdr({ width: 0x7fffffff, height: 0x7fffffff }), DATA, iend)],
  ['claims 2³² − 1 squared', () => png(ihdr({ width: 0xffffffff, height: 0xffffffff }), DATA, iend)],
  ['claims no size at all', () => png(ihdr({ width: 0, height: 0 }), DATA, iend)],
  ['64 MP of RGBA', () => solid(), 'bomb'],
  ['64 MP of RGBA, 16 bits', () => solid({ depth: 16 }), 'bomb'],
  ['64 MP of RGBA, 16 bits, interlaced', () => solid({ depth: 16, interlace: 1 }), 'bomb'],
  ['64 MP of RGB, interlaced', () => solid({ type: 2, interlace: 1 }), 'bomb'],
  ['64 MP of one bit', () => solid({ depth: 1, type: 0 }), 'bomb'],
  ['64 MP of a palette, interlaced', () => solid({ depth: 1, type: 3, interlace: 1 }), 'bomb'],
  ['25 MP of gray, interlaced', () => solid({ width: 5000, height: 5000, type: 0, interlace: 1 }), 'bomb'],
  ['400 MP of one bit', () => solid({ width: 20_000, height: 20_000, depth: 1, type: 0 }), 'bomb'],
  ['one row of 60 million', () => solid({ width: 60_000_000, height: 1 }), 'bomb'],
  ['one column of 60 million', () => solid({ width: 1, height: 60_000_000 }), 'bomb'],
  ['fewer pixels than claimed', () => png(ihdr({ width: 8000, height: 8000 }), DATA, iend), 'bomb'],
  ['far more pixels than claimed', () => png(ihdr(), chunk('IDAT', zeros()), iend), 'bomb'],
  ['zTXt of 100 MB', () => with5by4(chunk('zTXt', 'Comment\0\0', zeros())), 'bomb'],
  ['iTXt of 100 MB', () => with5by4(chunk('iTXt', 'XML:com.adobe.xmp\0\x01\0\0\0', zeros())), 'bomb'],
  ['iCCP of 100 MB', () => with5by4(chunk('iCCP', 'profile\0\0', zeros())), 'bomb'],
  ['a raw profile of 100 MB', () => with5by4(chunk('zTXt', 'Raw profile type exif\0\0', zeros())), 'bomb'],
  [
    '900 texts that each unpack to a little less than 1 MB',
    () => with5by4(many(900, (index) => chunk('zTXt', `Text ${index}\0\0`, zeros(1_000_000)))),
    'bomb',
  ],
  [
    '900 raw profiles of a little less than 1 MB',
    () => with5by4(many(900, () => chunk('zTXt', 'Raw profile type exif\0\0', zeros(1_000_000)))),
    'bomb',
  ],
  [
    'a raw profile that claims 4 GB',
    () => with5by4(chunk('tEXt', `Raw profile type exif\0\nexif\n4294967295\n${'00'.repeat(100)}\n`)),
  ],
  [
    'a raw profile of 20 MB of blanks',
    () => with5by4(chunk('tEXt', 'Raw profile type exif\0\nexif\n      10\n', Buffer.alloc(20_000_000, ' '))),
  ],
  ['1,001 chunks', () => with5by4(repeated(chunk('tEXt', 'a\0b'), 1001))],
  ['200,000 chunks', () => with5by4(repeated(chunk('tEXt', 'a\0b'), 200_000))],
  ['a million empty IDATs', () => png(ihdr(), repeated(chunk('IDAT'), 1_000_000), DATA, iend)],
  [
    '900 texts of 20 kB',
    () => with5by4(many(900, (at) => chunk('tEXt', `Text ${at}\0`, 'x'.repeat(20_000)))),
  ],
  ['one text of 30 MB', () => with5by4(chunk('tEXt', 'Comment\0', Buffer.alloc(30_000_000, 'x')))],
  ['eXIf of 30 MB of ones', () => with5by4(chunk('eXIf', 'MM\0*\0\0\0\x08', Buffer.alloc(30_000_000, 0xff)))],
  ['a chunk that claims 2³¹ − 1 bytes', () => with5by4(lengthOf(0x7fffffff))],
  ['a chunk that claims 2³² − 1 bytes', () => with5by4(lengthOf(0xffffffff))],
  ['a palette of 700 kB', () => with5by4(chunk('PLTE', Buffer.alloc(699_999)))],
  ['2³² − 1 frames', () => with5by4(actl(0xffffffff, 0xffffffff), repeated(fctl(65_535, 0), 5000))],
  ['no picture behind its header', () => png(ihdr())],
  ['headers again and again', () => png(repeated(ihdr(), 5000), DATA, iend)],
]);
