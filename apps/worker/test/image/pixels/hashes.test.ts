import t from 'tap';
import { dhashOf, phashOf } from '../../../src/image/pixels/hashes.ts';
import { lumaOf, onWhite, type Raster } from '../../../src/image/pixels/raster.ts';
import { bitsApart, gray, scene } from './pictures.ts';

const phash = (raster: Raster) => phashOf(lumaOf(onWhite(raster)));
const dhash = (raster: Raster) => dhashOf(lumaOf(onWhite(raster)));

// Worked out by a plain transcription of ImageHash 4.3 into loops; at these sizes nothing is resampled.
const mixed = (x: number, y: number) => (x * 7 + y * 13 + ((x * y) % 31) * 5) % 256;
const disc = (x: number, y: number) => ((x - 11) ** 2 + (y - 18) ** 2 < 70 ? 230 : 40 + x * 2 + y);
const wave = (x: number, y: number) => (x * x + 3 * y * y) % 251;

const PHASHES: [name: string, raster: Raster, hash: string][] = [
  ['mixed', gray(32, 32, mixed), 'c63a409a9f310ebf'],
  ['disc', gray(32, 32, disc), 'c03e3fc0d8c7c63a'],
  ['wave', gray(32, 32, wave), '860f0f0e060efebe'],
  ['plain gray has but its constant', gray(100, 60, () => 90), '8000000000000000'],
  ['black has not even that', gray(100, 60, () => 0), '0000000000000000'],
  ['one pixel', gray(1, 1, () => 200), '8000000000000000'],
];

for (const [name, raster, hash] of PHASHES)
  t.test(`phash: ${name}`, async (t) => t.equal(phash(raster), hash));

const DHASHES: [name: string, raster: Raster, hash: string][] = [
  ['mixed', gray(9, 8, mixed), 'fffffffffefbf7ee'],
  ['brighter to the right', gray(90, 80, (x) => 2 * x), 'ffffffffffffffff'],
  ['darker to the right', gray(90, 80, (x) => 255 - 2 * x), '0000000000000000'],
  ['equal is not brighter', gray(90, 80, (_, y) => y), '0000000000000000'],
  [
    'rows from the top, first bit leftmost',
    gray(9, 8, (x, y) => (x === 1 && y === 0 ? 200 : 100)),
    '8000000000000000',
  ],
  [
    'the last bit is at the right of the lowest row',
    gray(9, 8, (x, y) => (x === 8 && y === 7 ? 200 : 100)),
    '0000000000000001',
  ],
];

for (const [name, raster, hash] of DHASHES)
  t.test(`dhash: ${name}`, async (t) => t.equal(dhash(raster), hash));

t.test('sizes of one scene are near, other scenes are far', async (t) => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const [large, small] = [scene(seed, 100, 80), scene(seed, 60, 48)];
    t.ok(bitsApart(phash(large), phash(small)) <= 6, `phash of ${seed}`);
    t.ok(bitsApart(dhash(large), dhash(small)) <= 6, `dhash of ${seed}`);
    const other = scene(seed + 1, 100, 80);
    t.ok(bitsApart(phash(large), phash(other)) > 16, `phash of ${seed} and its neighbour`);
  }
});
