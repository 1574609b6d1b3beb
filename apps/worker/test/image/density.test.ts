import t from 'tap';
import { densityIn } from '../../src/image/density.ts';

const DENSITIES: [unit: Parameters<typeof densityIn>[0], x: number, y: number, expected: unknown][] = [
  ['inch', 72, 300, { x: 72, y: 300 }],
  ['inch', 1 / 3, 0.5, { x: 0.333, y: 0.5 }],
  ['centimetre', 28.3465, 118, { x: 72, y: 299.72 }],
  // The whole number next to 300 to the inch.
  ['metre', 11_811, 2835, { x: 300, y: 72.01 }],
  ['inch', 0, 72, undefined],
  ['inch', 72, -1, undefined],
  ['metre', 0.01, 11_811, undefined],
  ['inch', Number.NaN, 72, undefined],
  ['inch', 72, Number.POSITIVE_INFINITY, undefined],
];

for (const [unit, x, y, expected] of DENSITIES) {
  t.test(`${x} × ${y} to the ${unit}`, async (t) => t.same(densityIn(unit, x, y), expected));
}
