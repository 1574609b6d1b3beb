// Any combination of parameters on any kind of picture: an image comes out that is what is told of it, or an error that has a name.
import {
  type Accepted,
  AppError,
  canonicalTransform,
  FITS,
  GRAVITIES,
  OUTPUT_FORMATS,
  type Transform,
} from '@tintype/core';
import fc from 'fast-check';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { render } from '../../../src/image/render/render.ts';
import { LIMITS } from './limits.ts';
import { NAMES, PICTURES } from './pictures.ts';

const one = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const side = fc.oneof(fc.integer({ min: 1, max: 400 }), one(1, 2, 3, 16_384));

const transforms: fc.Arbitrary<Transform> = fc.record(
  {
    width: side,
    height: side,
    fit: one(...FITS),
    gravity: one(...GRAVITIES),
    enlarge: fc.boolean(),
    dpr: one(0.1, 0.5, 1, 2, 5),
    rotate: fc.oneof(fc.integer({ min: -360, max: 360 }), one(90, 180, 270)),
    flip: one('horizontal', 'vertical', 'both'),
    format: one('auto', ...OUTPUT_FORMATS),
    quality: one(1, 50, 100),
    blur: one(0.3, 1, 7.77, 100),
    sharpen: one(0.1, 1, 10),
    grayscale: fc.boolean(),
    background: one('#fff', '0008', 'f0a3c1', '00000000', 'ABCDEF80'),
  },
  { requiredKeys: [] },
);

const limits = { ...LIMITS, maxPixels: 300_000, maxSide: 2000, maxMemoryBytes: 100_000_000 };

const RUNS = Number(process.env.FUZZ_RUNS ?? 400);
/** The same pictures and wishes every time, unless others are asked for. */
const SEED = Number(process.env.FUZZ_SEED ?? 1839);

t.test('always a picture or a named error', { timeout: 300_000 }, async (t) => {
  const files = await Promise.all(NAMES.map((name) => PICTURES[name]()));
  const count = { made: 0, refused: 0 };
  const accepted = one<Accepted>('avif', 'webp', 'plain');
  const property = fc.asyncProperty(one(...files), transforms, accepted, async (file, wish, client) => {
    const transform = canonicalTransform(wish, client);
    try {
      const { bytes, facts } = await render(file, { transform, limits });
      const { width, height, format } = await sharp(bytes).metadata();
      const found = { width, height, format: format === 'heif' ? 'avif' : format };
      if (
        JSON.stringify(found) !==
        JSON.stringify({ width: facts.width, height: facts.height, format: facts.format })
      )
        throw new Error(`told ${JSON.stringify(facts)}, found ${JSON.stringify(found)}`);
      count.made += 1;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'PICTURE_TOO_LARGE') throw error;
      count.refused += 1;
    }
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
  t.comment(JSON.stringify(count));
  t.ok(count.made > RUNS / 4 && count.refused > 0, 'both happen');
});
