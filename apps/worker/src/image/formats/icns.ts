// ICNS, Apple's icons: a row of elements, each a picture of a fixed size, a mask for one, or a note. Big-endian. There is no
// specification; Apple's IconStorage.h names the types, libicns and "Apple Icon Image format" (Wikipedia) describe the data.
import type { Bytes } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';
import { describeIconFile, isPng, pngSize } from './icon-file.ts';
import { readJp2 } from './jp2/jp2.ts';
import { readPng } from './png/png.ts';

const HEADER_BYTES = 8;

interface Kind {
  width: number;
  height: number;
  bitDepth: number;
  channels: number;
  /** Without it: what the element of the mask says. */
  hasAlpha?: boolean;
}

const square = (width: number, bitDepth: number, channels: number, hasAlpha?: boolean): Kind => ({
  width,
  height: width,
  bitDepth,
  channels,
  ...(hasAlpha === undefined ? {} : { hasAlpha }),
});

/** The old ones by the letter of their size: bilevel, bilevel with a mask behind, 4 and 8 bits of a fixed palette, and 24 bits. */
const SIZES: readonly [letter: string, width: number, of24Bits: string][] = [
  ['s', 16, 'is32'],
  ['l', 32, 'il32'],
  ['h', 48, 'ih32'],
];
const KINDS = new Map<string, Kind>([
  ['ICON', square(32, 1, 1, false)],
  ['ICN#', square(32, 1, 1, true)],
  ['icm#', { ...square(16, 1, 1, true), height: 12 }],
  ['icm4', { ...square(16, 4, 1, false), height: 12 }],
  ['icm8', { ...square(16, 8, 1, false), height: 12 }],
  ['it32', square(128, 8, 3)],
  ...SIZES.flatMap(([letter, width, of24Bits]): [string, Kind][] => [
    [`ic${letter}#`, square(width, 1, 1, true)],
    [`ic${letter}4`, square(width, 4, 1)],
    [`ic${letter}8`, square(width, 8, 1)],
    [of24Bits, square(width, 8, 3)],
  ]),
]);

/** The newer ones hold a PNG, a JPEG 2000, or four packed planes: what it is stands in the data. */
const WIDTHS = new Map<string, number>([
  ['icp4', 16],
  ['icp5', 32],
  ['icp6', 48],
  ['ic04', 16],
  ['ic05', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
  ['icsb', 18],
  ['icsB', 36],
  ['sb24', 24],
  ['SB24', 48],
]);
/** Eight bits of opacity for the pictures of this width. */
const MASKS = new Map([
  ['s8mk', 16],
  ['l8mk', 32],
  ['h8mk', 48],
  ['t8mk', 128],
]);

interface Picture extends Kind {
  /** Its data, without type and length. */
  body: number;
  end: number;
  coding: 'png' | 'jpeg2000' | 'planes';
}

export const readIcns: HeaderReader = (bytes, header) => {
  const stated = bytes.u32(4);
  const { pictures, maskWidths } = readElements(bytes, Math.min(stated, bytes.length), header);
  header.image.pages = pictures.length;
  const main = pictures.reduce<Picture | undefined>(
    (best, one) => (best === undefined || isLarger(one, best) ? one : best),
    undefined,
  );
  if (stated > bytes.length) header.truncated = true;
  else if (stated >= HEADER_BYTES) header.end = stated;
  if (main !== undefined) describePicture(bytes, main, maskWidths, header);
};

function readElements(
  bytes: Bytes,
  end: number,
  header: Header,
): { pictures: Picture[]; maskWidths: Set<number> } {
  const pictures: Picture[] = [];
  const maskWidths = new Set<number>();
  let at = HEADER_BYTES;
  for (let step = 0; at + HEADER_BYTES <= end; step += 1) {
    if (step === MAX_STEPS) {
      header.warnings.push(walkLimit('elements'));
      break;
    }
    const [type, length] = [bytes.latin1(at, 4), bytes.u32(at + 4)];
    if (length < HEADER_BYTES) {
      header.warnings.push(malformed('An element of the icon has no length.'));
      break;
    }
    const picture = readPicture(bytes, type, at + HEADER_BYTES, Math.min(at + length, end));
    if (picture !== undefined) pictures.push(picture);
    const maskWidth = MASKS.get(type);
    if (maskWidth !== undefined) maskWidths.add(maskWidth);
    at += length;
  }
  return { pictures, maskWidths };
}

function readPicture(bytes: Bytes, type: string, body: number, end: number): Picture | undefined {
  const width = WIDTHS.get(type);
  const kind = KINDS.get(type) ?? (width === undefined ? undefined : square(width, 8, 3));
  if (kind === undefined) return undefined;
  const place = { body, end };
  if (isPng(bytes, body)) return { ...kind, ...pngSize(bytes, body), ...place, coding: 'png' };
  if (bytes.is('\0\0\0\x0cjP  ', body) || bytes.is('\xff\x4f\xff\x51', body))
    return { ...kind, ...place, coding: 'jpeg2000' };
  if (bytes.is('ARGB', body)) return { ...kind, channels: 4, hasAlpha: true, ...place, coding: 'planes' };
  return { ...kind, ...place, coding: 'planes' };
}

function isLarger(one: Picture, than: Picture): boolean {
  const [area, other] = [one.width * one.height, than.width * than.height];
  return area > other || (area === other && one.bitDepth * one.channels > than.bitDepth * than.channels);
}

function describePicture(bytes: Bytes, picture: Picture, maskWidths: Set<number>, header: Header): void {
  const { width, height, bitDepth, channels, coding } = picture;
  header.image.storedWidth = width;
  header.image.storedHeight = height;
  if (coding !== 'planes') {
    const read = coding === 'png' ? readPng : readJp2;
    describeIconFile(read, bytes.window(picture.body, picture.end - picture.body), header);
    return;
  }
  Object.assign(header.image, { bitDepth, channels, hasAlpha: picture.hasAlpha ?? maskWidths.has(width) });
  header.encoding.codec = 'icns';
  header.color.model = channels >= 3 ? 'rgb' : bitDepth === 1 ? 'gray' : 'indexed';
  // Three or four planes are packed, unless they are as long as they would be anyway.
  const isPacked = channels >= 3 && picture.end - picture.body < width * height * channels;
  Object.assign(header.compression, { method: isPacked ? 'rle' : 'none', lossless: true });
}
