// JPEG XR: a TIFF-like directory about one picture (ITU-T T.832, annex A).
import type { Bytes } from '../bytes.ts';
import { densityIn } from '../density.ts';
import { type Header, type HeaderReader, malformed } from '../header.ts';
import { bytesOf, type Ifd, numberOf, readIfd, startWalk, type Tiff } from '../tags/ifd.ts';

const VERSION_AT = 3;
const FIRST_IFD_AT = 4;

const XMP = 0x02bc;
const IPTC = 0x83bb;
const PHOTOSHOP = 0x8649;
const ICC = 0x8773;
const BLOCKS: readonly number[] = [XMP, IPTC, PHOTOSHOP, ICC];
const PIXEL_FORMAT = 0xbc01;
const TRANSFORM = 0xbc02;
const IMAGE_WIDTH = 0xbc80;
const IMAGE_HEIGHT = 0xbc81;
const WIDTH_RESOLUTION = 0xbc82;
const HEIGHT_RESOLUTION = 0xbc83;
const IMAGE_OFFSET = 0xbcc0;
const IMAGE_BYTE_COUNT = 0xbcc1;

/** EXIF's number for each order of rows and columns (A.7.19). */
const ORIENTATIONS = [1, 4, 2, 3, 6, 7, 5, 8] as const;

/** By the last byte of the format's GUID (A.7.18): channels, bits, model. */
const FORMATS: Readonly<Record<number, readonly [channels: number, bits: number, model: string]>> = {
  5: [1, 1, 'gray'],
  8: [1, 8, 'gray'],
  9: [3, 5, 'rgb'],
  11: [1, 16, 'gray'],
  12: [3, 8, 'rgb'],
  13: [3, 8, 'rgb'],
  15: [4, 8, 'rgb'],
  16: [4, 8, 'rgb'],
  17: [1, 32, 'gray'],
  18: [3, 16, 'rgb'],
  19: [1, 16, 'gray'],
  20: [3, 10, 'rgb'],
  21: [3, 16, 'rgb'],
  22: [4, 16, 'rgb'],
  23: [4, 16, 'rgb'],
  24: [3, 32, 'rgb'],
  25: [4, 32, 'rgb'],
  26: [4, 32, 'rgb'],
  27: [3, 32, 'rgb'],
  28: [4, 8, 'cmyk'],
  31: [4, 16, 'cmyk'],
};
const GUID_BYTES = 16;

export const readJxr: HeaderReader = (bytes, header) => {
  header.formatVersion = String(bytes.u8(VERSION_AT));
  const tiff: Tiff = { bytes, littleEndian: true, isBig: false, firstIfd: bytes.u32(FIRST_IFD_AT, true) };
  const ifd = readIfd(startWalk(tiff), tiff.firstIfd);
  if (ifd === undefined) {
    bytes.need(tiff.firstIfd, 2);
    header.warnings.push(malformed('The directory lies in the header.'));
    return;
  }
  Object.assign(header.encoding, { codec: 'jpegxr', byteOrder: 'little-endian' });
  header.compression.method = 'jpegxr';
  const { image } = header;
  image.pages = 1;
  image.storedWidth = numberOf(tiff, ifd, IMAGE_WIDTH) || undefined;
  image.storedHeight = numberOf(tiff, ifd, IMAGE_HEIGHT) || undefined;
  image.orientation = ORIENTATIONS[numberOf(tiff, ifd, TRANSFORM) ?? -1];
  const density = densityIn(
    'inch',
    numberOf(tiff, ifd, WIDTH_RESOLUTION) ?? 0,
    numberOf(tiff, ifd, HEIGHT_RESOLUTION) ?? 0,
  );
  if (density !== undefined) image.density = { ...density, unit: 'inch', source: 'jxr' };
  describeSamples(tiff, ifd, header);
  collectBlocks(tiff, ifd, header);
  if (!isWhole(bytes, tiff, ifd)) header.truncated = true;
};

function describeSamples(tiff: Tiff, ifd: Ifd, { image, color }: Header): void {
  const guid = bytesOf(tiff, ifd, PIXEL_FORMAT);
  const format = guid?.length === GUID_BYTES ? FORMATS[guid[GUID_BYTES - 1] ?? 0] : undefined;
  if (format === undefined) return;
  const [channels, bits, model] = format;
  image.channels = channels;
  image.bitDepth = bits;
  image.hasAlpha = model === 'rgb' && channels === 4;
  color.model = model;
}

function collectBlocks(tiff: Tiff, ifd: Ifd, { blocks }: Header): void {
  const isTag = (tag: number) => tag < PIXEL_FORMAT && !BLOCKS.includes(tag);
  if ([...ifd.entries.keys()].some(isTag)) blocks.exif = tiff.bytes.all;
  const [xmp, iptc, photoshop, icc] = BLOCKS.map((tag) => bytesOf(tiff, ifd, tag));
  if (xmp !== undefined) blocks.xmp = [xmp];
  if (iptc !== undefined) blocks.iptc = iptc;
  if (photoshop !== undefined) blocks.photoshop = photoshop;
  if (icc !== undefined) blocks.icc = icc;
}

function isWhole(bytes: Bytes, tiff: Tiff, ifd: Ifd): boolean {
  const at = numberOf(tiff, ifd, IMAGE_OFFSET);
  const length = numberOf(tiff, ifd, IMAGE_BYTE_COUNT);
  return at === undefined || length === undefined || at + length <= bytes.length;
}
