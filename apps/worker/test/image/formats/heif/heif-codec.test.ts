import sharp from 'sharp';
import t from 'tap';
import { codes, join, type Part } from '../byte-builder.ts';
import { av1C, bits, box, coded, full, hvcC, ispe, nclx, u16 } from './heif-builder.ts';

const avcC = (profile: number, level: number, ...more: Part[]) =>
  box('avcC', 1, profile, 0, level, 0xff, ...more);
/** A parameter set of each kind, and what follows them: chroma and depth. */
const HIGH = [0xe1, u16(3), 'sps', 1, u16(3), 'pps', 0xfe, 0xfa, 0xfa, 0];

const CODECS: [
  name: string,
  type: string,
  properties: Buffer[],
  codec: string,
  encoding: object,
  image: object,
][] = [
  [
    'AV1 of 10 bits',
    'av01',
    [av1C(0x04, 0x4c)],
    'av1',
    { profile: 'Main', level: '3.0', chromaSubsampling: '4:2:0' },
    { bitDepth: 10 },
  ],
  [
    'AV1 of 12 bits',
    'av01',
    [av1C(0x49, 0x68)],
    'av1',
    { profile: 'Professional', level: '4.1', chromaSubsampling: '4:2:2' },
    { bitDepth: 12 },
  ],
  [
    'AV1 in grey',
    'av01',
    [av1C(0x00, 0x1c)],
    'av1',
    { chromaSubsampling: '4:0:0', level: '2.0' },
    { bitDepth: 8, channels: 1 },
  ],
  [
    'AV1 of any level',
    'av01',
    [av1C(0x3f, 0)],
    'av1',
    { profile: 'High', level: undefined, chromaSubsampling: '4:4:4' },
    {},
  ],
  [
    'HEVC',
    'hvc1',
    [hvcC(3, 0, 93, 1, 8)],
    'hevc',
    { profile: 'Main Still Picture', level: '3.1', chromaSubsampling: '4:2:0' },
    { bitDepth: 8, channels: 3 },
  ],
  [
    'HEVC of 10 bits',
    'hev1',
    [hvcC(2, 0, 120, 1, 10)],
    'hevc',
    { profile: 'Main 10', level: '4' },
    { bitDepth: 10 },
  ],
  [
    'HEVC with range extensions',
    'hvc1',
    [hvcC(4, 0x9d20, 153, 2, 10)],
    'hevc',
    { profile: 'Main 4:2:2 10 Intra', level: '5.1', chromaSubsampling: '4:2:2' },
    {},
  ],
  [
    'HEVC in grey',
    'hvc1',
    [hvcC(4, 0x9fd0, 255, 0, 8)],
    'hevc',
    { profile: 'Monochrome Still Picture', level: '8.5', chromaSubsampling: '4:0:0' },
    { channels: 1 },
  ],
  [
    'HEVC without subsampling',
    'hvc1',
    [hvcC(4, 0x9820, 0, 3, 12)],
    'hevc',
    { profile: 'Main 4:4:4 12 Intra', level: undefined },
    { bitDepth: 12 },
  ],
  [
    'AVC',
    'avc1',
    [avcC(66, 30)],
    'avc',
    { profile: 'Baseline', level: '3.0', chromaSubsampling: '4:2:0' },
    { bitDepth: 8 },
  ],
  [
    'AVC of 10 bits',
    'avc1',
    [avcC(122, 41, ...HIGH)],
    'avc',
    { profile: 'High 4:2:2', level: '4.1', chromaSubsampling: '4:2:2' },
    { bitDepth: 10 },
  ],
  [
    'AVC that does not tell its depth',
    'avc1',
    [avcC(100, 41, ...HIGH.slice(0, 6))],
    'avc',
    { profile: 'High', chromaSubsampling: undefined },
    { bitDepth: undefined },
  ],
  [
    'VVC',
    'vvc1',
    [full('vvcC', 0, 0, 0xff, u16(1), 0x5f, 0, 65 * 2, 67)],
    'vvc',
    { profile: 'Main 10 Still Picture', level: '4.1', chromaSubsampling: '4:2:0' },
    { bitDepth: 10 },
  ],
  ['VVC without a profile', 'vvc1', [full('vvcC', 0, 0, 0xfe)], 'vvc', { profile: undefined }, {}],
  ['EVC', 'evc1', [], 'evc', {}, { bitDepth: undefined, channels: undefined }],
];

for (const [name, type, properties, codec, encoding, image] of CODECS) {
  t.test(name, async (t) => {
    const header = coded({ type, properties: [ispe(8, 8), nclx(1, 13, 6), ...properties] });
    t.match(header, {
      encoding: { codec, ...encoding },
      compression: { method: codec },
      image,
      warnings: [],
    });
  });
}

t.test('a configuration that is too short loses only itself', async (t) => {
  for (const [type, config] of [
    ['av01', 'av1C'],
    ['hvc1', 'hvcC'],
    ['avc1', 'avcC'],
    ['vvc1', 'vvcC'],
    ['unci', 'uncC'],
  ] as const) {
    const header = coded({ type, properties: [ispe(8, 8), box(config, 1)] });
    t.match(header, { image: { storedWidth: 8, displayWidth: 8, bitDepth: undefined } });
    t.same(codes(header), ['HEADER_MALFORMED'], config);
  }
});

t.test('a profile takes the place of the stream’s primaries and transfer, not of its matrix', async (t) => {
  const units = join(0x0a, 12, bits('000 1 1 00100 4:6 4:5 7:99 6:49 000 000 0 0 1 8:9 8:16 8:9 1 00 0 0'));
  const plain = coded({ properties: [ispe(8, 8), av1C(0x04, 0x0c, units)] });
  t.match(plain.color, { transfer: 'pq', matrix: 'bt2020-ncl', hdr: { standard: 'pq' } });
  const profiled = coded({
    properties: [ispe(8, 8), av1C(0x04, 0x0c, units), box('colr', 'prof', 'profile')],
  });
  t.match(profiled.color, {
    space: undefined,
    transfer: undefined,
    matrix: 'bt2020-ncl',
    range: 'full',
    hdr: undefined,
  });
});

t.test('a JPEG inside is read by the reader of JPEG', async (t) => {
  const jpeg = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#a35' } })
    .jpeg({ chromaSubsampling: '4:4:4' })
    .toBuffer();
  const whole = coded({ type: 'jpeg', data: jpeg });
  t.match(whole, {
    image: { storedWidth: 40, storedHeight: 20, bitDepth: 8, channels: 3 },
    encoding: { codec: 'jpeg', chromaSubsampling: '4:4:4' },
    compression: { method: 'jpeg' },
  });
  const split = coded({
    type: 'jpeg',
    properties: [box('jpgC', jpeg.subarray(0, 100))],
    data: jpeg.subarray(100),
  });
  t.same({ ...split, end: 0 }, { ...whole, end: 0 });
});
