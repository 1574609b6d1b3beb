// Attacks on formats that are seldom seen.
import { be16, be32, join, le16, le32, zeros } from '../image/formats/byte-builder.ts';
import { type Attack, attacksOn, many, repeated } from './attack.ts';
import { fits } from './seeds-of-rare-formats.ts';

const M = 1_000_000;
const MAX = 0xffffffff;
const ones = (count: number) => Buffer.alloc(count, 0xff);

const CRW_HEAD = join('II', le32(26), 'HEAPCCDR', zeros(12));
const record = (type: number, length: number, at: number) => join(le16(type), le32(length, at));
/** Every record is the heap itself. */
const heapOfItself = (count: number) => {
  const length = 2 + count * 10 + 4;
  return join(CRW_HEAD, le16(count), repeated(record(0x2807, length, 0), count), le32(0));
};

const block = (name: string, length: number) => join(name, be32(length));
const property = (type: number, length: number) => be32(type, length);
const XCF_HEAD = join('gimp xcf v011\0', be32(MAX, MAX, 2, 150));
const chunk = (type: string) => join(be32(0), type, zeros(4));

export const RARE_ATTACKS: Attack[] = [
  ...attacksOn('crw', [
    ['1,000 heaps that are themselves', () => heapOfItself(1000)],
    ['65,535 heaps that are themselves', () => heapOfItself(65_535)],
    ['a heap of 4 GB', () => join(CRW_HEAD, le16(65_535), ones(500))],
  ]),
  ...attacksOn('mrw', [
    ['a million blocks', () => join('\0MRM', be32(8 * M), repeated(block('\0PAD', 0), M))],
    [
      'blocks of tags again and again',
      () => join('\0MRM', be32(8 * M), repeated(join(block('\0TTW', 8), 'MM\0*', be32(8)), 100_000)),
    ],
    ['a block of 4 GB', () => join('\0MRM', be32(MAX), block('\0PRD', MAX), ones(99))],
  ]),
  ...attacksOn('x3f', [
    [
      '2³² − 1 sections at one place',
      () =>
        join(
          'FOVb',
          le16(2, 2),
          ones(100),
          'SECd',
          le32(0x20000, MAX),
          repeated(le32(8, MAX, 0), 5000),
          le32(108),
        ),
    ],
    ['a directory that is the file', () => join('FOVb', le16(2, 2), ones(100), le32(0))],
  ]),
  ...attacksOn('jxr', [
    [
      'a directory that leads to itself',
      () => join('II\xbc\x01', le32(8), le16(1), record(0xbc80, MAX, MAX), le32(8)),
    ],
    [
      '65,535 entries',
      () =>
        join(
          'II\xbc\x01',
          le32(8),
          le16(65_535),
          many(65_535, (tag) => join(le16(tag, 1), le32(100_000, 8))),
          zeros(100_000),
        ),
    ],
  ]),
  ...attacksOn('xcf', [
    ['a million properties', () => join(XCF_HEAD, repeated(property(17, 0), M))],
    ['2³² − 1 colours', () => join(XCF_HEAD, property(1, 4), be32(MAX))],
    [
      'a million parasites',
      () => join(XCF_HEAD, property(21, 13 * M), repeated(join(be32(1), 0, be32(0, 0)), M)),
    ],
    ['parasites of 4 GB', () => join(XCF_HEAD, property(21, MAX), be32(MAX, MAX, MAX))],
  ]),
  ...attacksOn('fits', [
    ['a hundred thousand cards', () => Buffer.alloc(8 * M, 'SIMPLE  =                    T'.padEnd(80))],
    [
      'claims 10³⁰⁸ of everything',
      () => fits({ BITPIX: '1e308', NAXIS: '1e308', NAXIS1: '9007199254740991', NAXIS2: '9007199254740991' }),
    ],
    ['half a bit', () => fits({ BITPIX: 0.5, NAXIS: 2, NAXIS1: 9, NAXIS2: 9 })],
    ['blanks of 30 MB', () => join('SIMPLE  = ', Buffer.alloc(30 * M, ' '))],
  ]),
  ...attacksOn('dpx', [['ones everywhere', () => join('SDPX', ones(4), 'V', ones(5000))]]),
  ...attacksOn('jng', [
    ['a million chunks', () => join('\x8bJNG\r\n\x1a\n', repeated(chunk('JHDR'), M))],
    [
      'a chunk of 4 GB',
      () => join('\x8bJNG\r\n\x1a\n', be32(16), 'JHDR', be16(0, 9, 0, 9), ones(16), be32(MAX), 'JDAT'),
    ],
  ]),
];
