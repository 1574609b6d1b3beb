import t from 'tap';
import { Bytes } from '../../../src/image/bytes.ts';
import { numberAt, numberOf, numbersOf, openTiff, readIfd, startWalk } from '../../../src/image/tags/ifd.ts';
import { ASCII, type Field, LONG, LONG8, RATIONAL, SHORT, type TiffOptions, tiff } from '../tiff-builder.ts';

const WIDTH = 0x0100;

function read(bytes: Uint8Array) {
  const stream = openTiff(new Bytes(bytes));
  if (stream === undefined) return undefined;
  const walk = startWalk(stream);
  return { stream, walk, ifd: readIfd(walk, stream.firstIfd) };
}

const VARIANTS: [string, TiffOptions][] = [
  ['little-endian', {}],
  ['big-endian', { littleEndian: false }],
  ['little-endian BigTIFF', { big: true }],
  ['big-endian BigTIFF', { big: true, littleEndian: false }],
  ['RW2', { magic: 0x55 }],
  ['ORF IIRO', { magic: 0x4f52 }],
  ['ORF IIRS', { magic: 0x5352 }],
  ['ORF MMOR', { magic: 0x4f52, littleEndian: false }],
];

for (const [name, options] of VARIANTS) {
  t.test(`${name}: values inside and outside of the directory`, async (t) => {
    const bytes = tiff(
      [
        [
          [WIDTH, SHORT, [640]],
          [0x0102, SHORT, [8, 8, 8, 8, 8]],
        ],
        [[WIDTH, LONG, [70_000]]],
      ],
      options,
    );
    const { stream, walk, ifd } = read(bytes) ?? {};
    if (!stream || !walk || !ifd) return void t.fail('has a directory');
    t.equal(stream.littleEndian, options.littleEndian ?? true);
    t.equal(numberOf(stream, ifd, WIDTH), 640);
    t.same(numbersOf(stream, ifd, 0x0102, 9), [8, 8, 8, 8, 8]);
    t.same(numbersOf(stream, ifd, 0x0102, 2), [8, 8], 'no more than asked for');
    const second = readIfd(walk, ifd.next);
    t.equal(second && numberOf(stream, second, WIDTH), 70_000);
    t.equal(second?.next, 0);
  });
}

const minus = (bits: number) => 2 ** bits - 1;
const TYPES: [string, number, number[], (number | undefined)[]][] = [
  ['BYTE', 1, [255], [255]],
  ['ASCII', 2, [65], [undefined]],
  ['SHORT', 3, [65535], [65535]],
  ['LONG', 4, [minus(32)], [minus(32)]],
  ['RATIONAL', 5, [1, 4, 1, 0, 0, 0], [0.25, undefined, undefined]],
  ['SBYTE', 6, [-1], [-1]],
  ['UNDEFINED', 7, [7], [7]],
  ['SSHORT', 8, [-2], [-2]],
  ['SLONG', 9, [-3], [-3]],
  ['SRATIONAL', 10, [-1, 2, 0, -5], [-0.5, 0]],
  ['DOUBLE', 12, [1.5, Number.NaN], [1.5, undefined]],
  ['IFD', 13, [8], [8]],
  ['LONG8', 16, [2 ** 40], [2 ** 40]],
  ['SLONG8', 17, [-4], [-4]],
  ['IFD8', 18, [16], [16]],
];

for (const [name, type, stored, wanted] of TYPES) {
  t.test(`field type ${name}`, async (t) => {
    for (const options of [{}, { littleEndian: false }, { big: true }]) {
      const { stream, ifd } = read(tiff([[[0x0111, type, stored]]], options)) ?? {};
      const entry = ifd?.entries.get(0x0111);
      if (!stream || !entry) return void t.fail('there');
      const numbers = wanted.map((_, index) => numberAt(stream, entry, index));
      t.strictSame(numbers, wanted);
      t.equal(numberAt(stream, entry, wanted.length), undefined, 'nothing beyond the count');
      t.ok(
        numbers.every((number) => !Object.is(number, -0)),
        'no minus zero',
      );
    }
  });
}

t.test('an entry that can not be read loses no other', async (t) => {
  const good: Field[] = [
    [WIDTH, LONG, [1]],
    [0x0110, ASCII, 'a camera'],
    [0x0112, SHORT, [6]],
    [0x011a, RATIONAL, [72, 1]],
  ];
  const entry = (index: number) => 8 + 2 + 12 * index;
  const breakage: [string, (bytes: Buffer) => void, number][] = [
    ['a value behind the end', (bytes) => bytes.writeUInt32LE(1 << 20, entry(1) + 8), 0x0110],
    ['a count that no file holds', (bytes) => bytes.writeUInt32LE(0xffffffff, entry(3) + 4), 0x011a],
    ['a type that does not exist', (bytes) => bytes.writeUInt16LE(14, entry(2) + 2), 0x0112],
    ['type 0', (bytes) => bytes.writeUInt16LE(0, entry(0) + 2), WIDTH],
  ];
  for (const [name, breakIt, tag] of breakage) {
    const bytes = tiff([good]);
    breakIt(bytes);
    const { ifd } = read(bytes) ?? {};
    t.same(ifd?.unreadable, [tag], name);
    t.same(
      [...(ifd?.entries.keys() ?? [])],
      good.map(([one]) => one).filter((one) => one !== tag),
      name,
    );
  }
});

