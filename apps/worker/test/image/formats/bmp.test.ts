import t from 'tap';
import { readBmp } from '../../../src/image/formats/bmp.ts';
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

/** A file header, the parts, and at the end as many bytes of pixels. The file states its size and where the pixels begin. */
function bmp(pixels: number, ...parts: Part[]): Buffer {
  const head = join(...parts);
  return join('BM', le32(14 + head.length + pixels), le32(0), le32(14 + head.length), head, zeros(pixels));
}

interface Info {
  width?: number;
  height?: number;
  planes?: number;
  bits?: number;
  compression?: number;
  imageBytes?: number;
  density?: number;
  colors?: number;
  headerBytes?: number;
}

/** 5 × 3 pixels of 24 bits, unless told otherwise: the first 40 bytes. */
function info(fields: Info = {}): Buffer {
  const {
    width = 5,
    height = 3,
    planes = 1,
    bits = 24,
    compression = 0,
    imageBytes = 0,
    density = 0,
    colors = 0,
  } = fields;
  return join(
    le32(fields.headerBytes ?? 40, width, height),
    le16(planes, bits),
    le32(compression, imageBytes, density, density, colors, 0),
  );
}

const masks = (...of: number[]) => le32(...of);
/** What a header of version 4 or 5 has behind its masks: colour space, end points, gammas; intent, profile, reserved. */
const v4 = (space: string, gamma = 0) => join(space, zeros(36), le32(gamma, gamma, gamma));
const v5 = (space: string, offset: number, size: number) => join(v4(space), le32(4, offset, size, 0));
const NO_MASKS = masks(0, 0, 0, 0);

