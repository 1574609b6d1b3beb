import t from 'tap';
import { readExr } from '../../../src/image/formats/exr.ts';
import {
  bearsCuts,
  bearsNoise,
  codes,
  join,
  le32,
  leFloat,
  type Part,
  readWith,
  zeros,
} from './byte-builder.ts';

const TILED = 0x200;
const DEEP = 0x800;
const MULTI_PART = 0x1000;
const [UINT, HALF, FLOAT] = [0, 1, 2];

const magic = (flags = 0) => join([0x76, 0x2f, 0x31, 0x01], le32(2 | flags));
const attribute = (name: string, type: string, ...value: Part[]) => {
  const data = join(...value);
  return join(name, 0, type, 0, le32(data.length), data);
};
const channel = (name: string, type: number, sampling = 1) =>
  join(name, 0, le32(type), zeros(4), le32(sampling, sampling));
const channels = (...of: Buffer[]) => attribute('channels', 'chlist', ...of, 0);
const box = (name: string, ...corners: [number, number, number, number]) =>
  attribute(name, 'box2i', le32(...corners));
const compression = (method: number) => attribute('compression', 'compression', method);
const float = (name: string, value: number) => attribute(name, 'float', leFloat(value));

const RGBA = channels(channel('A', HALF), channel('B', HALF), channel('G', HALF), channel('R', HALF));
const WINDOWS = join(box('dataWindow', -5, 10, 14, 21), box('displayWindow', 0, 0, 99, 49));
/** The header of a part, with its end. */
const part = (...attributes: Part[]) => join(RGBA, compression(3), WINDOWS, ...attributes, 0);

t.test('one part', async (t) => {
  t.match(readWith(readExr, join(magic(), part())), {
    image: {
      storedWidth: 20,
      storedHeight: 12,
      displayWidth: 100,
      displayHeight: 50,
      bitDepth: 16,
      channels: 4,
      hasAlpha: true,
      pages: 1,
    },
    formatVersion: '2',
    encoding: { codec: 'exr', process: 'scanline' },
    compression: { method: 'zip', lossless: true },
    color: { model: 'rgb' },
    truncated: undefined,
    warnings: [],
  });
});

const rgb = (type: number) => ['B', 'G', 'R'].map((name) => channel(name, type));
const CHANNELS: [name: string, of: Buffer[], image: object, color?: object, encoding?: object][] = [
  ['floats', rgb(FLOAT), { bitDepth: 32, channels: 3, hasAlpha: false }, { model: 'rgb' }],
  [
    'whole numbers among halves',
    [...rgb(HALF), channel('id', UINT)],
    { bitDepth: 32, channels: 4, hasAlpha: false },
  ],
  ['luminance', [channel('Y', HALF)], { bitDepth: 16, channels: 1 }, { model: 'gray' }],
  [
    'luminance and chroma of every second pixel',
    [channel('BY', HALF, 2), channel('RY', HALF, 2), channel('Y', HALF)],
    { channels: 3 },
    { model: 'ycbcr' },
    { chromaSubsampling: '4:2:0' },
  ],
  [
    'layers',
    ['left.A', 'left.B', 'left.G', 'left.R'].map((name) => channel(name, HALF)),
    { channels: 4, hasAlpha: true },
    { model: 'rgb' },
  ],
  ['luminance and half of the chroma', [channel('RY', HALF), channel('Y', HALF)], {}, { model: 'gray' }],
  ['red and green', [channel('G', HALF), channel('R', HALF)], { channels: 2 }, { model: undefined }],
  ['depth', [channel('Z', FLOAT)], { channels: 1 }, { model: undefined }],
  ['none', [], { channels: 0, bitDepth: undefined }],
];

for (const [name, of, image, color = {}, encoding = {}] of CHANNELS) {
  t.test(`channels: ${name}`, async (t) => {
    t.match(readWith(readExr, join(magic(), channels(...of), WINDOWS, 0)), { image, color, encoding });
  });
}

const METHODS: [number: number, type: number, method: string | undefined, lossless: boolean | undefined][] = [
  [0, HALF, 'none', true],
  [1, HALF, 'rle', true],
  [2, HALF, 'zips', true],
  [3, FLOAT, 'zip', true],
  [4, HALF, 'piz', true],
  [5, HALF, 'pxr24', true],
  [5, FLOAT, 'pxr24', false],
  [6, HALF, 'b44', false],
  [7, FLOAT, 'b44a', true],
  [8, HALF, 'dwaa', false],
  [9, HALF, 'dwab', false],
  [10, HALF, 'htj2k256', true],
  [11, HALF, 'htj2k32', true],
  [99, HALF, undefined, undefined],
];

