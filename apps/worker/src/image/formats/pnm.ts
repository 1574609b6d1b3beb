// PBM, PGM, PPM, PAM and PFM: never compressed, and the raw ones one behind the other (Netpbm: pbm(5), pgm(5), ppm(5), pam(5)).
import type { Bytes } from '../bytes.ts';
import { EndOfBytes } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';
import { type PnmImage, readPnmHeader } from './pnm-header.ts';

const MIME_TYPES: Readonly<Record<string, string>> = {
  P1: 'image/x-portable-bitmap',
  P2: 'image/x-portable-graymap',
  P3: 'image/x-portable-pixmap',
  P4: 'image/x-portable-bitmap',
  P5: 'image/x-portable-graymap',
  P6: 'image/x-portable-pixmap',
  P7: 'image/x-portable-arbitrarymap',
  PF: 'image/x-pfm',
  Pf: 'image/x-pfm',
};

/** Of what PAM's tuples are made, without the ending of those with opacity. */
const TUPLE_MODELS: Readonly<Record<string, string>> = {
  BLACKANDWHITE: 'gray',
  GRAYSCALE: 'gray',
  RGB: 'rgb',
  CMYK: 'cmyk',
};

export const readPnm: HeaderReader = (bytes, header) => {
  header.formatVersion = bytes.latin1(0, 2);
  const mimeType = MIME_TYPES[header.formatVersion];
  if (mimeType !== undefined) header.mimeType = mimeType;
  header.encoding.codec = 'pnm';
  Object.assign(header.compression, { method: 'none', lossless: true });
  const first = readPnmHeader(bytes, 0);
  if (first === undefined || !isPossible(first)) {
    header.warnings.push(malformed('The numbers of the header are not possible.', 'image'));
    return;
  }
  describeImage(first, header);
  if (isPlain(first)) describePlain(bytes, first, header);
  else walkImages(bytes, first, header);
};

function isPossible({ magic, width, height, depth, maxval }: PnmImage): boolean {
  const isFloat = magic === 'PF' || magic === 'Pf';
  const counts = [width, height, depth, ...(isFloat ? [] : [maxval])];
  return (
    counts.every((count) => Number.isSafeInteger(count) && count > 0) &&
    (isFloat ? maxval !== 0 : maxval <= 0xffff)
  );
}

function isPlain({ magic }: PnmImage): boolean {
  return magic === 'P1' || magic === 'P2' || magic === 'P3';
}

function describeImage(image: PnmImage, header: Header): void {
  const { magic, width, height, depth, maxval, comments } = image;
  Object.assign(header.image, {
    storedWidth: width,
    storedHeight: height,
    channels: depth,
    bitDepth: sampleBits(image),
  });
  header.encoding.process = isPlain(image) ? 'plain' : 'raw';
  if (magic === 'PF' || magic === 'Pf')
    header.encoding.byteOrder = maxval < 0 ? 'little-endian' : 'big-endian';
  if (magic === 'P7') describeTuples(image, header);
  else {
    header.color.model = depth === 3 ? 'rgb' : 'gray';
    header.image.hasAlpha = false;
  }
  if (comments.length > 0) header.blocks.texts = comments.map((text) => ['Comment', text]);
}

/** A tuple of no known type has samples without a meaning. */
function describeTuples({ tupleType }: PnmImage, header: Header): void {
  if (tupleType === undefined) return;
  const base = tupleType.replace(/_ALPHA$/, '');
  const model = TUPLE_MODELS[base];
  if (model === undefined) return;
  header.color.model = model;
  header.image.hasAlpha = base !== tupleType;
}

/** As stored: a bit, a byte or two, or a float of four. */
function sampleBits({ magic, maxval }: PnmImage): number {
  if (magic === 'P1' || magic === 'P4') return 1;
  if (magic === 'PF' || magic === 'Pf') return 32;
  return maxval > 255 ? 16 : 8;
}

function rasterBytes(image: PnmImage): number {
  const rowBits = image.width * image.depth * sampleBits(image);
  return Math.ceil(rowBits / 8) * image.height;
}

/** One image, in digits: where it ends only its samples tell. A sample takes a digit at least, and but for PBM a blank. */
function describePlain(bytes: Bytes, image: PnmImage, header: Header): void {
  header.image.pages = 1;
  const samples = image.width * image.height * image.depth;
  const least = image.magic === 'P1' ? samples : 2 * samples - 1;
  if (image.raster + least > bytes.length) header.truncated = true;
}

/** Any number of images, with nothing between them. PFM has one. */
function walkImages(bytes: Bytes, first: PnmImage, header: Header): void {
  let image: PnmImage | undefined = first;
  for (let pages = 1; image !== undefined; pages += 1) {
    header.image.pages = pages;
    const end: number = image.raster + rasterBytes(image);
    if (end > bytes.length) {
      header.truncated = true;
      return;
    }
    header.end = end;
    if (pages === MAX_STEPS) header.warnings.push(walkLimit('images'));
    image =
      pages === MAX_STEPS || first.magic.toUpperCase() === 'PF'
        ? undefined
        : nextImage(bytes, end, first.magic);
  }
}

/** Of the same kind as the first; anything else behind it is no image. */
function nextImage(bytes: Bytes, at: number, magic: string): PnmImage | undefined {
  if (!bytes.is(magic, at)) return undefined;
  try {
    const image = readPnmHeader(bytes, at);
    return image !== undefined && isPossible(image) ? image : undefined;
  } catch (error) {
    if (error instanceof EndOfBytes) return undefined;
    throw error;
  }
}
