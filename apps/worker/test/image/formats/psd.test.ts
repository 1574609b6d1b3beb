import t from 'tap';
import { readPsd } from '../../../src/image/formats/psd.ts';
import {
  be16,
  be32,
  be64,
  bearsCuts,
  bearsNoise,
  codes,
  join,
  type Part,
  patched,
  readWith,
  zeros,
} from './byte-builder.ts';

interface Psd {
  isLarge?: boolean;
  channels?: number;
  width?: number;
  height?: number;
  depth?: number;
  mode?: number;
  palette?: Part;
  resources?: Part;
  layers?: Part;
  compression?: number;
  pixels?: Part;
}

/** 5 × 3 pixels, RGB, 8 bits, without layers, not compressed, unless told otherwise. */
function psd(file: Psd = {}): Buffer {
  const { isLarge = false, channels = 3, width = 5, height = 3, depth = 8, mode = 3, compression = 0 } = file;
  const [palette, resources, layers] = [file.palette ?? '', file.resources ?? '', file.layers ?? ''].map(
    (part) => join(part),
  );
  const long = (value: number) => (isLarge ? be64(value) : be32(value));
  return join(
    '8BPS',
    be16(isLarge ? 2 : 1),
    zeros(6),
    be16(channels),
    be32(height, width),
    be16(depth, mode),
    ...[be32(palette?.length ?? 0), palette ?? ''],
    ...[be32(resources?.length ?? 0), resources ?? ''],
    ...[long(layers?.length ?? 0), layers ?? ''],
    be16(compression),
    file.pixels ?? zeros(Math.ceil((width * depth) / 8) * height * channels),
  );
}

/** An image resource with an odd name or none. */
function resource(id: number, data: Buffer, name = ''): Buffer {
  const padding = zeros((name.length + 1) % 2);
  return join('8BIM', be16(id), name.length, name, padding, be32(data.length), data, zeros(data.length % 2));
}

/** Layer information: its length, how many layers, and what else there is of it; no global mask; blocks. */
function layers(count: number, { isLarge = false, blocks = '' as Part } = {}): Buffer {
  const info = join(be16(count), zeros(10));
  return join(isLarge ? be64(info.length) : be32(info.length), info, be32(0), blocks);
}

/** Layer information of files with more than 8 bits: nothing where it belongs, and a block. */
const layersInBlock = (key: string, count: number, isLarge: boolean) =>
  join(isLarge ? be64(0) : be32(0), be32(0), '8BIM', key, isLarge ? be64(2) : be32(2), be16(count));

/** An extra channel as DisplayInfo has it: colour, opacity, kind. */
const displayInfo = (...kinds: number[]) =>
  resource(0x0435, join(be32(1), ...kinds.map((kind) => join(zeros(10), be16(100), kind))));

const DOCUMENTS: [name: string, file: Buffer, image: object, more?: object][] = [
  [
    'RGB',
    psd(),
    { storedWidth: 5, storedHeight: 3, bitDepth: 8, channels: 3, hasAlpha: false, pages: 1 },
    {
      formatVersion: '1',
      color: { model: 'rgb' },
      compression: { method: 'none', lossless: true },
      encoding: { codec: 'psd' },
    },
  ],
  [
    'large, 16 bits, CMYK',
    psd({ isLarge: true, channels: 4, depth: 16, mode: 4 }),
    { bitDepth: 16, channels: 4, hasAlpha: false },
    { formatVersion: '2', color: { model: 'cmyk' } },
  ],
  [
    'one bit',
    psd({ channels: 1, depth: 1, mode: 0 }),
    { bitDepth: 1, channels: 1 },
    { color: { model: 'gray' } },
  ],
  ['gray', psd({ channels: 1, mode: 1 }), { channels: 1 }, { color: { model: 'gray' } }],
  [
    'duotone',
    psd({ channels: 1, mode: 8, palette: 'inks' }),
    { channels: 1 },
    { color: { model: 'duotone' } },
  ],
  ['Lab', psd({ mode: 9 }), { hasAlpha: false }, { color: { model: 'lab' } }],
  [
    'inks only',
    psd({ channels: 7, mode: 7 }),
    { channels: 7, hasAlpha: false },
    { color: { model: 'multichannel' } },
  ],
  [
    'indexed',
    psd({ channels: 1, mode: 2, palette: zeros(768) }),
    { channels: 1, bitDepth: 8, hasAlpha: false },
    { color: { model: 'indexed', palette: { size: 256 } } },
  ],
  [
    'indexed, fewer colours, one of them transparent',
    psd({
      channels: 1,
      mode: 2,
      palette: zeros(768),
      resources: join(resource(0x0416, be16(17), 'odd'), resource(0x0417, be16(3))),
    }),
    { hasAlpha: true },
    { color: { palette: { size: 17 } } },
  ],
  ['layers and no transparency', psd({ layers: layers(2) }), { hasAlpha: false }],
  [
    'transparency of the merged picture',
    psd({ channels: 4, layers: layers(-2) }),
    { channels: 4, hasAlpha: true },
  ],
  ['a negative count without a channel for it', psd({ layers: layers(-1) }), { hasAlpha: false }],
  [
    'transparency, 16 bits',
    psd({ channels: 4, layers: layersInBlock('Lr16', -1, false) }),
    { hasAlpha: true },
  ],
  [
    'transparency, 32 bits, large',
    psd({ isLarge: true, channels: 4, layers: layersInBlock('Lr32', -1, true), resources: displayInfo(2) }),
    { hasAlpha: true },
  ],
  [
    'transparency by a block that says so',
    psd({
      channels: 4,
      layers: layers(1, { blocks: join('8BIMPatt', be32(5), zeros(8), '8BIMMtrn', be32(0), zeros(8)) }),
      resources: displayInfo(2),
    }),
    { hasAlpha: true },
  ],
  [
    'transparency behind a global mask and a block with a short length',
    psd({
      isLarge: true,
      channels: 4,
      layers: join(be64(0), be32(3), zeros(3), '8BIMPatt', be32(2), zeros(4), '8BIMMtrn', be64(0), zeros(8)),
      resources: displayInfo(2),
    }),
    { hasAlpha: true },
  ],
  ['an extra channel', psd({ channels: 4, layers: layers(1) }), { hasAlpha: true }],
  ['an extra channel that is an ink', psd({ channels: 4, resources: displayInfo(2) }), { hasAlpha: false }],
  ['an ink and another', psd({ channels: 5, resources: displayInfo(2, 0) }), { hasAlpha: true }],
  [
    'runs',
    psd({ compression: 1, pixels: join(be16(...Array(9).fill(2)), zeros(18)) }),
    {},
    { compression: { method: 'rle', lossless: true } },
  ],
  [
    'runs of a large document',
    psd({ isLarge: true, compression: 1, pixels: join(be32(...Array(9).fill(2)), zeros(18)) }),
    {},
    { compression: { method: 'rle' } },
  ],
];

