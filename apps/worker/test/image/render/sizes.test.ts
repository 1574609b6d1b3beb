// What is refused for its size, before a pixel is decoded; and that the sizes worked out before are those that come out.
import { type CanonicalTransform, canonicalTransform } from '@tintype/core';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { sizesOf } from '../../../src/image/render/geometry.ts';
import type { RenderLimits } from '../../../src/image/render/limits.ts';
import { render } from '../../../src/image/render/render.ts';
import { turnOf } from '../../../src/image/render/turn.ts';
import { LIMITS } from './limits.ts';
import { HEIGHT, PICTURES, type PictureName, WIDTH } from './pictures.ts';

const PIXELS = WIDTH * HEIGHT;

const REFUSED: [about: string, PictureName, CanonicalTransform, Partial<RenderLimits>, message: RegExp][] = [
  ['as it is', 'jpeg', {}, { maxInputPixels: PIXELS - 1 }, /^The picture has 9600 pixels/],
  ['all frames', 'gif', {}, { maxInputPixels: 3 * PIXELS - 1 }, /^The picture has 28800 pixels/],
  ['what comes out', 'jpeg', {}, { maxPixels: PIXELS - 1 }, /^The picture would have 9600 pixels/],
  ['all frames that come out', 'gif', {}, { maxPixels: 3 * PIXELS - 1 }, /would have 28800 pixels/],
  ['enlarged', 'jpeg', { width: 240, enlarge: true }, { maxPixels: 38_399 }, /would have 38400 pixels/],
  ['contain', 'jpeg', { width: 200, height: 200, fit: 'contain' }, { maxPixels: 39_999 }, /would have 40000/],
  [
    'outside',
    'jpeg',
    { width: 120, height: 120, fit: 'outside', enlarge: true },
    { maxPixels: 21_599 },
    /21600/,
  ],
  [
    'cut from something larger',
    'jpeg',
    { width: 1, height: 800, enlarge: true },
    { maxPixels: 959_999 },
    /960000/,
  ],
  ['rotated', 'jpeg', { rotate: 45 }, { maxPixels: 19_000 }, /would have 19881 pixels/],
  ['a side', 'jpeg', {}, { maxSide: WIDTH - 1 }, /a side of 120 pixels, longer than the 119/],
  ['a side that is turned', 'jpeg', { rotate: 45 }, { maxSide: 140 }, /a side of 141 pixels/],
  [
    'memory',
    'jpeg',
    { format: 'avif' },
    { maxMemoryBytes: 400_000 },
    /bytes of memory, more than the 400000/,
  ],
];

t.test('refused', async (t) => {
  for (const [about, name, transform, limits, message] of REFUSED) {
    const wish = { transform, limits: { ...LIMITS, ...limits } };
    await t.rejects(render(await PICTURES[name](), wish), { code: 'PICTURE_TOO_LARGE', message }, about);
  }
});

t.test('of an animation only what is made counts', async (t) => {
  const limits = { ...LIMITS, maxInputPixels: PIXELS, maxPixels: PIXELS };
  const { facts } = await render(await PICTURES.gif(), { transform: { format: 'png' }, limits });
  t.match(facts, { format: 'png', width: WIDTH, height: HEIGHT });
});

t.test('a header that promises too much is believed before a pixel is', async (t) => {
  // 60,000 × 60,000: the header of a PNG, and no picture behind it.
  const png = await PICTURES.opaque();
  png.writeUInt32BE(60_000, 16);
  png.writeUInt32BE(60_000, 20);
  await t.rejects(render(png, { transform: { width: 10 }, limits: LIMITS }), { code: 'PICTURE_TOO_LARGE' });
});

const WISHES: CanonicalTransform[] = [undefined, 7, 40, 121, 300].flatMap((width) =>
  [undefined, 1, 33, 200].flatMap((height) =>
    (['cover', 'contain', 'fill', 'inside', 'outside'] as const).flatMap((fit) =>
      [0, 90, 33].map((rotate) => ({
        fit,
        rotate,
        ...(width && { width }),
        ...(height && { height }),
        ...(rotate === 90 && { enlarge: true }),
      })),
    ),
  ),
);

t.test('the sizes worked out before are those that come out', async (t) => {
  const file = await PICTURES.jpeg();
  for (const wish of WISHES.map((each) => canonicalTransform(each))) {
    const { final } = sizesOf({ width: WIDTH, height: HEIGHT }, turnOf(wish), wish);
    const { bytes } = await render(file, { transform: { ...wish, format: 'png' }, limits: LIMITS });
    const { width, height } = await sharp(bytes).metadata();
    const isNear = Math.abs(width - final.width) <= 1 && Math.abs(height - final.height) <= 1;
    t.ok(isNear, `${JSON.stringify(wish)}: ${width} × ${height}, not ${final.width} × ${final.height}`);
  }
});
