// JNG: the chunks of a PNG around a JPEG, with an alpha channel of its own (JNG 1.0, 1 to 3).
import type { Bytes } from '../bytes.ts';
import { densityIn } from '../density.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';

const FIRST_CHUNK = 8;
const CHUNK_OVERHEAD = 12;
const PROGRESSIVE = 8;
const PER_METRE = 1;

interface Colors {
  channels: number;
  model: string;
  hasAlpha: boolean;
}

/** Colour types of JHDR. */
const COLORS: Readonly<Record<number, Colors>> = {
  8: { channels: 1, model: 'gray', hasAlpha: false },
  10: { channels: 3, model: 'ycbcr', hasAlpha: false },
  12: { channels: 2, model: 'gray', hasAlpha: true },
  14: { channels: 4, model: 'ycbcr', hasAlpha: true },
};

export const readJng: HeaderReader = (bytes, header) => {
  if (!bytes.is('JHDR', FIRST_CHUNK + 4)) {
    bytes.need(FIRST_CHUNK, 8);
    header.warnings.push(malformed('The first chunk is not JHDR.'));
    return;
  }
  describePicture(bytes, FIRST_CHUNK + 8, header);
  let at = FIRST_CHUNK;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const length = bytes.u32(at);
    const end = at + CHUNK_OVERHEAD + length;
    if (bytes.is('pHYs', at + 4) && length === 9) describeDensity(bytes, at + 8, header);
    if (bytes.is('IEND', at + 4)) {
      bytes.need(at, CHUNK_OVERHEAD + length);
      header.end = end;
      return;
    }
    at = end;
  }
  header.warnings.push(walkLimit('chunks'));
};

function describePicture(bytes: Bytes, at: number, header: Header): void {
  const { image, encoding, compression, color } = header;
  image.storedWidth = bytes.u32(at) || undefined;
  image.storedHeight = bytes.u32(at + 4) || undefined;
  image.pages = 1;
  const { model, ...samples } = COLORS[bytes.u8(at + 8)] ?? {};
  Object.assign(image, samples);
  color.model = model;
  // 20: the picture is there twice, with samples of 8 and of 12 bits.
  const depth = bytes.u8(at + 9);
  if (depth === 8 || depth === 12) image.bitDepth = depth;
  Object.assign(compression, { method: 'jpeg', lossless: false });
  encoding.codec = 'jpeg';
  encoding.progressive = bytes.u8(at + 11) === PROGRESSIVE;
}

function describeDensity(bytes: Bytes, at: number, { image }: Header): void {
  const density = densityIn('metre', bytes.u32(at), bytes.u32(at + 4));
  if (bytes.u8(at + 8) === PER_METRE && density !== undefined)
    image.density = { ...density, unit: 'inch', source: 'jng' };
}
