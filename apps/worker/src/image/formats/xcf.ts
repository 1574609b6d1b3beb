// GIMP's XCF: size, kind of colours, precision, and then properties of the whole picture (GIMP developer documentation, "XCF file
// format", 2 and 3).
import type { Bytes } from '../bytes.ts';
import { densityIn } from '../density.ts';
import { type Header, type HeaderReader, MAX_STEPS, walkLimit } from '../header.ts';
import { setExif } from './tag-blocks.ts';

const VERSION_AT = 9;
const WIDTH_AT = 14;
const INDEXED = 2;
const MODELS = ['rgb', 'gray', 'indexed'] as const;
const METHODS = ['none', 'rle', 'deflate'] as const;

/** Before version 4 all samples have 8 bits. In it precisions are counted; later they are hundreds. */
const FIRST_WITH_PRECISION = 4;
const BITS_OF_VERSION_4 = [8, 16, 32, 16, 32] as const;
const BITS_OF_VERSION_5 = [undefined, 8, 16, 32, 16, 32] as const;
const BITS = [undefined, 8, 16, 32, undefined, 16, 32, 64] as const;

const END = 0;
const COLOR_MAP = 1;
const COMPRESSION = 17;
const RESOLUTION = 19;
const PARASITES = 21;

export const readXcf: HeaderReader = (bytes, header) => {
  const word = bytes.latin1(VERSION_AT, 4);
  const version = word === 'file' ? 0 : Number(word.slice(1));
  header.formatVersion = String(version);
  const { image, color, encoding, compression } = header;
  image.storedWidth = bytes.u32(WIDTH_AT) || undefined;
  image.storedHeight = bytes.u32(WIDTH_AT + 4) || undefined;
  // Layers are parts of one picture.
  image.pages = 1;
  color.model = MODELS[bytes.u32(WIDTH_AT + 8)];
  encoding.codec = 'xcf';
  compression.lossless = true;
  const hasPrecision = version >= FIRST_WITH_PRECISION;
  image.bitDepth = hasPrecision ? bitsOf(version, bytes.u32(WIDTH_AT + 12)) : 8;
  if (color.model === MODELS[INDEXED]) image.channels = 1;
  readProperties(bytes, WIDTH_AT + (hasPrecision ? 16 : 12), header);
};

function bitsOf(version: number, precision: number): number | undefined {
  if (version === FIRST_WITH_PRECISION) return BITS_OF_VERSION_4[precision];
  return (version <= 6 ? BITS_OF_VERSION_5 : BITS)[Math.floor(precision / 100)];
}

function readProperties(bytes: Bytes, from: number, header: Header): void {
  let at = from;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const [type, body] = [bytes.u32(at), at + 8];
    if (type === END) return;
    // Old programs tell of a colour map a length that is too small.
    const length = type === COLOR_MAP ? 4 + 3 * bytes.u32(body) : bytes.u32(at + 4);
    if (type === COLOR_MAP) header.color.palette = { size: bytes.u32(body) };
    if (type === COMPRESSION) header.compression.method = METHODS[bytes.u8(body)];
    if (type === RESOLUTION) describeDensity(bytes, body, header);
    if (type === PARASITES) readParasites(bytes, body, body + length, header);
    at = body + length;
  }
  header.warnings.push(walkLimit('properties'));
}

function describeDensity(bytes: Bytes, at: number, { image }: Header): void {
  const density = densityIn('inch', bytes.f32(at), bytes.f32(at + 4));
  if (density !== undefined) image.density = { ...density, unit: 'inch', source: 'xcf' };
}

/** Each: length of its name, name with a NUL, flags, length of its data, data. */
function readParasites(bytes: Bytes, from: number, end: number, header: Header): void {
  let at = from;
  for (let step = 0; step < MAX_STEPS && at + 4 <= end; step += 1) {
    const nameBytes = bytes.u32(at);
    const name = bytes.latin1(at + 4, Math.min(nameBytes, 64)).replace(/\0.*$/s, '');
    const lengthAt = at + 8 + nameBytes;
    const data = bytes.slice(lengthAt + 4, bytes.u32(lengthAt));
    if (name === 'icc-profile') header.blocks.icc = data;
    if (name === 'exif-data') setExif(header, data);
    at = lengthAt + 4 + data.length;
  }
}
