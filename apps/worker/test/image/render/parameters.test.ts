// Every parameter of a transform against sharp called directly: pixels compared.
import { canonicalTransform, type Transform } from '@tintype/core';
import type { Sharp } from 'sharp';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { render } from '../../../src/image/render/render.ts';
import { LIMITS } from './limits.ts';
import { largestDifference, meanDifference, NAMES, PICTURES, type PictureName } from './pictures.ts';

type Direct = (image: Sharp) => Sharp;

/** A parameter, its value, what sharp is told by hand; the most that two samples may differ. */
type Row = readonly [about: string, transform: Transform, direct: Direct, tolerance?: number];

const NOTHING = { r: 0, g: 0, b: 0, alpha: 0 };
const HALF_RED = { r: 255, g: 0, b: 0, alpha: 128 / 255 };
const SMALLER = { withoutEnlargement: true } as const;
const [W, H] = [48, 40];
const box = { width: W, height: H };

const GRAVITIES = [
  'center',
  'north',
  'northeast',
  'east',
  'southeast',
  'south',
  'southwest',
  'west',
  'northwest',
] as const;

const gravities: Row[] = GRAVITIES.flatMap((gravity): Row[] => [
  [`cover, gravity ${gravity}`, { ...box, gravity }, (image) => image.resize({ ...box, position: gravity })],
  [
    `contain, gravity ${gravity}`,
    { ...box, fit: 'contain', gravity },
    (image) => image.resize({ ...box, fit: 'contain', position: gravity, background: NOTHING }),
  ],
]);

/** For still pictures. What is after `rotate` and `flip` here is done by a second sharp, so that their order is beyond doubt. */
const STILL: Row[] = [
  ['nothing', {}, (image) => image],
  ['width', { width: W }, (image) => image.resize({ width: W })],
  ['height', { height: H }, (image) => image.resize({ height: H })],
  ['width and height', box, (image) => image.resize(box)],
  ['fit cover', { ...box, fit: 'cover' }, (image) => image.resize({ ...box, fit: 'cover' })],
  ['fit fill', { ...box, fit: 'fill' }, (image) => image.resize({ ...box, fit: 'fill' })],
  ['fit fill, one side', { width: W, fit: 'fill' }, (image) => image.resize({ width: W, fit: 'fill' })],
  ['fit inside', { ...box, fit: 'inside' }, (image) => image.resize({ ...box, fit: 'inside' })],
  ['fit outside', { ...box, fit: 'outside' }, (image) => image.resize({ ...box, fit: 'outside' })],
  ['fit inside, one side', { width: W, fit: 'inside' }, (image) => image.resize(W)],
  ...gravities,
  [
    'gravity attention',
    { ...box, gravity: 'attention' },
    (image) => image.resize({ ...box, position: 'attention' }),
  ],
  [
    'gravity entropy',
    { ...box, gravity: 'entropy' },
    (image) => image.resize({ ...box, position: 'entropy' }),
  ],
  ['not enlarged', { width: 400 }, (image) => image.resize({ width: 400, ...SMALLER })],
  [
    'not enlarged, cover',
    { width: 400, height: 40 },
    (image) => image.resize({ width: 400, height: 40, ...SMALLER }),
  ],
  [
    'not enlarged, contain',
    { width: 200, height: 200, fit: 'contain' },
    (image) => image.resize({ width: 200, height: 200, fit: 'contain', background: NOTHING, ...SMALLER }),
  ],
  ['enlarge', { width: 200, enlarge: true }, (image) => image.resize({ width: 200 })],
  ['dpr 2', { width: 24, dpr: 2 }, (image) => image.resize({ width: 48 })],
  ['dpr 0.5', { width: 96, height: 80, dpr: 0.5 }, (image) => image.resize({ width: 48, height: 40 })],
  ['rotate 180', { rotate: 180 }, (image) => image.rotate(180)],
  ['rotate 90', { rotate: 90 }, (image) => image.rotate(90)],
  ['rotate 270', { rotate: 270 }, (image) => image.rotate(270)],
  ['rotate -90', { rotate: -90 }, (image) => image.rotate(270)],
  ['rotate 37', { rotate: 37 }, (image) => image.rotate(37, { background: NOTHING }), 2],
  ['rotate -1', { rotate: -1 }, (image) => image.rotate(359, { background: NOTHING }), 2],
  [
    'rotate 37, background',
    { rotate: 37, background: '#f008' },
    (image) => image.rotate(37, { background: { ...HALF_RED, alpha: 136 / 255 } }),
    2,
  ],
  ['flip horizontal', { flip: 'horizontal' }, (image) => image.flop()],
  ['flip vertical', { flip: 'vertical' }, (image) => image.flip()],
  ['flip both', { flip: 'both' }, (image) => image.flip().flop()],
  ['blur', { blur: 2.5 }, (image) => image.blur(2.5)],
  ['blur, least', { blur: 0.3 }, (image) => image.blur(0.3)],
  ['sharpen', { sharpen: 1.5 }, (image) => image.sharpen({ sigma: 1.5 })],
  [
    'blur and sharpen of what was fitted',
    { ...box, blur: 2, sharpen: 2 },
    (image) => image.resize(box).blur(2).sharpen({ sigma: 2 }),
  ],
  ['grayscale', { grayscale: true }, (image) => image.grayscale()],
  ['grayscale of what was fitted', { ...box, grayscale: true }, (image) => image.resize(box).grayscale()],
  [
    'background, bars',
    { ...box, fit: 'contain', background: 'ff000080' },
    (image) => image.resize({ ...box, fit: 'contain', background: HALF_RED }),
  ],
  ['background, no bars', { width: W, background: 'f00' }, (image) => image.resize(W)],
];

