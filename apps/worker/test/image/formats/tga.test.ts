import t from 'tap';
import { readTga } from '../../../src/image/formats/tga.ts';
import {
  bearsCuts,
  bearsNoise,
  codes,
  join,
  le16,
  le32,
  type Part,
  patched,
  readWith,
  zeros,
} from './byte-builder.ts';

interface Tga {
  id?: string;
  kind?: number;
  /** Entries of the colour map, and bits of one. */
  map?: readonly [entries: number, bits: number];
  bits?: number;
  descriptor?: number;
}

/** 4 × 3 pixels of 24 bits, unless told otherwise: without the pixels. */
function head({ id = '', kind = 2, map, bits = 24, descriptor = 0 }: Tga = {}): Buffer {
  const [entries, entryBits] = map ?? [0, 0];
  return join(
    [id.length, map === undefined ? 0 : 1, kind],
    le16(0, entries),
    entryBits,
    le16(0, 0, 4, 3),
    [bits, descriptor],
    id,
    zeros(entries * Math.ceil(entryBits / 8)),
  );
}

const footer = (extension = 0) => join(le32(extension, 0), 'TRUEVISION-XFILE.\0');
const padded = (text: string, bytes: number) => join(text, zeros(bytes - text.length));

interface Extension {
  author?: string;
  comments?: readonly string[];
  date?: readonly number[];
  job?: string;
  software?: Part;
  gamma?: readonly [number, number];
  attributes?: number;
}

function extension({
  author = '',
  comments = [],
  date = [0, 0, 0, 0, 0, 0],
  job = '',
  ...more
}: Extension): Buffer {
  return join(
    le16(495),
    padded(author, 41),
    ...[0, 1, 2, 3].map((line) => padded(comments[line] ?? '', 81)),
    le16(...date),
    padded(job, 41),
    zeros(6),
    more.software ?? zeros(44),
    zeros(8),
    le16(...(more.gamma ?? [0, 0])),
    zeros(12),
    more.attributes ?? 0,
  );
}

/** A whole file of version 2 with an extension area. */
function extended(of: Extension, fields: Tga = {}): Buffer {
  const picture = join(head(fields), zeros(12 * Math.ceil((fields.bits ?? 24) / 8)));
  return join(picture, extension(of), footer(picture.length));
}

const PICTURES: [name: string, head: Buffer, pixels: number, image: object, more?: object][] = [
  [
    'true colours',
    head(),
    36,
    { storedWidth: 4, storedHeight: 3, bitDepth: 8, channels: 3, hasAlpha: false, pages: 1 },
    { compression: { method: 'none', lossless: true }, color: { model: 'rgb' }, encoding: { codec: 'tga' } },
  ],
  [
    '32 bits, of which 8 are alpha',
    head({ bits: 32, descriptor: 0x28 }),
    48,
    { bitDepth: 8, channels: 4, hasAlpha: true },
  ],
  ['32 bits, of which none are', head({ bits: 32 }), 48, { bitDepth: 8, channels: 3, hasAlpha: false }],
  ['16 bits', head({ bits: 16 }), 24, { bitDepth: 5, channels: 3, hasAlpha: false }],
  [
    '16 bits, of which one is alpha',
    head({ bits: 16, descriptor: 1 }),
    24,
    { bitDepth: 5, channels: 4, hasAlpha: true },
  ],
  [
    'gray',
    head({ kind: 3, bits: 8 }),
    12,
    { bitDepth: 8, channels: 1, hasAlpha: false },
    { color: { model: 'gray' } },
  ],
  [
    'gray with alpha',
    head({ kind: 3, bits: 16, descriptor: 8 }),
    24,
    { bitDepth: 8, channels: 2, hasAlpha: true },
  ],
  [
    'a colour map',
    head({ kind: 1, map: [17, 24], bits: 8 }),
    12,
    { bitDepth: 8, channels: 1, hasAlpha: false },
    { color: { model: 'indexed', palette: { size: 17 } } },
  ],
  [
    'a colour map that is not used',
    head({ map: [16, 15] }),
    36,
    { bitDepth: 8, channels: 3 },
    { color: { model: 'rgb', palette: undefined } },
  ],
  ['a name', head({ id: 'boat' }), 36, { channels: 3 }, { blocks: { texts: [['ImageID', 'boat']] } }],
];

