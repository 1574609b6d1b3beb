import type { ImageFormat } from '@tintype/core/contract';
import sharp, { type Sharp } from 'sharp';
import t from 'tap';
import { readSharpHeader } from '../../../src/image/pixels/decode.ts';
import { decodingMemory, type StoredHow } from '../../../src/image/pixels/memory.ts';

const create = { width: 200, height: 100, channels: 3, background: '#a35' } as const;
const rgb = () => sharp({ create });
const rgba = () => sharp({ create: { ...create, channels: 4, background: '#a358' } });
const MOVING = { raw: { width: 200, height: 200, channels: 3, pageHeight: 100 } } as const;
/** Two, of different colours: equal ones would be made one. */
const FRAMES = Buffer.alloc(200 * 200 * 3).fill(200, 0, 200 * 100 * 3);
const PIXELS = 20_000;

/** Bytes a pixel. */
const RULES: [name: string, format: ImageFormat, file: Sharp, expected: number, how?: StoredHow][] = [
  ['in one scan', 'jpeg', rgb().jpeg(), 0],
  ['in several scans', 'jpeg', rgb().jpeg({ progressive: true }), 3],
  ['in several scans, 4:4:4', 'jpeg', rgb().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }), 6],
  ['in several scans, of CMYK', 'jpeg', rgb().toColourspace('cmyk').jpeg({ progressive: true }), 8],
  ['row by row', 'png', rgb().png(), 0],
  ['interlaced', 'png', rgb().png({ progressive: true }), 3],
  ['interlaced, with alpha, 16 bits', 'png', rgba().toColourspace('rgb16').png({ progressive: true }), 8],
  ['lossy', 'webp', rgb().webp(), 1],
  ['lossy, with alpha', 'webp', rgba().webp(), 5],
  ['lossless', 'webp', rgb().webp({ lossless: true }), 5, { isLossless: true }],
  ['moving', 'webp', sharp(FRAMES, MOVING).webp(), 5],
  ['a canvas', 'gif', rgb().gif(), 8],
  ['strips', 'tiff', rgb().tiff(), 0],
  [
    '4:2:0',
    'avif',
    rgb().avif({ effort: 0, chromaSubsampling: '4:2:0' }),
    17,
    { chromaSubsampling: '4:2:0' },
  ],
  ['4:4:4', 'avif', rgb().avif({ effort: 0 }), 20, { chromaSubsampling: '4:4:4' }],
  ['of which little is known', 'avif', rgb().avif({ effort: 0, chromaSubsampling: '4:2:0' }), 20],
  ['with alpha', 'avif', rgba().avif({ effort: 0 }), 21],
  ['of 10 bits', 'avif', rgb().avif({ effort: 0, bitdepth: 10 }), 26],
];

for (const [name, format, file, expected, how = {}] of RULES) {
  t.test(`${format}, ${name}`, async (t) => {
    const header = await readSharpHeader(await file.toBuffer());
    t.equal(decodingMemory(format, header, how) / PIXELS, expected);
  });
}

t.test('of a TIFF in tiles, three rows of them', async (t) => {
  const tile = { width: 64, height: 32 };
  const file = await rgb().tiff({ tile: true, tileWidth: tile.width, tileHeight: tile.height }).toBuffer();
  t.equal(decodingMemory('tiff', await readSharpHeader(file), { tile }), 256 * 32 * 3 * 3);
});

t.test('what is not decoded takes nothing', async (t) => {
  const header = await readSharpHeader(await rgb().png().toBuffer());
  t.equal(decodingMemory('svg', header, {}), 0);
});
