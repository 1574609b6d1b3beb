import fc from 'fast-check';
import t from 'tap';
import { opaqueBackground } from '../src/contract.ts';
import {
  type Accepted,
  canonicalTransform,
  derivativeDigest,
  FITS,
  GRAVITIES,
  OUTPUT_FORMATS,
  type Transform,
} from '../src/index.ts';

const EIGHT_NINE = { height: 90, width: 80 };

const CASES: [about: string, given: Transform, canonical: unknown, accepted?: Accepted][] = [
  ['nothing', {}, {}],
  ['keys in order', { width: 8, blur: 1, height: 9 }, { blur: 1, height: 9, width: 8 }],
  ['defaults', { ...EIGHT_NINE, fit: 'cover', gravity: 'center', enlarge: false, dpr: 1 }, EIGHT_NINE],
  ['more defaults', { rotate: 0, grayscale: false, format: 'jpeg', quality: 80 }, { format: 'jpeg' }],
  ['dpr', { width: 33, height: 100, dpr: 1.5 }, { height: 150, width: 50 }],
  ['dpr to nothing', { width: 1, dpr: 0.1 }, { width: 1 }],
  ['dpr without a size', { dpr: 3 }, {}],
  ['one side has no fit', { width: 8, fit: 'contain', gravity: 'north' }, { width: 8 }],
  ['one side can be stretched', { height: 8, fit: 'fill' }, { fit: 'fill', height: 8 }],
  ['no side', { fit: 'fill', gravity: 'north', enlarge: true }, {}],
  ['one side may be enlarged', { width: 8, enlarge: true }, { enlarge: true, width: 8 }],
  [
    'what is not cut stands nowhere',
    { ...EIGHT_NINE, fit: 'inside', gravity: 'west' },
    { fit: 'inside', ...EIGHT_NINE },
  ],
  [
    'bars stand',
    { ...EIGHT_NINE, fit: 'contain', gravity: 'west' },
    { fit: 'contain', gravity: 'west', ...EIGHT_NINE },
  ],
  [
    'bars are not looked for',
    { ...EIGHT_NINE, fit: 'contain', gravity: 'entropy' },
    { fit: 'contain', ...EIGHT_NINE },
  ],
  ['attention', { ...EIGHT_NINE, gravity: 'attention' }, { gravity: 'attention', ...EIGHT_NINE }],
  ['a whole turn', { rotate: 360 }, {}],
  ['a turn back', { rotate: -90 }, { rotate: 270 }],
  ['both flips', { flip: 'both' }, { rotate: 180 }],
  ['half a turn of both flips', { flip: 'both', rotate: 180 }, {}],
  ['half a turn and a flip', { flip: 'horizontal', rotate: 180 }, { flip: 'vertical' }],
  ['three quarters and a flip', { flip: 'vertical', rotate: 270 }, { flip: 'horizontal', rotate: 90 }],
  ['an odd angle', { flip: 'both', rotate: -1 }, { flip: 'both', rotate: 359 }],
  ['auto', { format: 'auto' }, { accepted: 'webp', format: 'auto' }, 'webp'],
  ['auto for anyone', { format: 'auto' }, { accepted: 'plain', format: 'auto' }],
  ['not auto', { format: 'png' }, { format: 'png' }, 'avif'],
  ['quality of what has none', { format: 'png', quality: 3 }, { format: 'png' }],
  ['quality of what is not known', { quality: 80 }, { quality: 80 }],
  ['long numbers', { blur: 1.23456, sharpen: 0.7000001 }, { blur: 1.23, sharpen: 0.7 }],
  ['rgb', { background: '#F0a' }, { background: 'ff00aaff' }],
  ['rgba over white', { background: 'f008' }, { background: 'ff7777ff' }],
  ['white', { background: 'fff' }, {}],
  [
    'wholly transparent',
    { ...EIGHT_NINE, fit: 'contain', background: '12345600' },
    { fit: 'contain', ...EIGHT_NINE },
  ],
  ['white bars', { rotate: 1, background: 'ffffff' }, { background: 'ffffffff', rotate: 1 }],
  [
    'white bars of a JPEG',
    { rotate: 1, background: 'ffffff', format: 'jpeg' },
    { format: 'jpeg', rotate: 1 },
  ],
  [
    'half bars',
    { rotate: 1, background: '0008', format: 'webp' },
    { background: '00000088', format: 'webp', rotate: 1 },
  ],
  ['under nothing', { background: '123456', format: 'webp' }, { format: 'webp' }],
];