for (const [name, start, pixels, image, more = {}] of PICTURES) {
  t.test(name, async (t) => {
    const file = join(start, zeros(pixels));
    const header = readWith(readTga, file);
    t.match(header, {
      image,
      ...more,
      end: file.length,
      truncated: undefined,
      warnings: [],
      formatVersion: undefined,
    });
    t.equal(readWith(readTga, join(file, 'more')).end, file.length);
    t.match(readWith(readTga, file.subarray(0, -1)), { truncated: true, image });
  });
}

t.test('runs end where nobody says, or before the footer', async (t) => {
  for (const [kind, model] of [
    [9, 'indexed'],
    [10, 'rgb'],
    [11, 'gray'],
  ] as const) {
    const bits = kind === 10 ? 24 : 8;
    const start = head({ kind, bits, ...(kind === 9 ? { map: [2, 24] as const } : {}) });
    const file = join(start, zeros(9));
    t.match(readWith(readTga, file), {
      end: undefined,
      color: { model },
      compression: { method: 'rle', lossless: true },
    });
    t.match(readWith(readTga, join(file, footer())), { end: file.length + 26, formatVersion: '2.0' });
  }
});

t.test('what the author wrote', async (t) => {
  const file = extended(
    {
      author: 'Ada',
      comments: ['first', '', 'third'],
      date: [2, 29, 2024, 13, 5, 9],
      job: 'Boats',
      software: join(padded('Brush', 41), le16(417), 'b'),
      gamma: [22, 10],
      attributes: 3,
    },
    { bits: 32, descriptor: 8, id: 'x' },
  );
  const header = readWith(readTga, file);
  t.same(header.blocks.texts, [
    ['ImageID', 'x'],
    ['Author', 'Ada'],
    ['Comment', 'first\n\nthird'],
    ['Date', '2024-02-29T13:05:09'],
    ['JobName', 'Boats'],
    ['Software', 'Brush 4.17b'],
  ]);
  t.match(header, { formatVersion: '2.0', end: file.length, image: { channels: 4, hasAlpha: true } });
  t.equal(header.color.transfer, 'gamma-2.2');
  t.same(readWith(readTga, extended({})).blocks.texts, undefined);
  t.equal(readWith(readTga, extended({ gamma: [1, 1] })).color.transfer, 'linear');
  t.equal(readWith(readTga, extended({ gamma: [1, 0] })).color.transfer, undefined);
});

t.test('attribute bits that are no alpha', async (t) => {
  for (const attributes of [0, 1, 2]) {
    const { image } = readWith(readTga, extended({ attributes }, { bits: 32, descriptor: 8 }));
    t.match(image, { channels: 3, hasAlpha: false });
  }
});

t.test('what can not be', async (t) => {
  const broken: [name: string, file: Buffer, image: object][] = [
    ['a kind of no known number', join(head({ kind: 5 }), zeros(36)), { storedWidth: undefined }],
    ['23 bits', join(head({ bits: 23 }), zeros(36)), { storedWidth: 4, bitDepth: undefined }],
    ['an extension outside of the file', join(head(), zeros(36), footer(99_999)), { storedWidth: 4 }],
  ];
  for (const [name, file, image] of broken) {
    const header = readWith(readTga, file);
    t.match(header.image, image, name);
    t.same(codes(header), ['HEADER_MALFORMED'], name);
  }
  t.equal(readWith(readTga, patched(join(head(), zeros(36)), [12, le16(0xffff, 0xffff)])).truncated, true);
});

t.test('cut and wrong', async (t) => {
  const file = extended({ author: 'Ada', attributes: 3 }, { bits: 32, descriptor: 8, id: 'x' });
  bearsCuts(t, readTga, file);
  bearsNoise(t, readTga, file);
});
