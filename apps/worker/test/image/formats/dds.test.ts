import t from 'tap';
import { readDds } from '../../../src/image/formats/dds.ts';
import { bearsCuts, bearsNoise, codes, join, le32, type Part, readWith, zeros } from './byte-builder.ts';

interface Dds {
  width?: number;
  height?: number;
  depth?: number;
  levels?: number;
  flags?: number;
  fourCc?: Part;
  bits?: number;
  masks?: readonly number[];
  caps2?: number;
  /** DXGI format, dimension, flags, array elements, alpha mode. */
  dx10?: readonly number[];
}

/** 16 × 8 pixels. */
function dds(fields: Dds, pixels: number): Buffer {
  const {
    width = 16,
    height = 8,
    depth = 0,
    levels = 0,
    bits = 0,
    masks = [0, 0, 0, 0],
    caps2 = 0,
    dx10,
  } = fields;
  const fourCc = dx10 === undefined ? (fields.fourCc ?? zeros(4)) : 'DX10';
  const flags = fields.flags ?? 4;
  return join(
    'DDS ',
    le32(124, 0x1007, height, width, 0, depth, levels),
    zeros(44),
    le32(32, flags),
    fourCc,
    le32(bits, ...masks),
    le32(0x1000, caps2, 0, 0, 0),
    dx10 === undefined ? '' : le32(...dx10),
    zeros(pixels),
  );
}

const dx10 = (format: number, pixels: number, more: Dds & { alphaMode?: number } = {}) =>
  dds({ ...more, dx10: [format, 3, 0, 1, more.alphaMode ?? 0] }, pixels);

const RGBA = [0xff0000, 0xff00, 0xff, 0xff000000];
const rgb = { color: { model: 'rgb' } };
const TEXTURES: [name: string, file: Buffer, method: string, image: object, more?: object][] = [
  ['DXT1', dds({ fourCc: 'DXT1' }, 64), 'bc1', { bitDepth: 8, channels: 4, hasAlpha: true }, rgb],
  ['DXT3', dds({ fourCc: 'DXT3' }, 128), 'bc2', { channels: 4, hasAlpha: true }, rgb],
  ['DXT5', dds({ fourCc: 'DXT5' }, 128), 'bc3', { channels: 4, hasAlpha: true }],
  ['ATI1', dds({ fourCc: 'ATI1' }, 64), 'bc4', { bitDepth: 8, channels: 1, hasAlpha: false }],
  ['BC5S', dds({ fourCc: 'BC5S' }, 128), 'bc5', { channels: 2, hasAlpha: false }],
  [
    'sizes that are no multiple of four',
    dds({ fourCc: 'DXT1', width: 5, height: 1 }, 16),
    'bc1',
    { storedWidth: 5 },
  ],
  ['smaller copies', dds({ fourCc: 'DXT1', levels: 5 }, 64 + 16 + 8 + 8 + 8), 'bc1', { pages: 1 }],
  [
    'floats of 16 bits, by number',
    dds({ fourCc: [113, 0, 0, 0] }, 1024),
    'none',
    { bitDepth: 16, channels: 4 },
    rgb,
  ],
  [
    'YUY2',
    dds({ fourCc: 'YUY2' }, 256),
    'none',
    { channels: 3 },
    { color: { model: 'ycbcr' }, encoding: { chromaSubsampling: '4:2:2' } },
  ],
  [
    'masks',
    dds({ flags: 0x41, bits: 32, masks: RGBA }, 512),
    'none',
    { bitDepth: 8, channels: 4, hasAlpha: true },
    { ...rgb, formatVersion: 'DX9' },
  ],
  [
    'a mask of alpha without its flag',
    dds({ flags: 0x40, bits: 32, masks: RGBA }, 512),
    'none',
    { channels: 3, hasAlpha: false },
  ],
  [
    '5, 6 and 5 bits',
    dds({ flags: 0x40, bits: 16, masks: [0xf800, 0x7e0, 0x1f, 0] }, 256),
    'none',
    { bitDepth: 6, channels: 3 },
  ],
  [
    'luminance with alpha',
    dds({ flags: 0x20001, bits: 16, masks: [0xff, 0, 0, 0xff00] }, 256),
    'none',
    { bitDepth: 8, channels: 2, hasAlpha: true },
    { color: { model: 'gray' } },
  ],
  [
    'a palette',
    dds({ flags: 0x20, bits: 8 }, 1024 + 128),
    'none',
    { bitDepth: 8, channels: 1 },
    { color: { model: 'indexed', palette: { size: 256 } } },
  ],
  ['six faces of a cube', dds({ fourCc: 'DXT1', caps2: 0xfe00 }, 384), 'bc1', { pages: 6 }],
  ['two faces of a cube', dds({ fourCc: 'DXT1', caps2: 0x0e00 }, 128), 'bc1', { pages: 2 }],
  [
    'slices, which are halved too',
    dds({ fourCc: 'DXT1', caps2: 0x200000, depth: 4, levels: 2 }, 4 * 64 + 2 * 16),
    'bc1',
    { pages: 4 },
  ],
  [
    'DX10, sRGB',
    dx10(99, 128),
    'bc7',
    { bitDepth: 8, channels: 4, hasAlpha: true },
    { formatVersion: 'DX10', color: { model: 'rgb', space: 'srgb', transfer: 'srgb' } },
  ],
  ['DX10, half floats', dx10(95, 128), 'bc6h', { bitDepth: 16, channels: 3, hasAlpha: false }, rgb],
  ['DX10, not compressed', dx10(28, 512), 'none', { bitDepth: 8, channels: 4, hasAlpha: true }, rgb],
  [
    'DX10, opaque by its own words',
    dx10(28, 512, { alphaMode: 3 }),
    'none',
    { channels: 4, hasAlpha: false },
  ],
  [
    'DX10, a single channel',
    dx10(61, 128),
    'none',
    { bitDepth: 8, channels: 1 },
    { color: { model: undefined } },
  ],
  ['DX10, one bit', dx10(66, 16), 'none', { bitDepth: 1, channels: 1 }],
  ['DX10, cubes in an array', dds({ dx10: [71, 3, 4, 2, 0] }, 12 * 64), 'bc1', { pages: 12 }],
  ['DX10, a volume', dds({ depth: 3, dx10: [71, 4, 0, 1, 0] }, 3 * 64), 'bc1', { pages: 3 }],
];

