import { decode, encode, isBlurhashValid } from 'blurhash';
import t from 'tap';
import { blurhashOf } from '../../../src/image/pixels/blurhash.ts';
import { onWhite, type Raster } from '../../../src/image/pixels/raster.ts';
import { picture } from './pictures.ts';

const of = (raster: Raster) => blurhashOf(onWhite(raster));
const reference = ({ rgba, width, height }: Raster) =>
  encode(new Uint8ClampedArray(rgba), width, height, 4, 3);
const farthest = (one: string, other: string) => {
  const [left, right] = [decode(one, 16, 12), decode(other, 16, 12)];
  return Math.max(...left.map((value, at) => Math.abs(value - (right[at] ?? 0))));
};

// Light falls off to the right and downwards: of light that grows that way the package clips the cosines, which the C encoder does not.
const FALLING: [name: string, at: (u: number, v: number) => [number, number, number]][] = [
  ['to the right', (u) => [255 - 255 * u, 200 - 100 * u, 90]],
  ['downwards', (_, v) => [80, 255 - 200 * v, 255 - 255 * v]],
  ['both ways', (u, v) => [255 - 120 * u - 120 * v, 200 - 100 * u, 255 - 200 * v]],
  ['in a corner', (u, v) => (u < 0.4 && v < 0.5 ? [250, 240, 200] : [30, 40, 90])],
];

for (const [name, at] of FALLING) {
  t.test(
    `light that falls off ${name} is coded as the reference encoder does it with a large copy`,
    async (t) => {
      const make = (width: number, height: number) =>
        picture(width, height, (x, y) => at((x + 0.5) / width, (y + 0.5) / height));
      const hash = of(make(100, 75));
      t.ok(isBlurhashValid(hash).result);
      t.equal(hash.length, 4 + 2 * 12);
      const away = farthest(hash, reference(make(400, 300)));
      t.ok(away <= 10, `${away}`);
    },
  );
}

t.test('light that grows to the right does so in the hash', async (t) => {
  const pixels = decode(of(picture(100, 75, (x) => [2.5 * x, 2.5 * x, 2.5 * x])), 16, 1);
  const reds = [...pixels].filter((_, at) => at % 4 === 0);
  t.ok((reds[0] ?? 255) < 70 && (reds[15] ?? 0) > 215, String(reds));
  t.ok(
    reds.every((red, x) => red >= (reds[x - 1] ?? 0) - 2),
    String(reds),
  );
});

t.test('plain is its colour everywhere', async (t) => {
  const pixels = decode(of(picture(100, 75, () => [200, 100, 50])), 8, 8);
  const off = pixels.map((value, at) => Math.abs(value - ([200, 100, 50, 255][at % 4] ?? 0)));
  t.ok(Math.max(...off) <= 1, String(off.slice(0, 8)));
});

t.test('black and white', async (t) => {
  t.same([...decode(of(picture(9, 9, () => [0, 0, 0])), 1, 1)], [0, 0, 0, 255]);
  t.same([...decode(of(picture(9, 9, () => [255, 255, 255])), 1, 1)], [255, 255, 255, 255]);
});
