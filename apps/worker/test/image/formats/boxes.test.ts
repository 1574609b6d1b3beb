import t from 'tap';
import { Bytes, EndOfBytes } from '../../../src/image/bytes.ts';
import { boxAlong, boxes, Fields, fieldsOf, findBox, userType } from '../../../src/image/formats/boxes.ts';
import { join } from './byte-builder.ts';
import { box, u16, u32, u64 } from './heif/heif-builder.ts';

const list = (file: Uint8Array) =>
  [...boxes(new Bytes(file), 0, file.length)].map(({ type, at, body, end, cut }) => [
    type,
    at,
    body,
    end,
    cut,
  ]);

const WALKS: [name: string, file: Buffer, expected: unknown[]][] = [
  ['none', join(), []],
  [
    'two',
    join(box('free', 1, 2), box('mdat')),
    [
      ['free', 0, 8, 10, false],
      ['mdat', 10, 18, 18, false],
    ],
  ],
  ['a size of 64 bits', join(u32(1), 'mdat', u64(20), u32(7)), [['mdat', 0, 16, 20, false]]],
  ['a size of 0: to the end', join(u32(0), 'mdat', 1, 2, 3), [['mdat', 0, 8, 11, false]]],
  ['longer than the file', join(u32(99), 'mdat', 1), [['mdat', 0, 8, 9, true]]],
  ['longer than any file', join(u32(1), 'mdat', u64(2 ** 60)), [['mdat', 0, 16, 16, true]]],
  ['shorter than its own head', join(u32(7), 'mdat', u32(0)), []],
  ['a long head that is cut', join(u32(1), 'mdat', u32(0)), []],
  ['less than a head', join(u32(8), 'fre'), []],
];

for (const [name, file, expected] of WALKS) {
  t.test(`boxes: ${name}`, async (t) => t.same(list(file), expected));
}

t.test('no more than 1,000 boxes', async (t) => {
  t.equal(list(join(...Array.from({ length: 1200 }, () => box('free')))).length, 1000);
});

t.test('a box is found among others and along a path', async (t) => {
  const file = join(box('free'), box('moov', box('trak', u32(1)), box('trak', box('mdia', box('hdlr', 9)))));
  const bytes = new Bytes(file);
  const moov = findBox(bytes, 0, file.length, 'moov');
  t.equal(moov?.at, 8);
  t.equal(findBox(bytes, 0, file.length, 'mdat'), undefined);
  t.equal(moov && boxAlong(bytes, moov, 'trak')?.at, 16);
  t.equal(moov && boxAlong(bytes, moov, 'trak', 'mdia'), undefined, 'the first of a type only');
  const [, second] = moov === undefined ? [] : boxes(bytes, moov.body, moov.end);
  const handler = second && boxAlong(bytes, second, 'mdia', 'hdlr');
  t.equal(handler && bytes.u8(handler.body), 9);
});

t.test('the user type of a uuid box', async (t) => {
  const id = '85c0b687820f11e08111f4ce462b6a48';
  const types = [
    box('uuid', Buffer.from(id, 'hex'), 1),
    box('uuid', u32(1)),
    box('free', Buffer.from(id, 'hex')),
  ].map((file) => {
    const [first] = boxes(new Bytes(file), 0, file.length);
    return first && userType(new Bytes(file), first);
  });
  t.same(types, [id, undefined, undefined]);
});

t.test('fields stand one behind the other, and end with their box', async (t) => {
  const file = join(
    box('test', 1, u16(2), u32(3), u32(0xffff_fffe), u64(5), [0, 1, 0], 'abcd', 'name', 0, 'rest'),
    'behind',
  );
  const bytes = new Bytes(file);
  const [first] = boxes(bytes, 0, file.length - 6);
  if (first === undefined) return t.fail('no box');
  const fields = fieldsOf(bytes, first);
  t.same([fields.u8(), fields.u16(), fields.u32(), fields.i32(), fields.u64()], [1, 2, 3, -2, 5]);
  t.same([fields.uint(0), fields.uint(3), fields.fourCharacters()], [0, 256, 'abcd']);
  t.equal(fields.text(), 'name');
  t.same([fields.text(), fields.text(), fields.at], ['rest', '', fields.end]);
  t.throws(() => fields.u8(), EndOfBytes);
  t.throws(() => fields.skip(Number.NaN), EndOfBytes);
});

t.test('versions and flags', async (t) => {
  const bytes = new Bytes(join(2, 0, 1, 1));
  t.same(new Fields(bytes, 0, 4).versionAndFlags(), { version: 2, flags: 257 });
});

t.test('a text without an end is no longer than a name', async (t) => {
  const bytes = new Bytes(Buffer.alloc(5000, 'a'));
  t.equal(new Fields(bytes, 0, 5000).text().length, 1024);
});
