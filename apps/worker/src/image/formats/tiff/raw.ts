// Raw formats that are TIFFs: which one a file is, which of its pictures the sensor's, and how much of that is shown.
// DNG 1.7 is published, TIFF/EP (ISO 12234-2) is a standard; the makers' own follow it as far as their cameras do.
import type { ImageFormat } from '@tintype/core/contract';
import type { Header } from '../../header.ts';
import { bytesOf, type Ifd, numberOf, numbersOf, type Tiff } from '../../tags/ifd.ts';
import { TAG } from '../../tags/tag-numbers.ts';
import { isLosslessProcess } from '../jpeg/jpeg-frame.ts';
import { showOnly } from './raw-display.ts';
import { describeRw2 } from './rw2.ts';
import type { Directories } from './tiff-directories.ts';
import { firstFrame } from './tiff-picture.ts';
import { CFA } from './tiff-words.ts';

export interface RawPicture {
  /** Undefined for a maker's format that has no name here: it stays a TIFF. */
  format: ImageFormat | undefined;
  /** The directory of what the sensor saw, in full size. */
  picture: Ifd;
}

/** Four rows a strip are common. */
const MAX_STRIPS = 10_000;
const MIN_SENSOR_BITS = 12;
const LINEAR_RAW = 34892;
const PENTAX_COMPRESSION = 65535;
/** Sony, Samsung, Nikon, Pentax. */
const RAW_COMPRESSIONS: readonly number[] = [32767, 32770, 32772, 34713, PENTAX_COMPRESSION];

/** By the first word of the maker's name. Their programs write ordinary TIFFs too: only what a sensor saw counts. */
const FORMAT_OF_MAKE: Readonly<Record<string, ImageFormat>> = {
  NIKON: 'nef',
  SONY: 'arw',
  PENTAX: 'pef',
  RICOH: 'pef',
  ASAHI: 'pef',
  SAMSUNG: 'srw',
};

/** By the numbers where other TIFFs have 42. */
const FORMAT_OF_MAGIC: Readonly<Record<number, ImageFormat>> = { 85: 'rw2', 20306: 'orf', 21330: 'orf' };

/** Undefined for an ordinary TIFF. */
export function rawPictureOf(tiff: Tiff, { chain, subs }: Directories): RawPicture | undefined {
  const [ifd0, , , ifd3] = chain;
  const variant = FORMAT_OF_MAGIC[tiff.bytes.u16(2, tiff.littleEndian)];
  if (variant !== undefined) return { format: variant, picture: ifd0 };
  if (tiff.bytes.is('CR', 8)) return { format: 'cr2', picture: ifd3 ?? ifd0 };
  const isDng = ifd0.entries.has(TAG.DNG_VERSION);
  const all = [...chain, ...subs];
  const seen = all.filter((ifd) => isSensorPicture(tiff, ifd));
  if (seen.length === 0 && !isDng) return undefined;
  const picture = fullSizeOf(tiff, seen.length > 0 ? seen : all) ?? ifd0;
  return { format: isDng ? 'dng' : formatOf(tiff, ifd0, picture), picture };
}

function isSensorPicture(tiff: Tiff, ifd: Ifd): boolean {
  const photometric = numberOf(tiff, ifd, TAG.PHOTOMETRIC);
  if (photometric === CFA || photometric === LINEAR_RAW) return true;
  return RAW_COMPRESSIONS.includes(numberOf(tiff, ifd, TAG.COMPRESSION) ?? 0);
}

/** NewSubfileType 0 is the main picture (DNG 1.7, chapter 2; TIFF/EP, 5.1); of several, the largest. */
function fullSizeOf(tiff: Tiff, ifds: readonly Ifd[]): Ifd | undefined {
  const main = ifds.filter((ifd) => (numberOf(tiff, ifd, TAG.NEW_SUBFILE_TYPE) ?? 0) === 0);
  const area = (ifd: Ifd) => (numberOf(tiff, ifd, TAG.WIDTH) ?? 0) * (numberOf(tiff, ifd, TAG.HEIGHT) ?? 0);
  return (main.length > 0 ? main : [...ifds]).toSorted((one, other) => area(other) - area(one))[0];
}

function formatOf(tiff: Tiff, ifd0: Ifd, picture: Ifd): ImageFormat | undefined {
  // Samsung sold Pentax's cameras.
  if (numberOf(tiff, picture, TAG.COMPRESSION) === PENTAX_COMPRESSION) return 'pef';
  const make = Buffer.from(bytesOf(tiff, ifd0, TAG.MAKE)?.subarray(0, 32) ?? []).toString('latin1');
  return FORMAT_OF_MAKE[/^[A-Za-z]*/.exec(make)?.[0].toUpperCase() ?? ''];
}

/** What the picture's own tags do not say. The pictures of a raw file are one picture in several sizes. */
export function describeRaw(
  tiff: Tiff,
  directories: Directories,
  { format, picture }: RawPicture,
  header: Header,
): void {
  if (format === undefined) return;
  header.format = format;
  header.image.pages = 1;
  if (format === 'dng') describeDng(tiff, directories.chain[0], picture, header);
  else if (format === 'cr2') describeCr2(tiff, directories, picture, header);
  else if (format === 'rw2') describeRw2(tiff, picture, header);
  else if (format === 'orf') describeOrf(tiff, picture, header);
  if (header.image.channels === 1) header.color.model = 'cfa';
}

function describeDng(tiff: Tiff, ifd0: Ifd, picture: Ifd, header: Header): void {
  const version = numbersOf(tiff, ifd0, TAG.DNG_VERSION, 4);
  if (version.length === 4) header.formatVersion = version.join('.');
  // The picture without the pixels that only help to interpolate (DNG 1.7, DefaultCropSize, DefaultScale).
  const [width, height] = numbersOf(tiff, picture, TAG.DEFAULT_CROP_SIZE, 2);
  const [scaleX = 1, scaleY = 1] = numbersOf(tiff, picture, TAG.DEFAULT_SCALE, 2);
  if (width !== undefined && height !== undefined) showOnly(header, width * scaleX, height * scaleY);
}

/** Olympus calls "uncompressed" what takes less than its samples would. */
function describeOrf(tiff: Tiff, picture: Ifd, { image, compression }: Header): void {
  const lengths = numbersOf(tiff, picture, TAG.STRIP_BYTE_COUNTS, MAX_STRIPS);
  const storedBytes = lengths.reduce((sum: number, length = 0) => sum + length, 0);
  const pixels = (image.storedWidth ?? 0) * (image.storedHeight ?? 0);
  if (lengths.length === MAX_STRIPS || storedBytes >= (pixels * MIN_SENSOR_BITS) / 8) return;
  compression.method = 'orf';
  compression.lossless = undefined;
}

/** Two or four samples of a row stand side by side as the components of a lossless JPEG; small raws have three that are colours. */
function describeCr2(tiff: Tiff, { others }: Directories, picture: Ifd, header: Header): void {
  const frame = firstFrame(tiff, picture);
  if (frame !== undefined && isLosslessProcess(frame) && frame.channels !== 3) {
    header.image.storedWidth = frame.width * frame.channels;
    header.image.channels = 1;
  }
  const exif = others.find((ifd) => ifd.entries.has(TAG.EXIF_PIXEL_WIDTH));
  const width = exif && numberOf(tiff, exif, TAG.EXIF_PIXEL_WIDTH);
  const height = exif && numberOf(tiff, exif, TAG.EXIF_PIXEL_HEIGHT);
  if (width !== undefined && height !== undefined) showOnly(header, width, height);
}
