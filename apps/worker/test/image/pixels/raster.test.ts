import t from 'tap';
import { lumaOf, onWhite, orient } from '../../../src/image/pixels/raster.ts';
import { picture } from './pictures.ts';

// 1 2 3
// 4 5 6
const stored = picture(3, 2, (x, y) => [y * 3 + x + 1, 0, 0, 7]);

const TURNED: [orientation: number, width: number, reds: number[]][] = [
  [0, 3, [1, 2, 3, 4, 5, 6]],
  [1, 3, [1, 2, 3, 4, 5, 6]],
  [2, 3, [3, 2, 1, 6, 5, 4]],
  [3, 3, [6, 5, 4, 3, 2, 1]],
  [4, 3, [4, 5, 6, 1, 2, 3]],
  [5, 2, [1, 4, 2, 5, 3, 6]],
  [6, 2, [4, 1, 5, 2, 6, 3]],
  [7, 2, [6, 3, 5, 2, 4, 1]],
  [8, 2, [3, 6, 2, 5, 1, 4]],
  [9, 3, [1, 2, 3, 4, 5, 6]],
];

for (const [orientation, width, reds] of TURNED) {
  t.test(`orientation ${orientation}`, async (t) => {
    const turned = orient(stored, orientation);
    t.equal(turned.width, width);
    t.equal(turned.height, 6 / width);
    t.same(
      [...turned.rgba].filter((_, at) => at % 4 === 0),
      reds,
    );
    t.equal(turned.rgba[3], 7);
  });
}

t.test('pixels that begin anywhere in memory are turned', async (t) => {
  const rgba = new Uint8Array(25).subarray(1);
  rgba.set(stored.rgba);
  t.same([...orient({ ...stored, rgba }, 3).rgba], [...orient(stored, 3).rgba]);
});

t.test('what is transparent shows the white page', async (t) => {
  const shades = picture(3, 1, (x) => [100, 0, 200, [255, 0, 51][x] ?? 0]);
  const [red, green, blue] = onWhite(shades);
  t.same([...red.values], [100, 255, 224]);
  t.same([...green.values], [0, 255, 204]);
  t.same([...blue.values].map(Math.round), [200, 255, 244]);
});

t.test('luma weighs red, green and blue as BT.601 does', async (t) => {
  const primaries = picture(4, 1, (x) => [
    x % 3 === 0 ? 255 : 0,
    x === 1 || x === 3 ? 255 : 0,
    x >= 2 ? 255 : 0,
  ]);
  t.same([...lumaOf(onWhite(primaries)).values].map(Math.round), [76, 150, 29, 255]);
});
