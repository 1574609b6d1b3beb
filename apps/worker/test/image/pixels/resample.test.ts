import t from 'tap';
import type { Plane } from '../../../src/image/pixels/raster.ts';
import { resample } from '../../../src/image/pixels/resample.ts';

function plane(width: number, height: number, at: (x: number, y: number) => number): Plane {
  const values = Float32Array.from({ length: width * height }, (_, index) =>
    at(index % width, Math.floor(index / width)),
  );
  return { width, height, values };
}
const rounded = ({ values }: Plane) => [...values].map((value) => Math.round(value * 100) / 100);

t.test('the same size changes nothing', async (t) => {
  const before = plane(5, 4, (x, y) => (x * 37 + y * 59) % 256);
  t.same(rounded(resample(before, 5, 4)), [...before.values]);
});

for (const [width, height] of [
  [100, 75],
  [1, 100],
  [100, 1],
  [1, 1],
  [7, 3],
] as const) {
  t.test(`plain ${width} × ${height} stays plain at any size`, async (t) => {
    const small = resample(
      plane(width, height, () => 77),
      32,
      9,
    );
    t.match(small, { width: 32, height: 9 });
    t.same(new Set(rounded(small)), new Set([77]));
  });
}

t.test('a ramp stays a ramp, in the right direction', async (t) => {
  const across = resample(
    plane(96, 10, (x) => x),
    8,
    2,
  );
  const inner = [...across.values.slice(1, 7)];
  t.ok(
    inner.every((value, index) => Math.abs(value - (17.5 + 12 * index)) < 0.3),
    String(inner),
  );
  const down = resample(
    plane(10, 96, (_, y) => y),
    1,
    4,
  );
  t.ok(down.values.every((value, row) => row === 0 || value > (down.values[row - 1] ?? 0) + 20));
});

t.test('edges overshoot no further than black and white', async (t) => {
  const { values } = resample(
    plane(60, 60, (x, y) => (x < 30 === y < 30 ? 255 : 0)),
    20,
    20,
  );
  t.ok(values.every((value) => value >= 0 && value <= 255));
});
