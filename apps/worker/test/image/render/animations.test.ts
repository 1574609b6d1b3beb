// Every frame against sharp called directly on that frame, and what is told about all of them.
import { canonicalTransform, type Transform } from '@tintype/core';
import type { Sharp } from 'sharp';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { render } from '../../../src/image/render/render.ts';
import { LIMITS } from './limits.ts';
import { largestDifference, meanDifference, PICTURES, type PictureName } from './pictures.ts';

const NOTHING = { r: 0, g: 0, b: 0, alpha: 0 };
const box = { width: 48, height: 40 };

type Row = readonly [transform: Transform, direct: (frame: Sharp) => Sharp];

const ROWS: Row[] = [
  [{}, (frame) => frame],
  [{ width: 48 }, (frame) => frame.resize(48)],
  [box, (frame) => frame.resize(box)],
  [{ ...box, fit: 'contain' }, (frame) => frame.resize({ ...box, fit: 'contain', background: NOTHING })],
  [
    { ...box, fit: 'contain', gravity: 'northwest', background: 'f00' },
    (frame) => frame.resize({ ...box, fit: 'contain', position: 'northwest', background: '#f00' }),
  ],
  [{ ...box, fit: 'fill' }, (frame) => frame.resize({ ...box, fit: 'fill' })],
  [{ ...box, gravity: 'east' }, (frame) => frame.resize({ ...box, position: 'east' })],
  [{ ...box, gravity: 'attention' }, (frame) => frame.resize(box)],
  [{ ...box, gravity: 'entropy' }, (frame) => frame.resize(box)],
  [{ width: 200, enlarge: true }, (frame) => frame.resize(200)],
  [{ flip: 'horizontal' }, (frame) => frame.flop()],
  [{ flip: 'vertical' }, (frame) => frame.flip()],
  [{ flip: 'both' }, (frame) => frame.flip().flop()],
  [{ rotate: 90 }, (frame) => frame.rotate(90)],
  [{ rotate: 180 }, (frame) => frame.rotate(180)],
  [{ rotate: 37 }, (frame) => frame.rotate(37, { background: NOTHING })],
  [{ rotate: 90, width: 40 }, (frame) => frame.rotate(90).resize(40)],
  [{ blur: 3 }, (frame) => frame.blur(3)],
  [{ sharpen: 2 }, (frame) => frame.sharpen({ sigma: 2 })],
  [{ grayscale: true }, (frame) => frame.grayscale()],
  [{ ...box, blur: 2, grayscale: true }, (frame) => frame.resize(box).blur(2).grayscale()],
];

const FRAMES = [0, 1, 2];

/** As they are to be shown: each on its own. */
function framesOf(file: Buffer): Promise<Buffer[]> {
  return Promise.all(FRAMES.map((page) => sharp(file, { page }).png().toBuffer()));
}

const ANIMATIONS: PictureName[] = ['gif', 'animatedWebp'];

for (const name of ANIMATIONS) {
  t.test(name, async (t) => {
    const file = await PICTURES[name]();
    const frames = await framesOf(file);
    for (const [transform, direct] of ROWS) {
      const wish = {
        transform: canonicalTransform({ ...transform, format: 'webp', quality: 100 }),
        limits: LIMITS,
      };
      const { bytes, facts } = await render(file, wish);
      const about = JSON.stringify(transform);
      const { pages, delay, loop, pageHeight, width } = await sharp(bytes, { animated: true }).metadata();
      t.same({ pages, delay, loop }, { pages: 3, delay: [40, 120, 200], loop: 3 }, about);
      t.same(facts, { format: 'webp', width, height: pageHeight }, `${about}: what is told of it`);
      const made = await framesOf(bytes);
      for (const index of FRAMES) {
        const wanted = await direct(sharp(frames[index])).webp({ quality: 100 }).toBuffer();
        // The tall picture that sharp makes of all frames rounds the edges between them in another way.
        const difference = await meanDifference(made[index] as Buffer, wanted);
        t.ok(difference < 2, `${about}: frame ${index}: ${difference}`);
      }
    }
  });
}

t.test('frames differ, so that a wrong one would be noticed', async (t) => {
  const [first, second, third] = await framesOf(await PICTURES.gif());
  t.ok((await meanDifference(first as Buffer, second as Buffer)) > 4);
  t.ok((await meanDifference(second as Buffer, third as Buffer)) > 4);
});

t.test('a GIF stays one, and one becomes a WebP and the other way round', async (t) => {
  for (const name of ANIMATIONS) {
    for (const format of ['gif', 'webp'] as const) {
      for (const transform of [{ format }, { format, rotate: 90 }]) {
        const { bytes, facts } = await render(await PICTURES[name](), {
          transform: canonicalTransform(transform),
          limits: LIMITS,
        });
        const found = await sharp(bytes).metadata();
        t.equal(facts.format, format);
        t.match(found, { format, pages: 3, delay: [40, 120, 200], loop: 3, hasAlpha: true });
      }
    }
  }
});

t.test('without a format, an animation stays what it is', async (t) => {
  t.equal((await render(await PICTURES.gif(), { transform: {}, limits: LIMITS })).facts.format, 'gif');
  t.equal(
    (await render(await PICTURES.animatedWebp(), { transform: {}, limits: LIMITS })).facts.format,
    'webp',
  );
});

t.test('of other formats, the first frame', async (t) => {
  const file = await PICTURES.animatedWebp();
  const [first] = await framesOf(file);
  const { bytes } = await render(file, { transform: { format: 'png', rotate: 90 }, limits: LIMITS });
  t.equal(await largestDifference(bytes, await sharp(first).rotate(90).png().toBuffer()), 0);
});

t.test('an animation that is stored on its side', async (t) => {
  const lying = await sharp(await PICTURES.animatedWebp(), { animated: true })
    .withMetadata({ orientation: 6 })
    .webp({ lossless: true })
    .toBuffer();
  const frames = await framesOf(lying);
  const { bytes } = await render(lying, { transform: { flip: 'horizontal', quality: 100 }, limits: LIMITS });
  const made = await framesOf(bytes);
  for (const index of FRAMES) {
    const upright = await sharp(frames[index]).rotate(90).png().toBuffer();
    const wanted = await sharp(upright).flop().webp({ quality: 100 }).toBuffer();
    t.ok((await meanDifference(made[index] as Buffer, wanted)) < 2, `frame ${index}`);
  }
  t.equal((await sharp(bytes).metadata()).orientation, undefined);
});
