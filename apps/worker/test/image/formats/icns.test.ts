import sharp from 'sharp';
import t from 'tap';
import { readIcns } from '../../../src/image/formats/icns.ts';
import {
  be32,
  bearsCuts,
  bearsNoise,
  codes,
  join,
  type Part,
  patched,
  readWith,
  zeros,
} from './byte-builder.ts';

function element(type: string, ...parts: Part[]): Buffer {
  const data = join(...parts);
  return join(type, be32(8 + data.length), data);
}

function icns(...elements: Buffer[]): Buffer {
  const all = join(...elements);
  return join('icns', be32(8 + all.length), all);
}

const png = await sharp({ create: { width: 256, height: 256, channels: 4, background: '#1234' } })
  .png()
  .toBuffer();
const packed = (type: string) => element(type, zeros(40));

const ICONS: [name: string, file: Buffer, image: object, more?: object][] = [
  [
    'one bit and a mask',
    icns(element('ICN#', zeros(256))),
    { storedWidth: 32, storedHeight: 32, bitDepth: 1, channels: 1, hasAlpha: true, pages: 1 },
    { color: { model: 'gray' }, compression: { method: 'none' } },
  ],
  [
    'the one that is no square',
    icns(element('icm8', zeros(192))),
    { storedWidth: 16, storedHeight: 12, bitDepth: 8, channels: 1, hasAlpha: false },
    { color: { model: 'indexed' } },
  ],
  [
    'of two as large the deeper',
    icns(element('icl4', zeros(512)), packed('il32'), element('icl8', zeros(1024)), packed('is32')),
    { storedWidth: 32, bitDepth: 8, channels: 3, hasAlpha: false, pages: 4 },
    { color: { model: 'rgb' }, compression: { method: 'rle', lossless: true }, encoding: { codec: 'icns' } },
  ],
  [
    'a mask of its size makes it transparent, and is no picture',
    icns(packed('it32'), element('t8mk', zeros(16384))),
    { storedWidth: 128, channels: 3, hasAlpha: true, pages: 1 },
  ],
  [
    'a mask of another size does not',
    icns(packed('it32'), element('l8mk', zeros(1024))),
    { hasAlpha: false },
  ],
  [
    'planes that are not packed',
    icns(element('is32', zeros(768))),
    { channels: 3 },
    { compression: { method: 'none' } },
  ],
  [
    'four planes',
    icns(element('TOC ', zeros(8)), element('ic05', 'ARGB', zeros(30))),
    { storedWidth: 32, bitDepth: 8, channels: 4, hasAlpha: true, pages: 1 },
    { compression: { method: 'rle' } },
  ],
  [
    'a PNG, as large as it says',
    icns(packed('is32'), element('ic07', png), element('icnV', zeros(4))),
    { storedWidth: 256, storedHeight: 256, bitDepth: 8, channels: 4, hasAlpha: true, pages: 2 },
    { encoding: { codec: 'png' }, compression: { method: 'deflate' } },
  ],
  [
    'a JPEG 2000, as large as its type says',
    icns(element('ic09', '\0\0\0\x0cjP  \r\n\x87\n')),
    { storedWidth: 512, storedHeight: 512, pages: 1 },
  ],
  ['nothing but notes', icns(element('name', 'icon')), { pages: 0, storedWidth: undefined }],
];

for (const [name, file, image, more = {}] of ICONS) {
  t.test(name, async (t) => {
    const header = readWith(readIcns, file);
    t.match(header, { image, ...more, end: file.length, truncated: undefined });
    t.equal(readWith(readIcns, join(file, 'more')).end, file.length);
  });
}

const TYPES: [types: string, width: number, height: number, bitDepth: number, channels: number][] = [
  ['ICON ICN#', 32, 32, 1, 1],
  ['icm#', 16, 12, 1, 1],
  ['icm4', 16, 12, 4, 1],
  ['ics#', 16, 16, 1, 1],
  ['ics4', 16, 16, 4, 1],
  ['ics8', 16, 16, 8, 1],
  ['icl4', 32, 32, 4, 1],
  ['icl8', 32, 32, 8, 1],
  ['ich4', 48, 48, 4, 1],
  ['ich8', 48, 48, 8, 1],
  ['is32 icp4 ic04', 16, 16, 8, 3],
  ['icsb', 18, 18, 8, 3],
  ['sb24', 24, 24, 8, 3],
  ['il32 icp5 ic05 ic11', 32, 32, 8, 3],
  ['icsB', 36, 36, 8, 3],
  ['ih32 icp6 SB24', 48, 48, 8, 3],
  ['ic12', 64, 64, 8, 3],
  ['it32 ic07', 128, 128, 8, 3],
  ['ic08 ic13', 256, 256, 8, 3],
  ['ic09 ic14', 512, 512, 8, 3],
  ['ic10', 1024, 1024, 8, 3],
];

for (const [types, storedWidth, storedHeight, bitDepth, channels] of TYPES) {
  for (const type of types.split(' ')) {
    t.test(`the type ${type}`, async (t) => {
      const { image } = readWith(readIcns, icns(packed(type)));
      t.match(image, { storedWidth, storedHeight, bitDepth, channels, pages: 1 });
    });
  }
}

for (const [rgb, mask] of [
  ['is32', 's8mk'],
  ['il32', 'l8mk'],
  ['ih32', 'h8mk'],
  ['it32', 't8mk'],
] as const) {
  t.test(`${mask} is the mask of ${rgb}`, async (t) => {
    t.equal(readWith(readIcns, icns(packed(rgb), packed(mask))).image.hasAlpha, true);
  });
}

t.test('a cut file keeps its pictures', async (t) => {
  const file = icns(packed('is32'), element('ic07', png));
  t.match(readWith(readIcns, file.subarray(0, 100)), {
    truncated: true,
    image: { storedWidth: 256, pages: 2 },
  });
});

t.test('an element without a length ends the walk', async (t) => {
  const file = patched(icns(packed('is32'), packed('il32')), [8 + 48 + 4, be32(7)]);
  const header = readWith(readIcns, file);
  t.equal(header.image.storedWidth, 16);
  t.same(codes(header), ['HEADER_MALFORMED']);
});

t.test('no more than 1,000 elements', async (t) => {
  const header = readWith(readIcns, icns(...Array.from({ length: 1001 }, () => element('is32'))));
  t.equal(header.image.pages, 1000);
  t.same(codes(header), ['WALK_LIMIT']);
});

t.test('cut and wrong', async (t) => {
  const file = icns(packed('is32'), element('s8mk', zeros(256)), element('ic07', png));
  bearsCuts(t, readIcns, icns(packed('is32')));
  bearsNoise(t, readIcns, file);
});
