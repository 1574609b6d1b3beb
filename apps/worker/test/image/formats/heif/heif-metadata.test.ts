import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { codes, join, type Part } from '../byte-builder.ts';
import {
  box,
  EXIF,
  ftyp,
  full,
  heif,
  type ItemParts,
  meta,
  PICTURE,
  read,
  reference,
  TIFF,
  u16,
  u32,
  u64,
  xmp,
} from './heif-builder.ts';

const blocks = (items: ItemParts[], ...references: Buffer[]) =>
  read(heif({ items: [PICTURE, ...items], references })).blocks;
const exif = (...data: Part[]): ItemParts => ({ type: 'Exif', data: join(...data) });
const BIG_ENDIAN = join('MM\0*', TIFF.subarray(4));

const STREAMS: [name: string, item: ItemParts, expected: Uint8Array][] = [
  ['at once', EXIF, TIFF],
  ['behind Exif\\0\\0', exif(u32(6), 'Exif\0\0', BIG_ENDIAN), BIG_ENDIAN],
  ['where the offset does not say', exif(u32(0), 'Exif\0\0', TIFF), TIFF],
  ['without an offset', exif(TIFF), TIFF],
  ['at an offset that no file has', exif(u32(0xffff_ffff), TIFF), TIFF],
];

for (const [name, item, expected] of STREAMS) {
  t.test(`EXIF ${name}`, async (t) => t.same(blocks([item]).exif, expected));
}

t.test('an EXIF item without a TIFF stream is told of', async (t) => {
  for (const item of [exif(u32(0), 'no such stream'), exif('II'), exif('')]) {
    const header = read(heif({ items: [PICTURE, item] }));
    t.equal(header.blocks.exif, undefined);
    t.match(header.warnings, [{ code: 'HEADER_MALFORMED', field: 'exif' }]);
  }
});

t.test('EXIF orientation is a tag, never a transform', async (t) => {
  const oriented = join('II*\0', 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0);
  const { image } = read(heif({ items: [PICTURE, exif(u32(0), oriented)] }));
  t.match(image, { orientation: undefined, transform: undefined, displayWidth: 64, displayHeight: 48 });
});

const PACKET = Buffer.from('<x:xmpmeta/>');
const PACKETS: [name: string, item: ItemParts][] = [
  ['plain', xmp(PACKET)],
  ['padded', xmp(join(PACKET, u32(0)))],
  ['deflate', xmp(deflateSync(PACKET), 'deflate')],
  ['gzip', xmp(gzipSync(PACKET), 'gzip')],
  ['br', xmp(brotliCompressSync(PACKET), 'br')],
];

for (const [name, item] of PACKETS) {
  t.test(`XMP ${name}`, async (t) => t.same(blocks([item]).xmp, [PACKET]));
}

const UNREADABLE: [name: string, item: ItemParts, expected: string[]][] = [
  [
    'a packet that grows to more than 1 MB',
    xmp(deflateSync(Buffer.alloc(2 ** 21)), 'deflate'),
    ['TEXT_LIMIT'],
  ],
  ['a packet that is no deflate stream', xmp(PACKET, 'deflate'), ['HEADER_MALFORMED']],
  ['an encoding that nobody knows', xmp(PACKET, 'x-other'), []],
  ['another media type', { type: 'mime', mediaType: 'text/plain', data: PACKET }, []],
];

for (const [name, item, expected] of UNREADABLE) {
  t.test(`XMP: ${name}`, async (t) => {
    const header = read(heif({ items: [PICTURE, item] }));
    t.same([header.blocks.xmp, codes(header)], [undefined, expected]);
  });
}

t.test('tags of another picture are not the shown one’s, unless there are no others', async (t) => {
  const both = [PICTURE, xmp('<other/>'), xmp('<own/>')];
  t.same(blocks(both, reference('cdsc', 3, 2), reference('cdsc', 4, 1)).xmp, [Buffer.from('<own/>')]);
  t.same(blocks([PICTURE, xmp('<other/>')], reference('cdsc', 3, 2)).xmp, [Buffer.from('<other/>')]);
});

const uuid = (id: string, ...parts: Part[]) => box('uuid', Buffer.from(id, 'hex'), ...parts);
const MANIFEST = join(u32(16), 'jumb', u32(8), 'jumd');

t.test('XMP and C2PA in boxes of the file', async (t) => {
  const more = [
    uuid('be7acfcb97a942e89c71999491e3afac', PACKET),
    uuid('d8fec3d61b0e483c92975828877ec481', u32(0), 'manifest\0', u64(0), MANIFEST),
    uuid('00000000000000000000000000000000', 'nothing known'),
  ];
  t.same(read(heif({ more })).blocks, { xmp: [PACKET], c2pa: MANIFEST });
});

