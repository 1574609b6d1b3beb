import t from 'tap';
import { join } from '../byte-builder.ts';
import { box, coded, full, ispe, u16, u32 } from './heif-builder.ts';

const cmpd = (...types: number[]) => box('cmpd', u32(types.length), ...types.map(u16));
const uncC = (depth: number, count: number, sampling = 0, tiles = 1) =>
  full(
    'uncC',
    0,
    0,
    u32(0),
    u32(count),
    ...Array.from({ length: count }, (_, index) => [...u16(index), depth - 1, 0, 0]),
    sampling,
    0,
    0,
    0,
    u32(0),
    u32(0),
    u32(0),
    u32(tiles - 1),
    u32(0),
  );

const RAW: [name: string, properties: Buffer[], expected: object][] = [
  [
    'RGB',
    [cmpd(4, 5, 6), uncC(8, 3)],
    {
      image: { bitDepth: 8, channels: 3, hasAlpha: false },
      color: { model: 'rgb' },
      compression: { method: 'none', lossless: true },
    },
  ],
  [
    'with alpha and padding',
    [cmpd(4, 5, 6, 7, 12), uncC(16, 5)],
    { image: { bitDepth: 16, channels: 4, hasAlpha: true }, color: { model: 'rgb' } },
  ],
  [
    'YCbCr',
    [cmpd(1, 2, 3), uncC(10, 3, 2)],
    { encoding: { chromaSubsampling: '4:2:0' }, color: { model: 'ycbcr' } },
  ],
  ['grey', [cmpd(0), uncC(12, 1)], { image: { bitDepth: 12, channels: 1 }, color: { model: 'gray' } }],
  ['a colour filter', [join(box('cmpd', u32(1), u16(11))), uncC(14, 1)], { color: { model: 'cfa' } }],
  [
    'a component with a name',
    [box('cmpd', u32(2), u16(0x8000), 'uri\0', u16(0)), uncC(8, 2)],
    { image: { channels: 2 }, color: { model: 'gray' } },
  ],
  ['tiles', [cmpd(0), uncC(8, 1, 0, 4)], { encoding: { tiling: { width: 10, height: 20 } } }],
  ['a layout by name', [full('uncC', 1, 0, 'rgba')], { image: { bitDepth: 8, channels: 4, hasAlpha: true } }],
  [
    'compressed',
    [cmpd(0), uncC(8, 1), full('cmpC', 0, 0, 'zlib', 0)],
    { compression: { method: 'deflate', lossless: true } },
  ],
];

for (const [name, properties, expected] of RAW) {
  t.test(`uncompressed: ${name}`, async (t) => {
    t.match(coded({ type: 'unci', properties: [ispe(40, 20), ...properties] }), {
      encoding: { codec: 'uncompressed' },
      warnings: [],
      ...expected,
    });
  });
}