const files = new Map<PictureName, Buffer>();

t.before(async () => {
  for (const name of NAMES) files.set(name, await PICTURES[name]());
});

async function fileOf(name: PictureName): Promise<Buffer> {
  return files.get(name) ?? PICTURES[name]();
}

/** Upright, in sRGB: so that what is told to sharp by hand can't mean anything else. */
async function plain(file: Buffer): Promise<Sharp> {
  return sharp(await sharp(file).autoOrient().toColourspace('srgb').png().toBuffer());
}

const lossless = (image: Sharp) => image.png().toBuffer();

const STILLS = NAMES.filter((name) => name !== 'gif' && name !== 'animatedWebp');

/** The file itself, in one go, where sharp's order is ours. */
async function reference(name: PictureName, transform: Transform): Promise<Sharp> {
  // sharp makes Display P3 of 16 bits with a profile: the same picture in 8 comes out right.
  const file = await fileOf(name === 'deepP3' ? 'p3' : name);
  // It would rotate after the fitting where nothing is fitted, and draw bars beside a gray picture in gray.
  const inSteps = 'rotate' in transform || (name === 'gray' && 'background' in transform);
  return inSteps ? plain(file) : sharp(file).autoOrient();
}

/** From 16 bits to 8 and then to other colours, or the other way round. */
const ROUNDED: ReadonlySet<PictureName> = new Set(['deepP3']);

for (const name of STILLS) {
  t.test(name, async (t) => {
    const file = await fileOf(name);
    for (const [about, transform, direct, tolerance = 0] of STILL) {
      // The last bits decide between places that are as good as each other.
      if (ROUNDED.has(name) && transform.gravity === 'entropy') continue;
      const wish = { transform: canonicalTransform({ ...transform, format: 'png' }), limits: LIMITS };
      const { bytes, facts } = await render(file, wish);
      const wanted = await lossless(direct(await reference(name, transform)));
      const difference = await largestDifference(bytes, wanted);
      t.ok(
        difference <= (ROUNDED.has(name) ? 8 : tolerance),
        `${about}: ${JSON.stringify(transform)}: ${difference}`,
      );
      const { width, height } = await sharp(bytes).metadata();
      t.match(facts, { format: 'png', width, height }, `${about}: what is told of it`);
    }
  });
}

