import t from 'tap';
import { distance, oklabOf } from '../../../src/image/pixels/oklab.ts';
import { paletteOf } from '../../../src/image/pixels/palette.ts';
import type { Raster } from '../../../src/image/pixels/raster.ts';
import { gray, picture } from './pictures.ts';

const RAINBOW = ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#ff00ff', '#00ffff', '#000000', '#ffffff'];
const channelsOf = (hex: string): [number, number, number] => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5), 16),
];

const CASES: [name: string, raster: Raster, palette: string[]][] = [
  ['one colour, exactly', picture(9, 5, () => [0x33, 0x66, 0x99]), ['#336699']],
  ['the commonest first', picture(10, 1, (x) => (x < 3 ? [255, 0, 0] : [0, 0, 255])), ['#0000ff', '#ff0000']],
  ['noise makes no colours', gray(50, 50, (x, y) => 120 + ((x * 7 + y * 3) % 9)), ['#7c7c7c']],
  ['specks make none either', picture(200, 1, (x) => (x === 9 ? [0, 255, 0] : [9, 9, 9])), ['#090909']],
  [
    'the transparent does not count',
    picture(10, 1, (x) => (x < 9 ? [255, 0, 0, 0] : [0, 0, 0])),
    ['#000000'],
  ],
  [
    'the half transparent counts half',
    picture(10, 1, (x) => (x < 6 ? [255, 0, 0, 127] : [0, 0, 0])),
    ['#000000', '#ff0000'],
  ],
  ['nothing to see has no colour', picture(4, 4, () => [1, 2, 3, 0]), []],
  [
    'six at most',
    picture(36, 1, (x) => channelsOf(RAINBOW[Math.floor((Math.sqrt(8 * x + 1) - 1) / 2)] ?? '')),
    RAINBOW.slice(2).reverse(),
  ],
];

for (const [name, raster, palette] of CASES) {
  t.test(name, async (t) => t.same(paletteOf(raster), palette));
}

t.test('distances are those of OKLab', async (t) => {
  const [black, white, red] = [oklabOf(0, 0, 0), oklabOf(255, 255, 255), oklabOf(255, 0, 0)];
  t.ok(Math.abs(distance(black, white) - 1) < 1e-6);
  // As printed in CSS Color 4, example of red: oklab(62.796% 0.22486 0.12585).
  t.ok(red.every((value, index) => Math.abs(value - ([0.62796, 0.22486, 0.12585][index] ?? 0)) < 1e-4));
});
