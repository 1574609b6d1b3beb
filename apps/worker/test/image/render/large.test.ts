// Large pictures, where a smaller copy is made first: they must look as if it had not been.
import type { CanonicalTransform } from '@tintype/core';
import type { Sharp } from 'sharp';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { render } from '../../../src/image/render/render.ts';
import { LIMITS } from './limits.ts';
import { meanDifference, PICTURES } from './pictures.ts';

const [WIDTH, HEIGHT] = [1500, 1000];
const NOTHING = { r: 0, g: 0, b: 0, alpha: 0 };

const large = async () => sharp(await PICTURES.opaque()).resize(WIDTH, HEIGHT);

const FILES: [string, () => Promise<Buffer>][] = [
  ['JPEG', async () => (await large()).jpeg({ quality: 95 }).toBuffer()],
  [
    'JPEG on its side',
    async () => (await large()).withMetadata({ orientation: 8 }).jpeg({ quality: 95 }).toBuffer(),
  ],
  ['P3 PNG', async () => (await large()).withIccProfile('p3').png({ compressionLevel: 1 }).toBuffer()],
  [
    'P3 PNG with alpha',
    async () => (await large()).ensureAlpha(0.5).withIccProfile('p3').png({ compressionLevel: 1 }).toBuffer(),
  ],
  ['CMYK JPEG', async () => (await large()).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()],
];

const ROWS: [CanonicalTransform, (image: Sharp) => Sharp][] = [
  [{ width: 300 }, (image) => image.resize(300)],
  [{ rotate: 90, width: 200 }, (image) => image.rotate(90).resize(200)],
  [
    { rotate: 90, flip: 'horizontal', width: 200, height: 100 },
    (image) => image.flop().rotate(270).resize(200, 100),
  ],
  [
    { rotate: 270, width: 200, height: 200, fit: 'contain' },
    (image) => image.rotate(270).resize({ width: 200, height: 200, fit: 'contain', background: NOTHING }),
  ],
  [
    { rotate: 90, width: 97, height: 101, fit: 'fill' },
    (image) => image.rotate(90).resize({ width: 97, height: 101, fit: 'fill' }),
  ],
  [{ rotate: 37, width: 200 }, (image) => image.rotate(37, { background: NOTHING }).resize(200)],
  [
    { rotate: 37, background: 'ff0000ff', height: 150 },
    (image) => image.rotate(37, { background: '#f00' }).resize({ height: 150 }),
  ],
];

for (const [name, make] of FILES) {
  t.test(name, async (t) => {
    const file = await make();
    const upright = await sharp(file).autoOrient().png({ compressionLevel: 1 }).toBuffer();
    for (const [transform, direct] of ROWS) {
      const { bytes } = await render(file, { transform: { ...transform, format: 'png' }, limits: LIMITS });
      const difference = await meanDifference(bytes, await direct(sharp(upright)).png().toBuffer());
      t.ok(difference < 2, `${JSON.stringify(transform)}: ${difference}`);
    }
  });
}
