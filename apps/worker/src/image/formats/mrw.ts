// Minolta MRW: blocks with a name and a length; of the sensor's size, of tags in a TIFF stream, and behind them the sensor's data.
// Unpublished; as ExifTool and dcraw know it.
import { Bytes } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS } from '../header.ts';
import { orientationOf } from '../tags/exif-resolution.ts';
import { openTiff, readIfd, startWalk } from '../tags/ifd.ts';
import { showOnly } from './tiff/raw-display.ts';

const FIRST_BLOCK = 8;
const PACKED = 0x59;
const UNPACKED = 0x52;

export const readMrw: HeaderReader = (bytes, header) => {
  // Written by the little-endian DiMAGE A200 as \0MRI.
  const littleEndian = bytes.is('\0MRI');
  header.encoding.byteOrder = littleEndian ? 'little-endian' : 'big-endian';
  Object.assign(header.image, { pages: 1, channels: 1, hasAlpha: false });
  header.color.model = 'cfa';
  const end = FIRST_BLOCK + bytes.u32(4, littleEndian);
  let sensor: number | undefined;
  let at = FIRST_BLOCK;
  for (let step = 0; step < MAX_STEPS && at + 8 <= end; step += 1) {
    const body = at + 8;
    const length = bytes.u32(at + 4, littleEndian);
    if (bytes.is('\0PRD', at)) sensor = body;
    if (sensor === body) describeSensor(bytes, body, littleEndian, header);
    if (bytes.is('\0TTW', at)) describeTags(bytes.slice(body, length), header);
    at = body + length;
  }
  // The orientation stands behind the size.
  if (sensor !== undefined)
    showOnly(header, bytes.u16(sensor + 14, littleEndian), bytes.u16(sensor + 12, littleEndian));
};

/** Behind a version of eight characters: height and width of the sensor and of the picture, bits stored, bits used, way of storing. */
function describeSensor(bytes: Bytes, body: number, littleEndian: boolean, header: Header): void {
  const { image, compression } = header;
  image.storedHeight = bytes.u16(body + 8, littleEndian) || undefined;
  image.storedWidth = bytes.u16(body + 10, littleEndian) || undefined;
  image.bitDepth = bytes.u8(body + 17) || undefined;
  const storage = bytes.u8(body + 18);
  if (storage === PACKED || storage === UNPACKED)
    Object.assign(compression, { method: 'none', lossless: true });
}

function describeTags(exif: Uint8Array, header: Header): void {
  header.blocks.exif = exif;
  const tiff = openTiff(new Bytes(exif));
  const ifd0 = tiff && readIfd(startWalk(tiff), tiff.firstIfd);
  if (tiff && ifd0) header.image.orientation = orientationOf(tiff, ifd0);
}
