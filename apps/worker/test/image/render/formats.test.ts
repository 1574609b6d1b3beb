// In which format a picture leaves, and what can not be rendered.
import type { CanonicalTransform, OutputFormat } from '@tintype/core';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import type { RenderLimits } from '../../../src/image/render/limits.ts';
import { render } from '../../../src/image/render/render.ts';
import { page, strip } from '../formats/tiff/tiff-page.ts';
import { SHORT, tiff } from '../tiff-builder.ts';
import { LIMITS } from './limits.ts';
import { PICTURES, type PictureName } from './pictures.ts';

type Accepted = CanonicalTransform['accepted'];

const auto = (accepted: Accepted): CanonicalTransform => ({ format: 'auto', ...(accepted && { accepted }) });

const ROWS: [PictureName, CanonicalTransform, OutputFormat, Partial<RenderLimits>?][] = [
  ['jpeg', {}, 'jpeg'],
  ['alpha', {}, 'png'],
  ['webp', {}, 'webp'],
  ['avif', {}, 'avif'],
  ['tiff', {}, 'png'],
  ['jpeg', auto('avif'), 'avif'],
  ['jpeg', auto('webp'), 'webp'],
  ['jpeg', auto('plain'), 'jpeg'],
  ['alpha', auto('avif'), 'avif'],
  ['alpha', auto('webp'), 'webp'],
  ['alpha', auto('plain'), 'png'],
  ['opaque', auto('plain'), 'jpeg'],
  ['gif', auto('avif'), 'webp'],
  ['gif', auto('webp'), 'webp'],
  ['gif', auto('plain'), 'gif'],
  ['animatedWebp', auto('plain'), 'gif'],
  // An AVIF takes 45 bytes a pixel, a WebP 9.
  ['jpeg', auto('avif'), 'webp', { maxMemoryBytes: 300_000 }],
];

t.test('formats', async (t) => {
  for (const [name, transform, format, limits] of ROWS) {
    const wish = { transform, limits: { ...LIMITS, ...limits } };
    const { facts, bytes } = await render(await PICTURES[name](), wish);
    t.equal(facts.format, format, `${name} ${JSON.stringify(transform)}`);
    const { format: found } = await sharp(bytes).metadata();
    t.equal(found === 'heif' ? 'avif' : found, format);
  }
});

t.test('an opaque TIFF becomes a JPEG', async (t) => {
  const tiff = await sharp(await PICTURES.opaque())
    .tiff()
    .toBuffer();
  t.equal((await render(tiff, { transform: {}, limits: LIMITS })).facts.format, 'jpeg');
});

const WIDE: CanonicalTransform = { width: 16_384, height: 1, fit: 'fill', enlarge: true };

t.test('a WebP has no side of 16,384 pixels', async (t) => {
  const file = await PICTURES.jpeg();
  await t.rejects(render(file, { transform: { ...WIDE, format: 'webp' }, limits: LIMITS }), {
    code: 'PICTURE_TOO_LARGE',
  });
  const { facts } = await render(file, { transform: { ...WIDE, ...auto('webp') }, limits: LIMITS });
  t.match(facts, { format: 'jpeg', width: 16_384, height: 1 });
});

const NOT_RENDERABLE: [string, Buffer][] = [
  ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  ['PSD', Buffer.from('8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x01\0\x08\0\x03', 'latin1')],
  ['BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(100)])],
  ['text', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
];

t.test('what is not rendered', async (t) => {
  for (const [name, file] of NOT_RENDERABLE)
    await t.rejects(render(file, { transform: {}, limits: LIMITS }), { code: 'NOT_RENDERABLE' }, name);
  // Cameras' own files pass for TIFFs: their thumbnail is not the picture.
  const raw = await PICTURES.tiff();
  await t.rejects(render(raw, { transform: {}, limits: LIMITS, format: 'nef' }), { code: 'NOT_RENDERABLE' });
});

t.test('floating point', async (t) => {
  const file = tiff([page([0x0102, SHORT, [32]], [0x0153, SHORT, [3]], ...strip(Buffer.alloc(32)))]);
  t.match(await sharp(file).metadata(), { width: 4, height: 2, depth: 'float' });
  await t.rejects(render(file, { transform: {}, limits: LIMITS }), { code: 'NOT_RENDERABLE' });
});

t.test('damaged', async (t) => {
  for (const name of ['jpeg', 'alpha', 'webp', 'avif'] as const) {
    const file = await PICTURES[name]();
    const half = file.subarray(0, Math.floor(file.length / 2));
    await t.rejects(render(half, { transform: {}, limits: LIMITS }), { code: 'IMAGE_UNREADABLE' }, name);
  }
});
