import t from 'tap';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { placeholderOf } from '../../../src/image/pixels/placeholder.ts';
import { onWhite, type Raster } from '../../../src/image/pixels/raster.ts';
import { picture, scene } from './pictures.ts';

const thumbhash = (raster: Raster) => Buffer.from(placeholderOf(raster, onWhite(raster)).thumbhash, 'base64');

t.test('a plain picture is its colour', async (t) => {
  const { r, g, b, a } = thumbHashToAverageRGBA(thumbhash(picture(60, 40, () => [200, 100, 50])));
  t.same(
    [r, g, b].map((value) => Math.round(value * 25.5)),
    [20, 10, 5],
  );
  t.equal(a, 1);
});

for (const [width, height] of [
  [100, 25],
  [25, 100],
  [1, 100],
  [1, 1],
] as const) {
  t.test(`${width} × ${height} keeps its shape`, async (t) => {
    const ratio = thumbHashToApproximateAspectRatio(thumbhash(scene(1, width, height)));
    t.equal(Math.sign(Math.log(ratio)), Math.sign(Math.log(width / height)));
  });
}

t.test('ThumbHash knows what is transparent, BlurHash sees white there', async (t) => {
  const clear = picture(20, 20, () => [0, 0, 0, 0]);
  t.equal(thumbHashToAverageRGBA(thumbhash(clear)).a, 0);
  const { blurhash } = placeholderOf(clear, onWhite(clear));
  t.equal(
    blurhash,
    placeholderOf(
      picture(9, 9, () => [255, 255, 255]),
      onWhite(picture(9, 9, () => [255, 255, 255])),
    ).blurhash,
  );
});