for (const [name, file, method, image, more = {}] of TEXTURES) {
  t.test(name, async (t) => {
    const header = readWith(readDds, file);
    t.match(header, { image, compression: { method, lossless: method === 'none' }, ...more });
    t.match(header, { end: file.length, truncated: undefined, warnings: [] });
    t.equal(readWith(readDds, file.subarray(0, -1)).truncated, true);
  });
}

/** First and last number of each, and how many bytes 16 × 8 pixels have. */
const DXGI: [numbers: number[], method: string, channels: number, bitDepth: number, bytes: number][] = [
  [[1, 4], 'none', 4, 32, 2048],
  [[5, 8], 'none', 3, 32, 1536],
  [[9, 14], 'none', 4, 16, 1024],
  [[15, 18], 'none', 2, 32, 1024],
  [[23, 25, 89], 'none', 4, 10, 512],
  [[26], 'none', 3, 11, 512],
  [[27, 32, 87, 90, 91], 'none', 4, 8, 512],
  [[88, 92, 93], 'none', 3, 8, 512],
  [[33, 38], 'none', 2, 16, 512],
  [[39, 43], 'none', 1, 32, 512],
  [[48, 52], 'none', 2, 8, 256],
  [[53, 59], 'none', 1, 16, 256],
  [[60, 65], 'none', 1, 8, 128],
  [[67], 'none', 3, 9, 512],
  [[68, 69, 107], 'none', 3, 8, 256],
  [[70, 72], 'bc1', 4, 8, 64],
  [[73, 75], 'bc2', 4, 8, 128],
  [[76, 78], 'bc3', 4, 8, 128],
  [[79, 81], 'bc4', 1, 8, 64],
  [[82, 84], 'bc5', 2, 8, 128],
  [[85], 'none', 3, 6, 256],
  [[86], 'none', 4, 5, 256],
  [[94, 96], 'bc6h', 3, 16, 128],
  [[97, 99], 'bc7', 4, 8, 128],
  [[115, 191], 'none', 4, 4, 256],
];

for (const [numbers, method, channels, bitDepth, bytes] of DXGI) {
  for (const number of numbers) {
    t.test(`DXGI format ${number}`, async (t) => {
      const header = readWith(readDds, dx10(number, bytes));
      t.match(header, { image: { channels, bitDepth }, compression: { method }, end: 148 + bytes });
      t.equal(header.color.space, [29, 72, 75, 78, 91, 93, 99].includes(number) ? 'srgb' : undefined);
    });
  }
}

t.test('a format that is not known says nothing', async (t) => {
  for (const file of [dds({ fourCc: 'WHAT' }, 64), dx10(103, 64)]) {
    const header = readWith(readDds, file);
    t.match(header, { image: { storedWidth: 16, storedHeight: 8, channels: undefined }, end: undefined });
    t.same(header.compression, {});
  }
});

t.test('what can not be', async (t) => {
  const empty = readWith(readDds, dds({ fourCc: 'DXT1', width: 0 }, 64));
  t.same(codes(empty), ['HEADER_MALFORMED']);
  t.equal(empty.image.storedWidth, undefined);
  const huge = dds({ fourCc: 'DXT1', levels: 0xffffffff, dx10: [71, 3, 4, 0xffffffff, 0] }, 64);
  t.match(readWith(readDds, huge), { truncated: true, end: undefined, image: { storedWidth: 16 } });
});

t.test('cut and wrong', async (t) => {
  const file = dds({ levels: 2, dx10: [71, 3, 4, 1, 0] }, 6 * 80);
  bearsCuts(t, readDds, file);
  bearsNoise(t, readDds, file);
});