const PICTURES: [name: string, file: Buffer, image: object, more?: object][] = [
  [
    '24 bits',
    bmp(48, info()),
    { storedWidth: 5, storedHeight: 3, bitDepth: 8, channels: 3, hasAlpha: false, pages: 1 },
    { formatVersion: 'BITMAPINFOHEADER', end: 102, color: { model: 'rgb' }, encoding: { codec: 'bmp' } },
  ],
  ['rows from the top', bmp(48, info({ height: -3 })), { storedWidth: 5, storedHeight: 3 }],
  [
    'OS/2 1, 4 bits',
    bmp(12, le32(12), le16(5, 3, 1, 4), zeros(48)),
    { storedWidth: 5, storedHeight: 3, bitDepth: 4, channels: 1, hasAlpha: false },
    { formatVersion: 'BITMAPCOREHEADER', color: { model: 'indexed', palette: { size: 16 } } },
  ],
  [
    'OS/2 1 with fewer colours than there can be',
    bmp(12, le32(12), le16(5, 3, 1, 4), zeros(9)),
    { bitDepth: 4 },
    { color: { palette: { size: 3 } } },
  ],
  [
    'OS/2 2 in 16 bytes',
    bmp(12, le32(16, 5, 3), le16(1, 1), zeros(8)),
    { storedWidth: 5, storedHeight: 3, bitDepth: 1 },
    { formatVersion: 'OS22XBITMAPHEADER', color: { palette: { size: 2 } }, compression: { method: 'none' } },
  ],
  [
    'OS/2 2 in 64 bytes, whose last are no masks',
    bmp(48, info({ headerBytes: 64 }), Buffer.alloc(24, 0xff)),
    { bitDepth: 8, channels: 3, hasAlpha: false },
    { formatVersion: 'OS22XBITMAPHEADER' },
  ],
  ['16 bits', bmp(36, info({ bits: 16 })), { bitDepth: 5, channels: 3, hasAlpha: false }],
  [
    '16 bits by masks behind the header',
    bmp(36, info({ bits: 16, compression: 3 }), masks(0xf800, 0x07e0, 0x1f)),
    { bitDepth: 6, channels: 3, hasAlpha: false },
    { compression: { method: 'none', lossless: true }, end: 102 },
  ],
  [
    '32 bits, of which the last 8 mean nothing',
    bmp(60, info({ bits: 32 })),
    { bitDepth: 8, channels: 3, hasAlpha: false },
  ],
  [
    '32 bits by masks of 11, 11 and 10',
    bmp(60, info({ bits: 32, compression: 3 }), masks(0xffe00000, 0x1ffc00, 0x3ff)),
    { bitDepth: 11, channels: 3 },
  ],
  [
    '32 bits with alpha by four masks behind the header',
    bmp(60, info({ bits: 32, compression: 6 }), masks(0xff0000, 0xff00, 0xff, 0xff000000)),
    { bitDepth: 8, channels: 4, hasAlpha: true },
    { compression: { method: 'none', lossless: true } },
  ],
  [
    'version 2 has no mask of alpha',
    bmp(60, info({ bits: 32, compression: 3, headerBytes: 52 }), masks(0xff0000, 0xff00, 0xff)),
    { bitDepth: 8, channels: 3, hasAlpha: false },
    { formatVersion: 'BITMAPV2INFOHEADER' },
  ],
  [
    'version 3 has one',
    bmp(60, info({ bits: 32, compression: 3, headerBytes: 56 }), masks(0xff0000, 0xff00, 0xff, 0xff000000)),
    { channels: 4, hasAlpha: true },
    { formatVersion: 'BITMAPV3INFOHEADER' },
  ],
  [
    'masks of colours count for bit fields only',
    bmp(60, info({ bits: 32, headerBytes: 56 }), masks(0x3ff, 0x3ff, 0x3ff, 0)),
    { bitDepth: 8, channels: 3, hasAlpha: false },
  ],
  [
    'version 4, sRGB',
    bmp(48, info({ headerBytes: 108 }), NO_MASKS, v4('BGRs')),
    { bitDepth: 8 },
    { formatVersion: 'BITMAPV4HEADER', color: { space: 'srgb' } },
  ],
  [
    'version 4, calibrated',
    bmp(48, info({ headerBytes: 108 }), NO_MASKS, v4('\0\0\0\0', 0x23333)),
    {},
    { color: { space: undefined, transfer: 'gamma-2.2' } },
  ],
  [
    'version 4 with a gamma of 1',
    bmp(48, info({ headerBytes: 108 }), NO_MASKS, v4('\0\0\0\0', 0x10000)),
    {},
    { color: { transfer: 'linear' } },
  ],
  [
    'version 5, Windows’ own colours',
    bmp(48, info({ headerBytes: 124 }), NO_MASKS, v5(' niW', 0, 0)),
    {},
    { formatVersion: 'BITMAPV5HEADER', color: { space: 'srgb' } },
  ],
  [
    'a JPEG inside, whose samples are its own',
    bmp(20, info({ bits: 0, compression: 4, imageBytes: 20 })),
    { storedWidth: 5, bitDepth: undefined, channels: undefined, hasAlpha: undefined },
    { compression: { method: 'jpeg', lossless: false }, encoding: { codec: 'jpeg' }, end: 74 },
  ],
  [
    'a PNG inside',
    bmp(20, info({ bits: 0, compression: 5, imageBytes: 20 })),
    {},
    { compression: { method: 'png', lossless: true }, encoding: { codec: 'png' } },
  ],
];

for (const [name, file, image, more = {}] of PICTURES) {
  t.test(name, async (t) => {
    const header = readWith(readBmp, file);
    t.match(header, { image, ...more });
    t.equal(header.truncated, undefined);
    t.same(header.warnings, []);
  });
}

const METHODS: [name: string, info: Info, method: string][] = [
  ['runs of 8 bits', { bits: 8, compression: 1 }, 'rle8'],
  ['runs of 4 bits', { bits: 4, compression: 2 }, 'rle4'],
  ['OS/2’s Huffman codes', { bits: 1, compression: 3, headerBytes: 64 }, 'ccitt-t4'],
  ['OS/2’s Huffman codes in a header of 40 bytes', { bits: 1, compression: 3 }, 'ccitt-t4'],
  ['OS/2’s runs of 24 bits in a header of 40 bytes', { bits: 24, compression: 4 }, 'rle24'],
  ['OS/2’s runs of 24 bits', { bits: 24, compression: 4, headerBytes: 64 }, 'rle24'],
];

for (const [name, fields, method] of METHODS) {
  t.test(name, async (t) => {
    const file = bmp(30, info(fields), zeros((fields.headerBytes ?? 40) - 40));
    t.same(readWith(readBmp, file).compression, { method, lossless: true });
  });
}