t.test('of a tag that stands twice, the first', async (t) => {
  const { stream, ifd } =
    read(
      tiff([
        [
          [WIDTH, LONG, [1]],
          [WIDTH, LONG, [2]],
        ],
      ]),
    ) ?? {};
  t.equal(stream && ifd && numberOf(stream, ifd, WIDTH), 1);
});

t.test('what is no TIFF', async (t) => {
  const no: [string, string][] = [
    ['nothing', ''],
    ['half a header', 'II*\0\x08'],
    ['another order', 'IM*\0\x08\0\0\0'],
    ['another magic', 'II\x2c\0\x08\0\0\0'],
    ['BigTIFF with offsets of four bytes', 'II+\0\x04\0\0\0\x10\0\0\0\0\0\0\0'],
    ['half a header of BigTIFF', 'II+\0\x08\0\0\0\x10\0\0\0'],
  ];
  for (const [name, text] of no) t.equal(read(Buffer.from(text, 'latin1')), undefined, name);
});

t.test('a directory that is not there', async (t) => {
  for (const offset of [0, 4, 100, 0xffffffff]) {
    const bytes = tiff([[[WIDTH, LONG, [1]]]]);
    bytes.writeUInt32LE(offset, 4);
    const { ifd, walk } = read(bytes) ?? {};
    t.equal(ifd, undefined, `at ${offset}`);
    t.equal(walk?.cut, offset >= 100, `at ${offset}`);
  }
});

t.test('a directory that is cut keeps the entries that are there', async (t) => {
  const bytes = tiff([
    [
      [WIDTH, LONG, [1]],
      [0x0101, LONG, [2]],
      [0x0112, SHORT, [1]],
    ],
  ]);
  const { ifd, walk } = read(bytes.subarray(0, 8 + 2 + 12 * 2 + 5)) ?? {};
  t.equal(ifd?.entries.size, 2);
  t.equal(ifd?.next, 0);
  t.equal(walk?.cut, true);
});

t.test('no directory is read twice', async (t) => {
  const { walk, stream, ifd } = read(tiff([[[WIDTH, LONG, [1]]]])) ?? {};
  if (!walk || !stream) return void t.fail('opens');
  t.ok(ifd);
  t.equal(readIfd(walk, stream.firstIfd), undefined);
});

t.test('limits: directories, entries of one, entries of all', async (t) => {
  const many = Array.from({ length: 1100 }, (_, index): Field => [index, SHORT, [1]]);
  const one = read(tiff([many]));
  t.equal(one?.ifd?.entries.size, 1000);
  t.equal(one?.walk.limited, true);

  // Directories of 1,000 entries that overlap: 3,000 of them in 20 kB.
  const overlapping = Buffer.alloc(20_000);
  overlapping.write('II*\0\x08\0\0\0', 'latin1');
  for (let at = 8; at < overlapping.length; at += 4) overlapping.writeUInt32LE(0x000303e8, at);
  const hostile = read(overlapping);
  let found = 0;
  for (let at = 12; at < 6_000 && hostile; at += 2) if (readIfd(hostile.walk, at)) found += 1;
  t.ok(found < 1000, `${found} directories`);
  t.equal(hostile?.walk.limited, true);
});

t.test('BigTIFF: counts beyond what numbers can be', async (t) => {
  const bytes = tiff(
    [
      [
        [WIDTH, LONG8, [1]],
        [0x0111, LONG8, [1, 2]],
      ],
    ],
    { big: true },
  );
  bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 16 + 8 + 20 + 4);
  const { ifd } = read(bytes) ?? {};
  t.same(ifd?.unreadable, [0x0111]);
  bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 16);
  t.equal(read(bytes)?.walk.cut, true);
});

t.test('every prefix is read or is none', async (t) => {
  const bytes = tiff([
    [
      [WIDTH, LONG, [1]],
      [0x0110, ASCII, 'a camera'],
      [0x011a, RATIONAL, [72, 1]],
    ],
  ]);
  for (let length = 0; length < bytes.length; length += 1) {
    const { ifd } = read(bytes.subarray(0, length)) ?? {};
    for (const { at, byteLength } of ifd?.entries.values() ?? []) {
      if (at + byteLength > length) t.fail(`a value at ${at} in ${length} bytes`);
    }
  }
  t.equal(read(bytes)?.ifd?.unreadable.length, 0);
});
