// Sigma and Polaroid X3F: a header, sections, and a directory of them that the last four bytes of the file lead to
// (Foveon, "X3F Raw File Format", 2.x; version 4 as ExifTool and LibRaw know it).
import type { Bytes } from '../bytes.ts';
import type { HeaderReader } from '../header.ts';
import { readExifInside } from './jpeg/jpeg-inside.ts';

const FIRST_WITH_LONG_HEADER = 4;
const ORIENTATION_OF_DEGREES: Readonly<Record<number, number>> = { 0: 1, 90: 6, 180: 3, 270: 8 };

const ENTRY_BYTES = 12;
const MAX_SECTIONS = 100;
const IMAGE_SECTION_BYTES = 28;
const JPEG = 18;

export const readX3f: HeaderReader = (bytes, header) => {
  const [minor, major] = [bytes.u16(4, true), bytes.u16(6, true)];
  header.formatVersion = `${major}.${minor}`;
  header.encoding.byteOrder = 'little-endian';
  // Each place of the sensor sees three colours, one above the other.
  Object.assign(header.image, { pages: 1, channels: 3, hasAlpha: false });
  const size = major >= FIRST_WITH_LONG_HEADER ? 40 : 28;
  header.image.storedWidth = bytes.u32(size, true) || undefined;
  header.image.storedHeight = bytes.u32(size + 4, true) || undefined;
  header.image.orientation = ORIENTATION_OF_DEGREES[bytes.u32(size + 8, true)];
  const exif = readExif(bytes);
  if (exif !== undefined) header.blocks.exif = exif;
};

/** Cameras write the EXIF of the JPEG that they make beside it. */
function readExif(bytes: Bytes): Uint8Array | undefined {
  const directory = bytes.u32(bytes.length - 4, true);
  if (!bytes.is('SECd', directory)) return undefined;
  const count = Math.min(bytes.u32(directory + 8, true), MAX_SECTIONS);
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 12 + ENTRY_BYTES * index;
    const [at, length] = [bytes.u32(entry, true), bytes.u32(entry + 4, true)];
    const isJpeg = bytes.is('SECi', at) && bytes.u32(at + 12, true) === JPEG;
    const exif = isJpeg ? readExifInside(bytes, at + IMAGE_SECTION_BYTES, at + length) : undefined;
    if (exif !== undefined) return exif;
  }
  return undefined;
}