t.test('a manifest box that ends too early loses only itself', async (t) => {
  const header = read(heif({ more: [uuid('d8fec3d61b0e483c92975828877ec481', u32(0), 'manifest\0', 1)] }));
  t.match(header, { blocks: { c2pa: undefined }, image: { storedWidth: 64 } });
  t.same(codes(header), ['HEADER_MALFORMED']);
});

/** ftyp and a meta box of tables as they are; items stand in front of the tables. */
function located(data: Buffer, iloc: (at: number) => Buffer, ...tables: Buffer[]): Buffer {
  const items = [2, 3].map((id) => full('infe', 2, 0, u16(id), u16(0), 'Exif', 0));
  const head = join(ftyp(['heic']), box('mdat', data));
  return join(
    head,
    full('meta', 0, 0, full('iinf', 0, 0, u16(2), ...items), iloc(head.length - data.length), ...tables),
  );
}

const DATA = join(u32(0), TIFF);
const WIDE = [u16(2), u16(0), u16(0)];
const LOCATIONS: [name: string, iloc: (at: number) => Buffer, tables: Buffer[]][] = [
  [
    'version 0',
    (at) => full('iloc', 0, 0, u16(0x4400), u16(1), u16(2), u16(0), u16(1), u32(at), u32(DATA.length)),
    [],
  ],
  [
    'version 2',
    (at) =>
      full(
        'iloc',
        2,
        0,
        u16(0x8840),
        u32(1),
        u32(2),
        u16(0),
        u16(0),
        u32(at),
        u16(1),
        u64(0),
        u64(DATA.length),
      ),
    [],
  ],
  [
    'a base and an index',
    (at) =>
      full('iloc', 1, 0, u16(0x4444), u16(1), ...WIDE, u32(at), u16(1), u32(7), u32(0), u32(DATA.length)),
    [],
  ],
  [
    'two extents',
    (at) =>
      full(
        'iloc',
        1,
        0,
        u16(0x4400),
        u16(1),
        ...WIDE,
        u16(2),
        u32(at),
        u32(9),
        u32(at + 9),
        u32(DATA.length - 9),
      ),
    [],
  ],
  [
    'no length: the rest of the file',
    (at) => full('iloc', 1, 0, u16(0x4000), u16(1), ...WIDE, u16(1), u32(at)),
    [],
  ],
  [
    'inside of another item',
    (at) =>
      full(
        'iloc',
        1,
        0,
        u16(0x4400),
        u16(2),
        u16(2),
        u16(2),
        u16(0),
        u16(1),
        u32(0),
        u32(DATA.length),
        u16(3),
        u16(0),
        u16(0),
        u16(1),
        u32(at),
        u32(DATA.length),
      ),
    [full('iref', 0, 0, reference('iloc', 2, 3))],
  ],
];

for (const [name, iloc, tables] of LOCATIONS) {
  t.test(`location: ${name}`, async (t) => {
    const { blocks, truncated } = read(located(DATA, iloc, ...tables));
    t.same(blocks.exif?.subarray(0, TIFF.length), TIFF);
    t.equal(truncated, undefined);
  });
}

const NOWHERE: [name: string, iloc: Buffer, tables: Buffer[], truncated: boolean | undefined][] = [
  [
    'in another file',
    full('iloc', 1, 0, u16(0x4400), u16(1), u16(2), u16(0), u16(1), u16(1), u32(0), u32(99_999)),
    [],
    undefined,
  ],
  [
    'behind the end of the file',
    full('iloc', 1, 0, u16(0x4400), u16(1), ...WIDE, u16(1), u32(99_999), u32(9)),
    [],
    true,
  ],
  [
    'inside of itself',
    full('iloc', 1, 0, u16(0x4400), u16(1), u16(2), u16(2), u16(0), u16(1), u32(0), u32(9)),
    [full('iref', 0, 0, reference('iloc', 2, 2))],
    undefined,
  ],
  [
    'in an idat that is not there',
    full('iloc', 1, 0, u16(0x4400), u16(1), u16(2), u16(1), u16(0), u16(1), u32(0), u32(9)),
    [],
    undefined,
  ],
  ['not told', full('iloc', 1, 0, u16(0x4400), u16(0)), [], undefined],
];

for (const [name, iloc, tables, truncated] of NOWHERE) {
  t.test(`no data: ${name}`, async (t) => {
    const header = read(located(DATA, () => iloc, ...tables));
    t.equal(header.blocks.exif, undefined);
    t.equal(header.truncated, truncated);
  });
}

t.test('a meta box as QuickTime writes it', async (t) => {
  const plain = meta({ items: [PICTURE] }, 0);
  const header = read(join(ftyp(['heic']), box('meta', plain.subarray(12))));
  t.match(header.image, { storedWidth: 64 });
});