t.test('formats and their qualities', async (t) => {
  const rows: Row[] = [
    ['jpeg', { format: 'jpeg' }, (image) => image.jpeg()],
    ['jpeg 40', { format: 'jpeg', quality: 40 }, (image) => image.jpeg({ quality: 40 })],
    ['png', { format: 'png' }, (image) => image.png()],
    ['webp', { format: 'webp' }, (image) => image.webp()],
    ['webp 40', { format: 'webp', quality: 40 }, (image) => image.webp({ quality: 40 })],
    ['avif', { format: 'avif' }, (image) => image.avif({ effort: 2 })],
    ['avif 30', { format: 'avif', quality: 30 }, (image) => image.avif({ quality: 30, effort: 2 })],
    ['gif', { format: 'gif' }, (image) => image.gif({ effort: 3 })],
  ];
  const file = await fileOf('opaque');
  for (const [about, transform, direct] of rows) {
    const { bytes, facts } = await render(file, { transform: canonicalTransform(transform), limits: LIMITS });
    const [format] = about.split(' ');
    t.equal(facts.format, format);
    t.equal(await largestDifference(bytes, await direct(sharp(file)).toBuffer()), 0, about);
    const { format: found } = await sharp(bytes).metadata();
    t.equal(found === 'heif' ? 'avif' : found, format, `${about}: its bytes`);
  }
});

t.test('under what is transparent in a JPEG', async (t) => {
  const file = await fileOf('alpha');
  const rows: Row[] = [
    ['white by default', { format: 'jpeg' }, (image) => image.flatten({ background: '#fff' }).jpeg()],
    [
      'a colour',
      { format: 'jpeg', background: '0a0' },
      (image) => image.flatten({ background: '#0a0' }).jpeg(),
    ],
    [
      'half a colour over white',
      { format: 'jpeg', background: '00000080' },
      (image) => image.flatten({ background: '#7f7f7f' }).jpeg(),
    ],
    [
      'bars',
      { format: 'jpeg', width: 60, height: 60, fit: 'contain', background: '0a0' },
      (image) =>
        image
          .flatten({ background: '#0a0' })
          .resize({ width: 60, height: 60, fit: 'contain', background: '#0a0' })
          .jpeg(),
    ],
    [
      'corners',
      { format: 'jpeg', rotate: 30 },
      (image) => image.flatten({ background: '#fff' }).rotate(30, { background: '#fff' }).jpeg(),
    ],
  ];
  for (const [about, transform, direct] of rows) {
    const { bytes } = await render(file, { transform: canonicalTransform(transform), limits: LIMITS });
    const difference = await largestDifference(bytes, await direct(sharp(file)).toBuffer());
    t.equal(difference, 0, `${about}: ${difference}`);
  }
});

t.test('first turned, then flipped, then fitted', async (t) => {
  const rows: [Transform, Direct, Direct, Direct][] = [
    [{ rotate: 90, flip: 'horizontal', ...box }, (i) => i.rotate(90), (i) => i.flop(), (i) => i.resize(box)],
    [{ rotate: 270, flip: 'vertical', width: W }, (i) => i.rotate(270), (i) => i.flip(), (i) => i.resize(W)],
    [
      { rotate: 90, flip: 'both', ...box, gravity: 'north' },
      (i) => i.rotate(90),
      (i) => i.flip().flop(),
      (i) => i.resize({ ...box, position: 'north' }),
    ],
    [
      { flip: 'horizontal', ...box, gravity: 'west' },
      (i) => i,
      (i) => i.flop(),
      (i) => i.resize({ ...box, position: 'west' }),
    ],
    [
      { rotate: 180, ...box, gravity: 'southeast' },
      (i) => i,
      (i) => i.rotate(180),
      (i) => i.resize({ ...box, position: 'southeast' }),
    ],
    [
      { rotate: 30, flip: 'horizontal', width: W },
      (i) => i.rotate(30, { background: NOTHING }),
      (i) => i.flop(),
      (i) => i.resize(W),
    ],
  ];
  const uprights: PictureName[] = ['opaque', 'alpha', 'onItsSide', 'transposed', 'mirrored', 'upsideDown'];
  for (const name of uprights) {
    for (const [transform, ...directs] of rows) {
      const file = await fileOf(name);
      let step = await plain(file);
      for (const direct of directs) step = sharp(await lossless(direct(step)));
      const { bytes } = await render(file, {
        transform: canonicalTransform({ ...transform, format: 'png' }),
        limits: LIMITS,
      });
      // An edge at an odd angle falls between other pixels when it is mirrored before.
      const isOdd = (transform.rotate ?? 0) % 90 !== 0;
      const compare = isOdd ? meanDifference : largestDifference;
      const difference = await compare(bytes, await lossless(step));
      t.ok(difference <= 6, `${name}: ${JSON.stringify(transform)}: ${difference}`);
    }
  }
});
