import type { ImageFormat } from '@tintype/core/contract';
import sharp from 'sharp';
import t from 'tap';
import { DEFAULT_PIXEL_LIMITS, type PixelLimits, readPixels } from '../../../src/image/pixels/read-pixels.ts';
import { picture, scene } from './pictures.ts';

const limits = DEFAULT_PIXEL_LIMITS;
const read = (bytes: Uint8Array, format: ImageFormat) =>
  readPixels(bytes, { format }, { limits, stats: false });

const drawn = (width: number, height: number, rgba: Uint8Array) =>
  sharp(rgba, { raw: { width, height, channels: 4 } });
const flag = () => drawn(300, 200, picture(300, 200, (_, y) => (y < 100 ? [255, 0, 0] : [0, 0, 255])).rgba);
const park = () => drawn(480, 360, scene(1, 480, 360).rgba).removeAlpha();

const tight = (about: Partial<PixelLimits>): PixelLimits => ({ ...limits, ...about });
const LIMITS: [name: string, limits: PixelLimits, format: ImageFormat, about: object][] = [
  ['pixels that the header promises', limits, 'jpeg', { width: 8001, height: 8000 }],
  ['of AVIF fewer', limits, 'avif', { width: 5000, height: 5000 }],
  ['a side that the header promises', limits, 'png', { width: 65_536, height: 1 }],
  ['a canvas of GIF counts twice', tight({ maxDecodedBytes: 480_000 }), 'gif', {}],
  ['pixels that sharp finds', tight({ maxPixels: 59_999 }), 'png', {}],
  ['though our reader promised fewer', tight({ maxPixels: 59_999 }), 'png', { width: 3, height: 2 }],
  ['the file itself', tight({ maxDecodedBytes: 100 }), 'png', { width: 3, height: 2 }],
];

for (const [name, limits, format, about] of LIMITS) {
  t.test(`over a limit: ${name}`, async (t) => {
    const bytes = await (format === 'gif' ? flag().gif() : flag().png()).toBuffer();
    const { state, facts, warnings } = await readPixels(bytes, { format, ...about }, { limits, stats: true });
    t.equal(state, 'skipped');
    t.same(facts, {});
    t.match(warnings, [{ code: 'PIXELS_SKIPPED_LIMIT', field: 'placeholder' }]);
  });
}

t.test('at the limits all is read', async (t) => {
  for (const [format, held] of [
    ['png', 0],
    ['gif', 480_000],
  ] as const) {
    const bytes = await flag()[format]().toBuffer();
    const exact = tight({ maxPixels: 60_000, maxDecodedBytes: bytes.length + held });
    t.equal((await readPixels(bytes, { format }, { limits: exact, stats: false })).state, 'ok', format);
  }
});

t.test('what is damaged half way is described without hashes', async (t) => {
  const whole = await park().jpeg().toBuffer();
  const { state, facts, warnings } = await read(whole.subarray(0, whole.length / 2), 'jpeg');
  t.equal(state, 'ok');
  t.match(warnings, [{ code: 'PIXELS_UNREADABLE', field: 'placeholder' }]);
  t.match(facts, { placeholder: { thumbhash: String }, dominantColor: String });
  for (const name of ['phash', 'dhash', 'isOpaque']) t.notOk(name in facts, name);
});

t.test('broken files fail alone, and tell no paths or functions', async (t) => {
  const whole: [ImageFormat, Buffer][] = [
    ['jpeg', await park().jpeg().toBuffer()],
    ['png', await park().png().toBuffer()],
    ['webp', await park().webp().toBuffer()],
    ['gif', await park().gif().toBuffer()],
    ['tiff', await park().tiff().toBuffer()],
    ['avif', await park().avif({ effort: 0 }).toBuffer()],
  ];
  for (const [format, bytes] of whole) {
    const pieces = [0, 1, 4, 30, 200].map((length) => bytes.subarray(0, length));
    const overwritten = Buffer.from(bytes).fill(0xaa, 40);
    for (const piece of [...pieces, overwritten]) {
      const reading = await read(piece, format);
      t.match(reading.state, /failed|absent/, `${format}, ${piece.length} bytes`);
      t.same(reading.facts, {});
      t.match(reading.warnings, [{ code: /PIXELS_UNREADABLE|NOT_DECODED/, message: /^[A-Z][\w ]+\.$/ }]);
    }
  }
});

/** Four gray samples of 32-bit floating point in one strip (TIFF 6.0, section 19). */
function floatTiff(): Buffer {
  const entries: [tag: number, type: number, value: number][] = [
    [256, 3, 2],
    [257, 3, 2],
    [258, 3, 32],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 3, 2],
    [279, 4, 16],
    [339, 3, 3],
  ];
  const bytes = Buffer.alloc(24 + 2 + entries.length * 12 + 4);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(24, 4);
  [0, 0.3, 0.6, 1].forEach((sample, index) => {
    bytes.writeFloatLE(sample, 8 + index * 4);
  });
  bytes.writeUInt16LE(entries.length, 24);
  entries.forEach(([tag, type, value], index) => {
    const at = 26 + index * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    if (type === 3) bytes.writeUInt16LE(value, at + 8);
    else bytes.writeUInt32LE(value, at + 8);
  });
  return bytes;
}

t.test('samples without a known white are not guessed at', async (t) => {
  const { state, header, warnings } = await read(floatTiff(), 'tiff');
  t.match(header, { width: 2, height: 2, depth: 'float' });
  t.equal(state, 'absent');
  t.match(warnings, [{ code: 'NOT_DECODED' }]);
});

for (const format of ['svg', 'jxl', 'bmp', 'psd', 'dng', 'cr2'] as const) {
  t.test(`${format} is not decoded, whatever is in it`, async (t) => {
    const { state, warnings } = await read(await flag().png().toBuffer(), format);
    t.equal(state, 'absent');
    t.match(warnings, [{ code: 'NOT_DECODED' }]);
  });
}

t.test('an SVG, a PDF or a PPM that calls itself a PNG is not rendered', async (t) => {
  for (const text of [
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    '%PDF-1.4\n1 0 obj',
    'P6 1 1 255 abc',
  ]) {
    t.not((await read(Buffer.from(text), 'png')).state, 'ok', text);
  }
});
