// Panasonic RW2: a TIFF whose first directory describes the sensor by tags of its own. Unpublished; as ExifTool and dcraw know it.
import type { Header } from '../../header.ts';
import { type Ifd, numberOf, type Tiff } from '../../tags/ifd.ts';
import { readExifInside } from '../jpeg/jpeg-inside.ts';
import { showOnly } from './raw-display.ts';

const SENSOR_WIDTH = 2;
const SENSOR_HEIGHT = 3;
const TOP = 4;
const LEFT = 5;
const BOTTOM = 6;
const RIGHT = 7;
const SAMPLES_PER_PIXEL = 8;
const BITS_PER_SAMPLE = 10;
const JPEG = 0x2e;

export function describeRw2(tiff: Tiff, ifd: Ifd, header: Header): void {
  const number = (tag: number) => numberOf(tiff, ifd, tag);
  const { image, compression, blocks } = header;
  image.storedWidth = number(SENSOR_WIDTH);
  image.storedHeight = number(SENSOR_HEIGHT);
  image.bitDepth = number(BITS_PER_SAMPLE);
  image.channels = number(SAMPLES_PER_PIXEL) ?? 1;
  compression.method = 'rw2';
  compression.lossless = undefined;
  // Its resolution and most of its other tags have numbers that mean something else in a TIFF: EXIF is in the JPEG picture.
  image.density = undefined;
  const jpeg = ifd.entries.get(JPEG);
  const exif = jpeg && readExifInside(tiff.bytes, jpeg.at, jpeg.at + jpeg.byteLength);
  if (exif !== undefined) blocks.exif = exif;
  const [top, left, bottom, right] = [TOP, LEFT, BOTTOM, RIGHT].map(number);
  if (top === undefined || left === undefined || bottom === undefined || right === undefined) return;
  showOnly(header, right - left, bottom - top);
}