t.test('pixels per metre become pixels per inch', async (t) => {
  const density = (value: number) => readWith(readBmp, bmp(48, info({ density: value }))).image.density;
  t.same(density(2835), { x: 72.01, y: 72.01, unit: 'inch', source: 'bmp' });
  const uneven = patched(bmp(48, info({ density: 2835 })), [42, le32(5906)]);
  t.match(readWith(readBmp, uneven).image.density, { x: 72.01, y: 150.01 });
  t.equal(density(0), undefined);
  t.equal(density(-2835), undefined);
});

t.test('a profile behind the pixels', async (t) => {
  const file = join(bmp(48, info({ headerBytes: 124 }), NO_MASKS, v5('DEBM', 172, 7)), 'profile');
  const header = readWith(readBmp, file);
  t.equal(Buffer.from(header.blocks.icc ?? []).toString(), 'profile');
  t.equal(header.end, file.length, 'the stated size leaves it out, the end does not');
  t.match(codes(readWith(readBmp, file.subarray(0, -1))), ['HEADER_MALFORMED']);
  const linked = readWith(readBmp, patched(file, [14 + 56, 'KNIL'], [file.length - 2, [0, 0]]));
  t.equal(linked.blocks.icc, undefined);
  t.same(linked.blocks.texts, [['LinkedProfile', 'profi']]);
});

const ENDS: [name: string, file: Buffer, end: number | undefined, truncated?: boolean][] = [
  ['as stated', bmp(50, info()), 104],
  ['behind the pixels, where the stated size is too small', patched(bmp(50, info()), [2, le32(60)]), 102],
  ['behind the pixels, where the stated size is too large', patched(bmp(50, info()), [2, le32(600)]), 102],
  ['of runs, as stated', bmp(30, info({ bits: 8, compression: 1, colors: 1 }), zeros(4)), 88],
  ['of runs without any size', patched(bmp(30, info({ bits: 8, compression: 1 })), [2, le32(0)]), undefined],
  [
    'of runs by their own size',
    patched(bmp(30, info({ bits: 8, compression: 1, imageBytes: 20 })), [2, le32(0)]),
    74,
  ],
  ['of a cut file', bmp(47, info()), undefined, true],
  ['of cut runs', bmp(30, info({ bits: 8, compression: 1, imageBytes: 31 })), undefined, true],
];

for (const [name, file, end, truncated] of ENDS) {
  t.test(`the end ${name}`, async (t) => t.match(readWith(readBmp, file), { end, truncated }));
}

t.test('what can not be', async (t) => {
  const broken: [name: string, file: Buffer, image: object][] = [
    ['a width below 0', bmp(48, info({ width: -5 })), { storedWidth: undefined, bitDepth: 8 }],
    ['a height of 0', bmp(48, info({ height: 0 })), { storedWidth: undefined }],
    ['two planes', bmp(48, info({ planes: 2 })), { storedWidth: 5 }],
    ['7,000 bits', bmp(48, info({ bits: 7000 })), { storedWidth: 5, bitDepth: undefined }],
    ['a compression of no known number', bmp(48, info({ compression: 99 })), { storedWidth: 5 }],
  ];
  for (const [name, file, image] of broken) {
    const header = readWith(readBmp, file);
    t.match(header.image, image, name);
    t.same(codes(header), ['HEADER_MALFORMED'], name);
  }
  const huge = readWith(readBmp, bmp(48, info({ width: 0x7fffffff, height: -0x7fffffff })));
  t.equal(huge.truncated, true);
  t.equal(
    readWith(readBmp, bmp(48, info({ bits: 8, colors: 0x7fffffff }), zeros(20))).color.palette?.size,
    5,
  );
});

t.test('cut and wrong', async (t) => {
  const file = join(bmp(48, info({ headerBytes: 124 }), NO_MASKS, v5('DEBM', 172, 7)), 'profile');
  bearsCuts(t, readBmp, file);
  bearsNoise(t, readBmp, file);
  t.match(
    readWith(readBmp, file.subarray(0, 40)).image,
    { storedWidth: 5, storedHeight: 3 },
    'the size stays',
  );
});