t.test('a table of writings', async (t) => {
  for (const [about, given, canonical, accepted] of CASES)
    t.equal(JSON.stringify(canonicalTransform(given, accepted)), JSON.stringify(canonical), about);
});

t.test('what stands for a colour where nothing is transparent', async (t) => {
  t.equal(opaqueBackground('00000000'), 'ffffffff');
  t.equal(opaqueBackground('12345680'), '8899aaff');
  t.equal(opaqueBackground('123456ff'), '123456ff');
});

const one = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);

const colour = fc
  .tuple(
    one('#', ''),
    one(3, 4, 6, 8),
    fc.array(one(...'0123456789abcdefABCDEF'), { minLength: 8, maxLength: 8 }),
  )
  .map(([hash, length, digits]) => hash + digits.slice(0, length).join(''));

const transforms: fc.Arbitrary<Transform> = fc.record(
  {
    width: fc.integer({ min: 1, max: 4000 }),
    height: fc.integer({ min: 1, max: 4000 }),
    fit: one(...FITS),
    gravity: one(...GRAVITIES),
    enlarge: fc.boolean(),
    dpr: fc.double({ min: 0.1, max: 5, noNaN: true }),
    rotate: fc.oneof(fc.integer({ min: -360, max: 360 }), one(-360, -180, -90, 0, 90, 180, 270, 360)),
    flip: one('horizontal', 'vertical', 'both'),
    format: one('auto', ...OUTPUT_FORMATS),
    quality: fc.integer({ min: 1, max: 100 }),
    blur: fc.double({ min: 0.3, max: 100, noNaN: true }),
    sharpen: fc.double({ min: 0.1, max: 10, noNaN: true }),
    grayscale: fc.boolean(),
    background: colour,
  },
  { requiredKeys: [] },
);

const accepted = fc.option(one<Accepted>('avif', 'webp', 'plain'), { nil: undefined });

const jsonOf = (transform: Transform, accepted?: Accepted) =>
  JSON.stringify(canonicalTransform(transform, accepted));

/** Writes the same wish in another way. */
const REWRITINGS: ((transform: Transform) => Transform)[] = [
  (transform) => Object.fromEntries(Object.entries(transform).reverse()),
  (transform) => ({
    fit: 'cover',
    gravity: 'center',
    enlarge: false,
    grayscale: false,
    rotate: 0,
    dpr: 1,
    ...transform,
  }),
  ({ rotate = 0, ...rest }) => ({ ...rest, rotate: rotate > 0 ? rotate - 360 : rotate + 360 }),
  ({ background, ...rest }) => ({
    ...rest,
    ...(background && { background: background.replace('#', '').toUpperCase() }),
  }),
  ({ background, ...rest }) => ({ ...rest, background: background ?? '0000' }),
  (transform) =>
    transform.format === 'png' || transform.format === 'gif' ? { ...transform, quality: 7 } : transform,
  ({ rotate = 0, flip, ...rest }) =>
    flip === undefined && rotate % 90 === 0
      ? { ...rest, rotate: (rotate + 180) % 360, flip: 'both' }
      : { ...rest, rotate, ...(flip && { flip }) },
];

t.test('what means the same has the same JSON', async () => {
  fc.assert(
    fc.property(
      transforms,
      accepted,
      fc.integer({ min: 0, max: REWRITINGS.length - 1 }),
      (transform, client, which) => {
        const rewritten = REWRITINGS[which]?.(transform) ?? transform;
        return jsonOf(rewritten, client) === jsonOf(transform, client);
      },
    ),
    { numRuns: 5000, seed: 1839 },
  );
});

t.test('twice is once', async () => {
  fc.assert(
    fc.property(transforms, accepted, (transform, client) => {
      const once = canonicalTransform(transform, client);
      return jsonOf(once) === JSON.stringify(once) && jsonOf(once, client) === JSON.stringify(once);
    }),
    { numRuns: 5000, seed: 1839 },
  );
});

t.test('a digest is of the source, its version and the wish', async (t) => {
  const source = { sourceKey: 'a', version: 'b', transform: canonicalTransform({ width: 8 }) };
  const digest = derivativeDigest(source);
  t.match(digest, /^[0-9a-f]{64}$/);
  t.equal(derivativeDigest({ ...source, transform: canonicalTransform({ width: 4, dpr: 2 }) }), digest);
  const others = [
    { ...source, sourceKey: 'c' },
    { ...source, version: 'c' },
    { ...source, transform: canonicalTransform({ width: 9 }) },
    { ...source, sourceKey: 'ab', version: '' },
  ];
  t.equal(new Set([source, ...others].map(derivativeDigest)).size, 5);
});
