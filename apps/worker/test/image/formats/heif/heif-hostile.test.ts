import t from 'tap';
import { codes, join } from '../byte-builder.ts';
import {
  ALPHA,
  auxiliary,
  av1C,
  box,
  dimg,
  EXIF,
  ftyp,
  full,
  heif,
  ispe,
  PICTURE,
  pixi,
  read,
  reference,
  u16,
  u32,
} from './heif-builder.ts';

const inMeta = (...tables: Buffer[]) => join(ftyp(['avif']), full('meta', 0, 0, ...tables));
const many = (count: number, each: (index: number) => Buffer) =>
  Array.from({ length: count }, (_, index) => each(index));
const infe = (id: number, type: string) => full('infe', 2, 0, u16(id), u16(0), type, 0);

const FILES: [name: string, file: () => Buffer, expected: string[]][] = [
  [
    'an item made from itself',
    () => heif({ items: [{ type: 'grid', properties: [ispe(1, 1)] }], references: [dimg(1, 1)] }),
    [],
  ],
  [
    'items made from each other',
    () => heif({ items: [{ type: 'iden' }, { type: 'iden' }], references: [dimg(1, 2), dimg(2, 1)] }),
    [],
  ],
  [
    'more items than anybody needs',
    () =>
      inMeta(
        full('pitm', 0, 0, u16(1)),
        full('iinf', 0, 0, u16(1200), ...many(1200, (index) => infe(index + 1, 'av01'))),
      ),
    ['WALK_LIMIT'],
  ],
  [
    'more properties than anybody needs',
    () => inMeta(box('iprp', box('ipco', ...many(1200, () => pixi(8))))),
    ['WALK_LIMIT'],
  ],
  ['more boxes than anybody needs', () => join(heif({}), ...many(1200, () => box('free'))), ['WALK_LIMIT']],
  [
    'extents without any bytes',
    () =>
      inMeta(
        full(
          'iloc',
          1,
          0,
          u16(0),
          u16(1000),
          ...many(1000, (index) => join(u16(index), u16(0), u16(0), u16(0xffff))),
        ),
      ),
    [],
  ],
  [
    'more extents than the table has',
    () =>
      inMeta(full('iloc', 1, 0, u16(0x4400), u16(1), u16(1), u16(0), u16(0), u16(0xffff), u32(0), u32(0))),
    ['HEADER_MALFORMED'],
  ],
  [
    'more associations than the table has',
    () => inMeta(box('iprp', full('ipma', 0, 0, u32(0xffff_ffff), u16(1), 255))),
    ['HEADER_MALFORMED'],
  ],
  [
    'more references than the table has',
    () => inMeta(full('iref', 0, 0, box('dimg', u16(1), u16(0xffff), u16(2)))),
    ['HEADER_MALFORMED'],
  ],
  [
    'an item table that ends early',
    () => inMeta(full('iinf', 0, 0, u16(1), box('infe', u32(0x0200_0000), 0))),
    ['HEADER_MALFORMED'],
  ],
  [
    'a property that ends early',
    () => heif({ items: [{ properties: [box('ispe', 0), av1C()] }] }),
    ['HEADER_MALFORMED'],
  ],
  [
    'properties that do not exist',
    () =>
      inMeta(
        full('pitm', 0, 0, u16(1)),
        full('iinf', 0, 0, u16(1), infe(1, 'av01')),
        box('iprp', box('ipco'), full('ipma', 0, 0, u32(1), u16(1), 2, 5, 0)),
      ),
    [],
  ],
  [
    'auxiliaries that are nothing',
    () => heif({ items: [PICTURE, { properties: [box('auxC', 0)] }], references: [reference('auxl', 2, 1)] }),
    ['HEADER_MALFORMED'],
  ],
  ['a brand that is cut', () => join(box('ftyp', 'avif'), heif({}).subarray(28)), []],
  ['sizes of nothing', () => heif({ items: [{ properties: [ispe(0, 5), av1C()] }] }), []],
];

for (const [name, file, expected] of FILES) {
  t.test(name, async (t) => t.same(codes(read(file())), expected));
}

t.test('items that share large extents are not copied again and again', async (t) => {
  const large = Buffer.alloc(1 << 20);
  const head = join(ftyp(['avif']), box('mdat', large));
  const extents = many(1000, () => join(u32(40), u32(1 << 20)));
  const location = (id: number) => join(u16(id), u16(0), u16(0), u16(extents.length), ...extents);
  const ids = Array.from({ length: 300 }, (_, index) => index + 1);
  const tables = [
    full('iinf', 0, 0, u16(300), ...ids.map((id) => infe(id, 'Exif'))),
    full('iloc', 1, 0, u16(0x4400), u16(300), ...ids.map(location)),
  ];
  const before = process.memoryUsage().arrayBuffers;
  const start = process.cpuUsage();
  const header = read(join(head, full('meta', 0, 0, ...tables)));
  const milliseconds = process.cpuUsage(start).user / 1000;
  t.equal(header.blocks.exif, undefined);
  t.ok(milliseconds < 4000, `${milliseconds} ms of CPU`);
  t.ok(process.memoryUsage().arrayBuffers - before < 64 << 20);
});

t.test('whatever byte is wrong, the rest is read or told of', async (t) => {
  const file = heif({ items: [PICTURE, auxiliary(ALPHA), EXIF], references: [reference('auxl', 2, 1)] });
  let sized = 0;
  for (let at = 0; at < file.length; at += 1) {
    for (const wrong of [0, 0x7f, 0xff]) {
      const broken = Buffer.from(file);
      broken[at] = wrong;
      if (read(broken).image.storedWidth !== undefined) sized += 1;
    }
  }
  t.ok(sized > file.length, `${sized} of ${3 * file.length} still have a size`);
});