for (const [number, type, method, lossless] of METHODS) {
  t.test(`compression ${number} of samples of type ${type}`, async (t) => {
    const file = join(magic(), compression(number), channels(...rgb(type)), 0);
    t.match(readWith(readExr, file).compression, { method, lossless });
  });
}

t.test('tiles', async (t) => {
  const tiles = attribute('tiles', 'tiledesc', le32(64, 32), 0);
  t.match(readWith(readExr, join(magic(TILED), part(tiles))).encoding, {
    process: 'tiled',
    tiling: { width: 64, height: 32 },
  });
  t.equal(readWith(readExr, join(magic(DEEP), part())).encoding.process, 'deep-scanline');
});

t.test('parts', async (t) => {
  const more = channels(channel('Z', FLOAT));
  const file = join(magic(MULTI_PART), part(), join(more, 0), join(more, 0), 0);
  t.match(readWith(readExr, file), { image: { pages: 3, channels: 4 }, encoding: { process: 'multi-part' } });
  const cut = readWith(readExr, file.subarray(0, -10));
  t.match(cut, { truncated: true, image: { pages: undefined, channels: 4 } });
  const many = join(magic(MULTI_PART), ...Array.from({ length: 1100 }, () => join(more, 0)), 0);
  t.same(codes(readWith(readExr, many)), ['WALK_LIMIT']);
});

t.test('density', async (t) => {
  const density = (...attributes: Part[]) =>
    readWith(readExr, join(magic(), part(...attributes))).image.density;
  t.same(density(float('xDensity', 300)), { x: 300, y: 300, unit: 'inch', source: 'exr' });
  t.same(density(float('xDensity', 300), float('pixelAspectRatio', 2)), {
    x: 300,
    y: 600,
    unit: 'inch',
    source: 'exr',
  });
  t.equal(density(float('pixelAspectRatio', 2)), undefined);
  t.equal(density(float('xDensity', -1)), undefined);
});

t.test('primaries', async (t) => {
  const of = (...places: number[]) =>
    readWith(readExr, join(magic(), part(attribute('chromaticities', 'chromaticities', leFloat(...places)))))
      .color.primaries;
  t.equal(of(0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329), 'bt709');
  t.equal(of(0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767), 'aces-ap1');
  t.equal(of(0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767), 'aces-ap0');
  t.equal(of(0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329), 'bt2020');
  t.equal(of(0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329), 'display-p3');
  t.equal(of(0.64, 0.33, 0.21, 0.71, 0.15, 0.06, 0.3127, 0.329), 'adobe-rgb');
  t.equal(of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), undefined);
});

t.test('texts and numbers', async (t) => {
  const owner = attribute('owner', 'string', Buffer.from('Zoé'));
  const file = join(
    magic(),
    part(owner, float('latitude', 48.25), float('myOwn', 1), attribute('type', 'string', 'deeptile')),
  );
  t.same(readWith(readExr, file).blocks.texts, [
    ['owner', 'Zoé'],
    ['latitude', '48.25'],
  ]);
});

t.test('what can not be', async (t) => {
  const empty = readWith(readExr, join(magic(), RGBA, box('dataWindow', 5, 5, 4, 9), 0));
  t.match(empty, { image: { storedWidth: undefined, channels: 4 } });
  t.same(codes(empty), ['HEADER_MALFORMED']);
  const endless = readWith(readExr, join(magic(), RGBA, 'x'.repeat(300), 0));
  t.same(codes(endless), ['HEADER_MALFORMED']);
  const negative = readWith(readExr, join(magic(), RGBA, 'a', 0, 'b', 0, le32(-1), 0));
  t.same(codes(negative), ['HEADER_MALFORMED']);
  const many = Array.from({ length: 1001 }, () => attribute('a', 'b'));
  t.same(codes(readWith(readExr, join(magic(), ...many, 0))), ['HEADER_MALFORMED']);
  const large = readWith(readExr, join(magic(), RGBA, 'a', 0, 'b', 0, le32(0x7fffffff), 0));
  t.match(large, { truncated: true, image: { channels: 4 } });
});

t.test('cut and wrong', async (t) => {
  const tiles = attribute('tiles', 'tiledesc', le32(64, 32), 0);
  const file = join(magic(TILED), part(tiles, float('xDensity', 72), attribute('owner', 'string', 'a')));
  bearsCuts(t, readExr, file);
  bearsNoise(t, readExr, file);
});
