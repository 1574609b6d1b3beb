import type { ImageFormat } from '@tintype/core/contract';
import sharp from 'sharp';
import t from 'tap';
import { DEFAULT_PIXEL_LIMITS, readPixels } from '../../../src/image/pixels/read-pixels.ts';
import { bitsApart, picture, scene } from './pictures.ts';

const limits = DEFAULT_PIXEL_LIMITS;
const read = (bytes: Uint8Array, format: ImageFormat, about: object = {}) =>
  readPixels(bytes, { format, ...about }, { limits, stats: false });

function raw(width: number, height: number, at: Parameters<typeof picture>[2]) {
  return sharp(picture(width, height, at).rgba, { raw: { width, height, channels: 4 } });
}
/** Red above, blue below. */
const flag = (width = 300, height = 200) =>
  raw(width, height, (_, y) => (y < height / 2 ? [255, 0, 0] : [0, 0, 255]));
const flat = (image = flag()) => image.removeAlpha();
const park = (seed: number, width = 480, height = 360) => {
  const { rgba } = scene(seed, width, height);
  return sharp(rgba, { raw: { width, height, channels: 4 } }).removeAlpha();
};

const KINDS: [name: string, format: ImageFormat, make: () => Promise<Buffer>, isOpaque: boolean][] = [
  ['JPEG', 'jpeg', () => flat().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), true],
  ['progressive JPEG', 'jpeg', () => flat().jpeg({ quality: 95, progressive: true }).toBuffer(), true],
  ['PNG', 'png', () => flat().png().toBuffer(), true],
  ['PNG with alpha that hides nothing', 'png', () => flag().png().toBuffer(), true],
  ['interlaced PNG', 'png', () => flat().png({ progressive: true }).toBuffer(), true],
  ['PNG with a palette', 'png', () => flat().png({ palette: true, colours: 2 }).toBuffer(), true],
  ['PNG of 16 bits', 'png', () => flat().toColourspace('rgb16').png().toBuffer(), true],
  ['PNG of 16 bits with alpha', 'png', () => flag().toColourspace('rgb16').png().toBuffer(), true],
  ['WebP', 'webp', () => flat().webp({ quality: 95 }).toBuffer(), true],
  ['lossless WebP', 'webp', () => flag().webp({ lossless: true }).toBuffer(), true],
  ['GIF', 'gif', () => flat().gif().toBuffer(), true],
  ['TIFF', 'tiff', () => flat().tiff({ compression: 'lzw' }).toBuffer(), true],
  ['tiled TIFF', 'tiff', () => flag().tiff({ tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(), true],
  ['AVIF', 'avif', () => flat().avif({ quality: 80, effort: 0 }).toBuffer(), true],
  [
    'PNG with one transparent pixel',
    'png',
    () =>
      raw(900, 600, (x, y) => (x + y === 9 && x === 4 ? [255, 0, 0, 0] : y < 300 ? [255, 0, 0] : [0, 0, 255]))
        .png()
        .toBuffer(),
    false,
  ],
  [
    '16 bits with one nearly opaque pixel',
    'png',
    () =>
      raw(900, 600, (x, y) => (x === 4 && y === 5 ? [255, 0, 0, 254] : y < 300 ? [255, 0, 0] : [0, 0, 255]))
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
    false,
  ],
  [
    'half transparent WebP',
    'webp',
    () =>
      raw(300, 200, (_, y) => (y < 100 ? [255, 0, 0, 100] : [0, 0, 255]))
        .webp({ lossless: true })
        .toBuffer(),
    false,
  ],
];

for (const [name, format, make, isOpaque] of KINDS) {
  t.test(name, async (t) => {
    const { state, facts, header, warnings } = await read(await make(), format);
    t.equal(state, 'ok');
    t.same(warnings, []);
    t.equal(facts.isOpaque, isOpaque);
    t.equal(facts.palette?.length, 2);
    t.ok(
      facts.palette?.some((colour) => /^#f[b-f]0[0-4]0[0-4]$/.test(colour)),
      String(facts.palette),
    );
    t.ok(
      facts.palette?.some((colour) => /^#0[0-4]0[0-4]f[b-f]$/.test(colour)),
      String(facts.palette),
    );
    t.equal(facts.dominantColor, facts.palette?.[0]);
    t.match(facts, { phash: /^[0-9a-f]{16}$/, dhash: /^[0-9a-f]{16}$/, placeholder: { blurhash: /^L/ } });
    t.notOk('stats' in facts);
    t.ok((header?.width ?? 0) >= 300);
  });
}

t.test('gray, with and without alpha', async (t) => {
  const make = (alpha: number) => raw(200, 100, (x) => [x, x, x, alpha]);
  const options = { limits, stats: true };
  const opaque = await make(255).removeAlpha().toColourspace('b-w').png().toBuffer();
  const plain = await readPixels(opaque, { format: 'png' }, options);
  t.same(
    plain.facts.stats?.channels.map(({ name }) => name),
    ['gray'],
  );
  t.match(plain.facts, { isOpaque: true, stats: { sampleWidth: 100, sampleHeight: 50 } });
  const seeThrough = await make(128).toColourspace('b-w').png().toBuffer();
  const pale = await readPixels(seeThrough, { format: 'png' }, options);
  t.same(
    pale.facts.stats?.channels.map(({ name }) => name),
    ['gray', 'alpha'],
  );
  t.equal(pale.facts.isOpaque, false);
});

const SIZES: [width: number, height: number, sampleWidth: number, sampleHeight: number][] = [
  [1, 1, 1, 1],
  [1, 5000, 1, 100],
  [5000, 1, 100, 1],
  [50, 40, 50, 40],
  [640, 480, 100, 75],
];

for (const [width, height, sampleWidth, sampleHeight] of SIZES) {
  t.test(`${width} × ${height}`, async (t) => {
    const create = { width, height, channels: 3, background: '#369' } as const;
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await sharp({ create })[format]({ quality: 100 }).toBuffer();
      const { state, facts } = await readPixels(bytes, { format }, { limits, stats: true });
      t.equal(state, 'ok', format);
      t.match(facts.stats, { sampleWidth, sampleHeight }, format);
      t.match(facts.dominantColor, /^#3[1-5]6[4-8]9[7-9ab]$/, format);
    }
  });
}

t.test('colours are those of sRGB, whatever the profile', async (t) => {
  // Display P3 has redder reds: what it codes as (200, 60, 40) is (215, 44, 26) in sRGB.
  const make = () =>
    sharp({ create: { width: 400, height: 300, channels: 3, background: '#d72c1a' } }).withIccProfile('p3');
  const files: [ImageFormat, Buffer][] = [
    ['png', await make().png().toBuffer()],
    ['png', await make().toColourspace('rgb16').png().toBuffer()],
    ['jpeg', await make().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()],
    ['webp', await make().webp({ lossless: true }).toBuffer()],
    ['tiff', await make().tiff().toBuffer()],
  ];
  for (const [format, bytes] of files) {
    const { header, facts } = await read(bytes, format);
    t.ok(header?.hasProfile, format);
    t.match(facts.dominantColor, /^#d[5-9]2[9a-f]1[7-d]$/, `${format} ${header?.depth}`);
  }
});

t.test('CMYK is shown in sRGB', async (t) => {
  const bytes = await flat().toColourspace('cmyk').jpeg().toBuffer();
  const { header, facts } = await read(bytes, 'jpeg');
  t.equal(header?.space, 'cmyk');
  t.match(facts.palette?.toSorted(), [/^#[0-4].[0-4].[6-f]/, /^#[c-f].[0-3].[0-3]/]);
});

t.test('only the first frame counts', async (t) => {
  const frames = await Promise.all(
    ['#f00', '#0f0'].map((background) =>
      sharp({ create: { width: 200, height: 150, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const moving = sharp(frames, { join: { animated: true } });
  for (const [format, bytes] of [
    ['gif', await moving.clone().gif().toBuffer()],
    ['webp', await moving.clone().webp({ lossless: true }).toBuffer()],
  ] as const) {
    const { facts, header } = await readPixels(bytes, { format }, { limits, stats: true });
    t.same(facts.palette, ['#ff0000'], format);
    t.match(facts.stats, { sampleWidth: 100, sampleHeight: 75 }, format);
    t.equal(header?.pages, 2, format);
  }
});

const TOP_AFTER: [orientation: number, isUpright: boolean][] = [
  [1, true],
  [2, true],
  [3, false],
  [4, false],
];

for (const [orientation, isUpright] of TOP_AFTER) {
  t.test(`orientation ${orientation}`, async (t) => {
    const bytes = await flat().jpeg().toBuffer();
    const upright = await read(bytes, 'jpeg');
    const turned = await read(bytes, 'jpeg', { orientation });
    const tagged = await read(await flat().withMetadata({ orientation }).jpeg().toBuffer(), 'jpeg');
    t.equal(turned.facts.phash === upright.facts.phash, isUpright);
    t.equal(tagged.facts.placeholder?.thumbhash, turned.facts.placeholder?.thumbhash);
  });
}

t.test(
  'a picture on its side is as high as it was wide, but not in AVIF, whose decoder turns it',
  async (t) => {
    const options = { limits, stats: true };
    const png = await readPixels(await flat().png().toBuffer(), { format: 'png', orientation: 6 }, options);
    t.match(png.facts.stats, { sampleWidth: 67, sampleHeight: 100 });
    const bytes = await flat().avif({ effort: 0 }).toBuffer();
    const avif = await readPixels(bytes, { format: 'avif', orientation: 6 }, options);
    t.match(avif.facts.stats, { sampleWidth: 100, sampleHeight: 67 });
  },
);

t.test('copies are near, others are far', async (t) => {
  const hashes = async (bytes: Buffer, format: ImageFormat) => {
    const { phash = '', dhash = '' } = (await read(bytes, format)).facts;
    return { phash, dhash };
  };
  const originals = await Promise.all(
    [1, 2, 3, 4].map(async (seed) => hashes(await park(seed).png().toBuffer(), 'png')),
  );
  for (const [index, original] of originals.entries()) {
    const copies = await Promise.all([
      hashes(
        await park(index + 1)
          .jpeg({ quality: 60 })
          .toBuffer(),
        'jpeg',
      ),
      hashes(
        await park(index + 1)
          .resize(333)
          .webp({ quality: 50 })
          .toBuffer(),
        'webp',
      ),
      hashes(
        await park(index + 1)
          .resize(1700)
          .jpeg({ progressive: true })
          .toBuffer(),
        'jpeg',
      ),
      hashes(
        await park(index + 1)
          .resize(200)
          .gif()
          .toBuffer(),
        'gif',
      ),
    ]);
    for (const copy of copies) {
      t.ok(bitsApart(copy.phash, original.phash) <= 6, `phash of ${index}`);
      t.ok(bitsApart(copy.dhash, original.dhash) <= 6, `dhash of ${index}`);
    }
    for (const other of originals.slice(index + 1)) {
      t.ok(bitsApart(other.phash, original.phash) > 16, `phash of ${index} and another`);
      t.ok(bitsApart(other.dhash, original.dhash) > 16, `dhash of ${index} and another`);
    }
  }
});
