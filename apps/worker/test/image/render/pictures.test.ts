// The pictures that rendering is tested with are what they are called.
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { HEIGHT, PICTURES, type PictureName, WIDTH } from './pictures.ts';

const KINDS: Record<PictureName, object> = {
  opaque: { format: 'png', space: 'srgb', hasAlpha: false },
  jpeg: { format: 'jpeg', space: 'srgb' },
  alpha: { format: 'png', hasAlpha: true },
  webp: { format: 'webp', hasAlpha: true },
  gray: { format: 'jpeg', space: 'b-w', channels: 1 },
  deep: { format: 'png', space: 'rgb16', depth: 'ushort', hasProfile: false },
  deepP3: { format: 'png', space: 'rgb16', depth: 'ushort', hasProfile: true },
  cmyk: { format: 'jpeg', space: 'cmyk', channels: 4 },
  p3: { format: 'png', space: 'srgb', hasProfile: true },
  p3Jpeg: { format: 'jpeg', hasProfile: true },
  tiff: { format: 'tiff', hasAlpha: true },
  avif: { format: 'heif', compression: 'av1' },
  onItsSide: { orientation: 6 },
  mirrored: { orientation: 2 },
  transposed: { orientation: 5 },
  upsideDown: { orientation: 3 },
  gif: { format: 'gif', pages: 3, delay: [40, 120, 200], loop: 3, hasAlpha: true },
  animatedWebp: { format: 'webp', pages: 3, delay: [40, 120, 200], loop: 3, hasAlpha: true },
};

for (const [name, kind] of Object.entries(KINDS)) {
  t.test(name, async (t) => {
    const found = await sharp(await PICTURES[name as PictureName]()).metadata();
    t.match(found, { width: WIDTH, height: HEIGHT, ...kind });
  });
}
