import t from 'tap';
import { readPcx } from '../../../src/image/formats/pcx.ts';
import { bearsCuts, bearsNoise, codes, join, le16, patched, readWith, zeros } from './byte-builder.ts';

interface Pcx {
  version?: number;
  encoding?: number;
  bits?: number;
  planes?: number;
  window?: readonly [left: number, top: number, right: number, bottom: number];
  density?: readonly [x: number, y: number];
  rowBytes?: number;
  paletteKind?: number;
}

/** 5 × 3 pixels of 8 bits in one plane, run-length coded, unless told otherwise: without the pixels. */
function head(fields: Pcx = {}): Buffer {
  const { version = 5, encoding = 1, bits = 8, planes = 1, rowBytes = 6, paletteKind = 1 } = fields;
  const { window = [10, 20, 14, 22], density = [0, 0] } = fields;
  return join(
    [10, version, encoding, bits],
    le16(...window, ...density),
    zeros(49),
    planes,
    le16(rowBytes, paletteKind),
    zeros(58),
  );
}

const palette = join(0x0c, zeros(768));
const indexed = (size: number) => ({ color: { model: 'indexed', palette: { size } } });
const gray = { color: { model: 'gray', palette: undefined } };

const PICTURES: [name: string, file: Buffer, image: object, more: object][] = [
  [
    '256 colours',
    join(head(), zeros(9), palette),
    { storedWidth: 5, storedHeight: 3, bitDepth: 8, channels: 1, hasAlpha: false, pages: 1 },
    {
      ...indexed(256),
      formatVersion: '3.0',
      compression: { method: 'rle', lossless: true },
      encoding: { codec: 'pcx' },
      end: 128 + 9 + 769,
    },
  ],
  [
    '256 grays, by a palette that says so',
    join(head({ paletteKind: 2 }), zeros(9), palette),
    { bitDepth: 8 },
    gray,
  ],
  ['256 grays, without a palette', join(head(), zeros(900)), { bitDepth: 8 }, { ...gray, end: undefined }],
  [
    'no palette before version 3.0',
    join(head({ version: 3 }), zeros(9), palette),
    {},
    { ...gray, formatVersion: '2.8' },
  ],
  ['bilevel', join(head({ bits: 1 }), zeros(9)), { bitDepth: 1, channels: 1 }, gray],
  ['four colours', join(head({ bits: 2 }), zeros(9)), { bitDepth: 2, channels: 1 }, indexed(4)],
  ['16 colours in a plane', join(head({ bits: 4 }), zeros(9)), { bitDepth: 4 }, indexed(16)],
  [
    '16 colours in four planes',
    join(head({ bits: 1, planes: 4 }), zeros(9)),
    { bitDepth: 4, channels: 1 },
    indexed(16),
  ],
  [
    'true colours',
    join(head({ planes: 3 }), zeros(9)),
    { bitDepth: 8, channels: 3, hasAlpha: false },
    { color: { model: 'rgb' } },
  ],
  ['true colours with alpha', join(head({ planes: 4 }), zeros(9)), { channels: 4, hasAlpha: true }, {}],
  [
    'not compressed',
    join(head({ encoding: 0, planes: 3 }), zeros(54)),
    { channels: 3 },
    { compression: { method: 'none', lossless: true }, end: 128 + 54 },
  ],
];

for (const [name, file, image, more] of PICTURES) {
  t.test(name, async (t) => {
    t.match(readWith(readPcx, file), { image, ...more, truncated: undefined, warnings: [] });
  });
}

const DENSITIES: [name: string, x: number, y: number, found?: number][] = [
  ['dots per inch', 300, 300, 300],
  ['none', 0, 0],
  ['the size of a screen', 320, 200],
  ['one way only', 72, 0],
];

for (const [name, x, y, found] of DENSITIES) {
  t.test(`density: ${name}`, async (t) => {
    const { density } = readWith(readPcx, join(head({ density: [x, y] }), zeros(9))).image;
    t.same(density, found === undefined ? undefined : { x: found, y: found, unit: 'inch', source: 'pcx' });
  });
}

t.test('density: the size of the picture', async (t) => {
  const file = join(head({ window: [0, 0, 99, 99], density: [100, 100] }), zeros(9));
  t.equal(readWith(readPcx, file).image.density, undefined);
});

t.test('what can not be', async (t) => {
  const header = readWith(readPcx, join(head({ window: [10, 20, 9, 22] }), zeros(9)));
  t.same(codes(header), ['HEADER_MALFORMED']);
  t.match(header.image, { storedWidth: undefined, bitDepth: 8 });
  const plain = join(head({ encoding: 0 }), zeros(18));
  t.equal(readWith(readPcx, plain.subarray(0, -1)).truncated, true);
  t.equal(readWith(readPcx, patched(plain, [10, le16(0xffff)])).truncated, true);
});

t.test('cut and wrong', async (t) => {
  const file = join(head({ density: [300, 300] }), zeros(9), palette);
  bearsCuts(t, readPcx, file.subarray(0, 140));
  bearsNoise(t, readPcx, file);
  t.match(readWith(readPcx, file.subarray(0, 20)), {
    truncated: true,
    image: { storedWidth: 5, storedHeight: 3 },
  });
});
