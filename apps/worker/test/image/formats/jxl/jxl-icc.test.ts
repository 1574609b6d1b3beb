import t from 'tap';
import { undoPrediction } from '../../../../src/image/formats/jxl/jxl-icc-prediction.ts';
import { be16, be32, codes, join, zeros } from '../byte-builder.ts';
import { bits, choice, enumerated, type Field, flag, frame, imageHeader, read } from './jxl-builder.ts';

const light = be32(63190, 65536, 54061);
const curve = join('curv', be32(0, 1), be16(0x0233), be16(0));
const point = (x: number, y: number, z: number) => join('XYZ ', be32(0, x, y, z));
const description = join('desc', be32(0, 21), 'Tintype test profile', 0, zeros(57));

/** A profile as small as they get: one curve for all colours. */
function profile(): Buffer {
  const parts: [tag: string, content: Buffer][] = [
    ['desc', description],
    ['cprt', join('text', be32(0), 'nobody', zeros(6))],
    ['wtpt', point(63189, 65536, 54060)],
    ['rXYZ', point(39976, 20316, 1310)],
    ['gXYZ', point(13107, 41287, 4587)],
    ['bXYZ', point(9764, 4128, 48496)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ];
  let at = 132 + 12 * parts.length;
  const table = parts.map(([tag, content]) => {
    const entry = join(tag, be32(at), be32(content === curve ? 14 : content.length));
    if (content !== curve) at += content.length;
    return entry;
  });
  const contents = parts.slice(0, 7).map(([, content]) => content);
  const body = join(be32(parts.length), ...table, ...contents);
  const date = be16(2024, 5, 6, 7, 8, 9);
  const head = join(
    be32(128 + body.length, 0, 0x02100000),
    'mntrRGB XYZ ',
    date,
    'acsp',
    zeros(28),
    light,
    zeros(48),
  );
  return join(head, body);
}

t.test('a profile as encoders write it', async (t) => {
  // 8 × 8 of one colour; the bytes of the profile are coded with numeral systems and runs.
  const file = Buffer.from(
    '/wpBQAinCQMS5gGwqZJJAN+8jlVV/cd3zrYCDbzUQhi6nRHGdbaZKKWRarYepqoBABD/AJ+4B82NK3cadPhvTEmZ6kqbC1sukLZ0ll4grOyraSpryc+i' +
      '66voK2kOb2JPleIh02UQziLwkYPbOOzcCQl5wETWsGYJDCyA9ISBOnYCCAIBAFgASxiLFUI54V8gAoDIxAQAAAAAAAAAAA==',
    'base64',
  );
  const header = read(file);
  t.same(Buffer.from(header.blocks.icc ?? []), profile());
  t.match(header, {
    color: { model: 'rgb' },
    image: { storedWidth: 8 },
    end: file.length,
    warnings: { length: 0 },
  });
});

/** Every byte by a prefix code of its own eight bits, the highest first. */
function plain(stream: Uint8Array): Field[] {
  const codeOf = (byte: number): Field[] =>
    Array.from({ length: 8 }, (_, index) => [(byte >> (7 - index)) & 1, 1]);
  return [
    ...choice(3, stream.length % 4096, 12),
    ...(stream.length < 4096 ? [flag(false)] : [flag(true), [stream.length >> 12, 8] as Field, flag(false)]),
    // No repeats; all contexts share one code; a prefix code; symbols below 2¹⁵ stand for themselves.
    ...[flag(false), flag(true), [0, 2] as Field, flag(true), [15, 4] as Field],
    // 256 symbols, all of them of length 8, which is the only one.
    ...[flag(true), [7, 4] as Field, [127, 7] as Field, [0, 2] as Field],
    ...Array.from({ length: 10 }, () => choice(0)).flat(),
    ...[[3, 2] as Field, flag(false)],
    ...Array.from({ length: 7 }, () => choice(0)).flat(),
    ...[...stream].flatMap(codeOf),
  ];
}

const wanted: Field[] = [flag(true), ...enumerated(0)];
const withStream = (stream: Uint8Array) =>
  join(bits(imageHeader({ color: wanted }), plain(stream)), frame({ isAnimated: false }));

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(value >> 7)];
/** The lengths of the profile and of the commands, then those, the header and what commands take from. */
const streamOf = (length: number, commands: Uint8Array, ...data: Uint8Array[]) =>
  join(varint(length), varint(commands.length), commands, ...data);