for (const [name, file, image, more = {}] of DOCUMENTS) {
  t.test(name, async (t) => {
    const header = readWith(readPsd, file);
    t.match(header, { image, ...more, end: file.length, truncated: undefined });
    t.same(header.warnings, []);
    t.equal(readWith(readPsd, join(file, 'more')).end, file.length);
    t.equal(readWith(readPsd, file.subarray(0, -1)).truncated, true);
  });
}

t.test('deflate has no end that could be told', async (t) => {
  const of = (compression: number) => readWith(readPsd, psd({ compression }));
  t.same(of(2).compression, { method: 'deflate', lossless: true, predictor: 'none' });
  t.same(of(3).compression, { method: 'deflate', lossless: true, predictor: 'horizontal' });
  t.equal(of(3).end, undefined);
});

t.test('the image resources are handed on as they are', async (t) => {
  const resources = join(resource(0x03ed, zeros(16)), resource(0x0424, Buffer.from('<x:xmpmeta/>')));
  const file = psd({ resources });
  t.same(Buffer.from(readWith(readPsd, file).blocks.photoshop ?? []), resources);
  t.equal(readWith(readPsd, file.subarray(0, 40)).blocks.photoshop?.length, 6, 'as far as they are there');
  t.equal(readWith(readPsd, psd()).blocks.photoshop, undefined);
});

t.test('what can not be', async (t) => {
  const broken: [name: string, file: Buffer, image: object][] = [
    ['7 bits', psd({ depth: 7 }), { storedWidth: 5, bitDepth: undefined }],
    ['a mode of no known number', psd({ mode: 55 }), { storedWidth: 5 }],
    ['a compression of no known number', psd({ compression: 9 }), { storedWidth: 5 }],
  ];
  for (const [name, file, image] of broken) {
    const header = readWith(readPsd, file);
    t.match(header.image, image, name);
    t.same(codes(header), ['HEADER_MALFORMED'], name);
  }
  const rows = readWith(readPsd, psd({ height: 60_000, compression: 1, pixels: zeros(10) }));
  t.match(rows, { end: undefined, compression: { method: 'rle' } }, 'more rows than are added up');
  const lost = readWith(readPsd, patched(psd({ layers: layers(1) }), [34, be32(0xfffffff0)]));
  t.match(lost, {
    truncated: true,
    image: { storedWidth: 5, hasAlpha: false },
    compression: { lossless: true },
  });
  const wrong = readWith(readPsd, patched(psd({ channels: 4, layers: layers(-1) }), [38, be32(0xfffffff0)]));
  t.match(
    wrong,
    { truncated: undefined, image: { hasAlpha: true } },
    'layers that are longer than their section',
  );
});

t.test('cut and wrong', async (t) => {
  const file = psd({
    channels: 4,
    resources: displayInfo(2),
    layers: layers(1, { blocks: join('8BIMMtrn', be32(0)) }),
  });
  bearsCuts(t, readPsd, file);
  bearsNoise(t, readPsd, file);
});
