// Fujifilm RAF: a header that points to a JPEG picture with its EXIF, to a directory about the sensor, and to the sensor's data.
// Unpublished; as ExifTool and LibRaw know it.
import { Bytes } from '../../bytes.ts';
import type { Header, HeaderReader } from '../../header.ts';
import { orientationOf } from '../../tags/exif-resolution.ts';
import { type Ifd, numberOf, openTiff, readIfd, startWalk } from '../../tags/ifd.ts';
import { readExifInside } from '../jpeg/jpeg-inside.ts';
import { showOnly } from './raw-display.ts';

const VERSION_AT = 0x10;
const COMPRESSION_AT = 0x6c;
/** Where offset and length of each part stand. */
const JPEG_AT = 0x54;
const DIRECTORY_AT = 0x5c;
const SENSOR_AT = 0x64;

const FULL_SIZE = 0x0100;
const CROPPED_SIZE = 0x0111;
const MAX_TAGS = 255;

/** The directory of the sensor's data points to its own. */
const SENSOR_IFD = 0xf000;
const SENSOR_WIDTH = 0xf001;
const SENSOR_HEIGHT = 0xf002;
const SENSOR_BITS = 0xf003;

interface Part {
  at: number;
  length: number;
}

export const readRaf: HeaderReader = (bytes, header) => {
  const version = bytes.latin1(VERSION_AT, 4);
  if (/^\d{4}$/.test(version)) header.formatVersion = version;
  header.image.pages = 1;
  header.image.channels = 1;
  header.color.model = 'cfa';
  header.encoding.byteOrder = 'big-endian';
  const [jpeg, directory, sensor] = [JPEG_AT, DIRECTORY_AT, SENSOR_AT].map((at) => partAt(bytes, at));
  const exif = jpeg && readExifInside(bytes, jpeg.at, jpeg.at + jpeg.length);
  if (exif !== undefined) describeExif(exif, header);
  // Early versions have the picture where later ones tell how the sensor's data are compressed.
  if (jpeg !== undefined && jpeg.at > COMPRESSION_AT + 4) describeCompression(bytes, header);
  if (directory !== undefined) describeDirectory(bytes, directory, header);
  if (sensor !== undefined) describeSensor(bytes, sensor, header);
  const parts = [jpeg, directory, sensor].filter((part) => part !== undefined);
  if (parts.some(({ at, length }) => at + length > bytes.length)) header.truncated = true;
};

function partAt(bytes: Bytes, at: number): Part | undefined {
  const part = { at: bytes.u32(at), length: bytes.u32(at + 4) };
  return part.at === 0 || part.length === 0 ? undefined : part;
}

/** The orientation is needed here: it tells which side of the cropped picture is its width. */
function describeExif(exif: Uint8Array, header: Header): void {
  header.blocks.exif = exif;
  const tiff = openTiff(new Bytes(exif));
  const ifd0 = tiff && readIfd(startWalk(tiff), tiff.firstIfd);
  if (tiff && ifd0) header.image.orientation = orientationOf(tiff, ifd0);
}

function describeCompression(bytes: Bytes, { compression }: Header): void {
  const number = bytes.u32(COMPRESSION_AT);
  if (number === 0) compression.method = 'none';
  if (number === 2 || number === 3) compression.method = 'raf';
  if (number === 0 || number === 2 || number === 3) compression.lossless = number !== 3;
}

/** A number of tags; each of tag, length of value, value. Heights stand before widths. */
function describeDirectory(bytes: Bytes, { at, length }: Part, header: Header): void {
  if (!bytes.has(at, 4)) return;
  const count = Math.min(bytes.u32(at), MAX_TAGS);
  const end = Math.min(at + length, bytes.length);
  let from = at + 4;
  for (let index = 0; index < count && from + 8 <= end; index += 1) {
    const tag = bytes.u16(from);
    if (tag === FULL_SIZE) {
      header.image.storedHeight = bytes.u16(from + 4);
      header.image.storedWidth = bytes.u16(from + 6);
    }
    if (tag === CROPPED_SIZE) showOnly(header, bytes.u16(from + 6), bytes.u16(from + 4));
    from += 4 + bytes.u16(from + 2);
  }
}

/** A TIFF with most models; others put the samples there at once. */
function describeSensor(bytes: Bytes, { at, length }: Part, header: Header): void {
  const end = Math.min(at + length, bytes.length);
  const tiff = at < end ? openTiff(bytes.window(at, end - at)) : undefined;
  if (tiff === undefined) return;
  const walk = startWalk(tiff);
  const outer = readIfd(walk, tiff.firstIfd);
  const pointer = outer && numberOf(tiff, outer, SENSOR_IFD);
  const ifd: Ifd | undefined = pointer === undefined ? outer : readIfd(walk, pointer);
  if (ifd === undefined) return;
  header.image.storedWidth ??= numberOf(tiff, ifd, SENSOR_WIDTH);
  header.image.storedHeight ??= numberOf(tiff, ifd, SENSOR_HEIGHT);
  header.image.bitDepth = numberOf(tiff, ifd, SENSOR_BITS);
}