/** A header, and the same without what is expected of one. */
const headers = (length: number): [real: Buffer, coded: Buffer] => [
  join(
    be32(length, 0, 0x02000000),
    'prtrCMYKLab ',
    zeros(12),
    'acspMSFT',
    zeros(24),
    light,
    be32(7, 8, 9),
    'xyz',
    zeros(33),
  ),
  join(
    zeros(8),
    0xfe,
    zeros(3),
    minus('prtrCMYKLab ', 'mntrRGB XYZ '),
    zeros(16),
    'M',
    zeros(39),
    be32(7, 8, 9),
    'xyz',
    zeros(33),
  ),
];

const minus = (text: string, other: string) =>
  Buffer.from(text).map((byte, index) => (byte - other.charCodeAt(index)) & 255);

t.test('every command', async (t) => {
  const numbers = be32(5, 10, 15, 20);
  const content = join(
    ...[be32(4), 'A2B0', be32(180, 300), 'rTRC', be32(480, 14), 'gTRC', be32(480, 14), 'bTRC', be32(480, 14)],
    ...['mluc', zeros(4), 'XYZ ', zeros(4), be32(1, 2, 3), 'plain bytes', be16(1, 256, 770), numbers],
    // Upon 20; upon the last two numbers of four bytes; upon every third byte, with a curve.
    ...[be16(0x15, 0x17, 0x1a), be32(0x1a001f, 0x1d0025), 0x71, 0xa4],
  );
  const [real, coded] = headers(128 + content.length);
  const commands = join(
    ...[varint(5), 1 + 64 + 128, varint(180), varint(300), 2 + 128, varint(14), 0],
    ...[19, 10, 1, varint(11), 2, varint(6), 3, varint(16)],
    ...[4, 1, varint(6), 4, 3 + 4, varint(8), 4, 8 + 16, varint(3), varint(2)],
  );
  const data = join(
    ...['A2B0', be32(1, 2, 3), 'plain bytes', [0, 1, 3, 1, 0, 2], [...zeros(12), 5, 10, 15, 20]],
    ...[
      [0, 0, 0, 1, 2, 3],
      [...zeros(7), 1],
      [0, 1],
    ],
  );
  const stream = streamOf(128 + content.length, commands, coded, data);
  t.same(Buffer.from(undoPrediction(stream, 1 << 20)), join(real, content));
  const file = withStream(stream);
  const header = read(join(file, 'more'));
  t.same(Buffer.from(header.blocks.icc ?? []), join(real, content));
  t.equal(header.end, file.length, 'the frames behind are found');
  for (let length = 0; length < stream.length; length += 1) {
    t.throws(() => undoPrediction(stream.subarray(0, length), 1 << 20), `the first ${length} bytes`);
  }
});

t.test('a profile shorter than a header', async (t) => {
  t.same([...undoPrediction(streamOf(3, join(), join(1, 2, 3)), 100)], [1, 2, 3]);
});

const HEADER = headers(300)[1];
const BROKEN: [name: string, stream: Uint8Array][] = [
  ['a command that there is not', streamOf(300, join(0, 99), HEADER)],
  ['a tag that there is not', streamOf(300, join(2, 63), HEADER)],
  ['more tags than fit', streamOf(140, join(9, 2, 2, 2, 2), HEADER)],
  ['less than it says', streamOf(300, join(0), HEADER)],
  ['numbers upon nothing', streamOf(300, join(0, 4, 16, varint(4000), 1), HEADER, join(1))],
  ['numbers of three bytes', streamOf(300, join(0, 4, 2, 1), HEADER, join(1))],
  ['longer than is read', streamOf(2 ** 21, join(0), HEADER)],
];

for (const [name, stream] of BROKEN) {
  t.test(`broken: ${name}`, async (t) => {
    const header = read(withStream(stream));
    t.same(codes(header), ['TAGS_UNREADABLE']);
    t.match(header, { image: { storedWidth: 20 }, blocks: { icc: undefined }, end: undefined });
  });
}

t.test('a coded profile of megabytes is not decoded', async (t) => {
  const length: Field[] = [[3, 2], [0, 12], flag(true), [0, 8], flag(true), [16, 8], flag(false)];
  const file = join(bits(imageHeader({ color: wanted }), length), zeros(100));
  t.same(codes(read(file)), ['TEXT_LIMIT']);
});

t.test('cut anywhere, it keeps what it has', async (t) => {
  const file = withStream(streamOf(3, join(), join(1, 2, 3)));
  for (let length = 10; length < file.length; length += 1) {
    t.match(
      read(file.subarray(0, length)),
      { truncated: true, image: { storedWidth: 20 } },
      `the first ${length} bytes`,
    );
  }
  t.match(read(file), { truncated: undefined, end: file.length });
});
