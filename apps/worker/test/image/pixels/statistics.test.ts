import t from 'tap';
import { lumaOf, onWhite, type Raster } from '../../../src/image/pixels/raster.ts';
import { type ChannelName, statsOf } from '../../../src/image/pixels/statistics.ts';
import { gray, picture } from './pictures.ts';

const of = (raster: Raster, ...names: ChannelName[]) => statsOf(raster, lumaOf(onWhite(raster)), names);

const CASES: [name: string, stats: object, expect: object][] = [
  [
    'plain',
    of(
      gray(8, 4, () => 40),
      'gray',
    ),
    {
      channels: [{ name: 'gray', min: 40, max: 40, mean: 40, stdev: 0 }],
      entropy: 0,
      sharpness: 0,
      sampleWidth: 8,
      sampleHeight: 4,
    },
  ],
  [
    'each channel by itself',
    of(
      picture(2, 1, (x) => [x * 10, 20, 30 - x * 30, 255 - x * 55]),
      'red',
      'green',
      'blue',
      'alpha',
    ),
    {
      channels: [
        { name: 'red', min: 0, max: 10, mean: 5, stdev: 5 },
        { name: 'green', min: 20, max: 20, mean: 20, stdev: 0 },
        { name: 'blue', min: 0, max: 30, mean: 15, stdev: 15 },
        { name: 'alpha', min: 200, max: 255, mean: 227.5, stdev: 27.5 },
      ],
    },
  ],
  // Of the 8 × 8 inner pixels half see 4 · 255, half −4 · 255.
  [
    'a checker is as sharp as can be',
    of(
      gray(10, 10, (x, y) => ((x + y) % 2) * 255),
      'gray',
    ),
    { entropy: 1, sharpness: 1020 },
  ],
  [
    'all levels alike',
    of(
      gray(256, 2, (x) => x),
      'gray',
    ),
    { entropy: 8, channels: [{ mean: 127.5, stdev: 73.9 }] },
  ],
  [
    'a ramp has no edges',
    of(
      gray(50, 50, (x, y) => x + y),
      'gray',
    ),
    { sharpness: 0 },
  ],
  [
    'too small to have edges',
    of(
      gray(2, 50, (x) => x * 255),
      'gray',
    ),
    { sharpness: 0, entropy: 1 },
  ],
];

for (const [name, stats, expect] of CASES) t.test(name, async (t) => t.match(stats, expect));
