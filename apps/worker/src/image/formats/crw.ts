// Canon CRW: heaps of records, each with a directory at its end (Canon, "CIFF Specification on Image Data File", 1.0; the records of
// the sensor as ExifTool and dcraw know them).
import type { Bytes } from '../bytes.ts';
import type { Header, HeaderReader } from '../header.ts';
import { showOnly } from './tiff/raw-display.ts';

const ENTRY_BYTES = 10;
const MAX_RECORDS = 1000;
const MAX_DEPTH = 5;

/** Of a record's type: where its value is, and what it is. */
const PLACE = 0xc000;
const IN_HEAP = 0x0000;
const KIND = 0x3800;
const HEAPS: readonly number[] = [0x2800, 0x3000];

const SENSOR = 0x1031;
const IMAGE = 0x1810;
const ORIENTATION_OF_DEGREES: Readonly<Record<number, number>> = { 0: 1, 90: 6, 180: 3, 270: 8 };
const TURN = 360;

interface Walk {
  bytes: Bytes;
  littleEndian: boolean;
  recordsLeft: number;
  /** Where the records that matter here lie. */
  sensor?: number;
  image?: number;
}

export const readCrw: HeaderReader = (bytes, header) => {
  const littleEndian = bytes.is('II');
  header.encoding.byteOrder = littleEndian ? 'little-endian' : 'big-endian';
  Object.assign(header.image, { pages: 1, channels: 1, hasAlpha: false });
  header.color.model = 'cfa';
  header.compression.method = 'crw';
  const walk: Walk = { bytes, littleEndian, recordsLeft: MAX_RECORDS };
  readHeap(walk, bytes.u32(2, littleEndian), bytes.length, 0);
  describe(walk, header);
};

/** The last four bytes of a heap tell where in it its directory is. */
function readHeap(walk: Walk, start: number, end: number, depth: number): void {
  const { bytes, littleEndian } = walk;
  const directory = start + bytes.u32(end - 4, littleEndian);
  const count = Math.min(bytes.u16(directory, littleEndian), walk.recordsLeft);
  walk.recordsLeft -= count;
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + ENTRY_BYTES * index;
    const type = bytes.u16(entry, littleEndian);
    if ((type & PLACE) !== IN_HEAP) continue;
    const at = start + bytes.u32(entry + 6, littleEndian);
    const behind = at + bytes.u32(entry + 2, littleEndian);
    if (behind > end || behind < at + 4) continue;
    if (type === SENSOR) walk.sensor ??= at;
    if (type === IMAGE) walk.image ??= at;
    if (HEAPS.includes(type & KIND) && depth < MAX_DEPTH) readHeap(walk, at, behind, depth + 1);
  }
}

function describe({ bytes, littleEndian, sensor, image }: Walk, header: Header): void {
  if (image !== undefined) {
    const degrees = bytes.i32(image + 12, littleEndian);
    header.image.orientation = ORIENTATION_OF_DEGREES[(degrees + TURN) % TURN];
    header.image.storedWidth = bytes.u32(image, littleEndian) || undefined;
    header.image.storedHeight = bytes.u32(image + 4, littleEndian) || undefined;
  }
  const { storedWidth = 0, storedHeight = 0 } = header.image;
  if (sensor === undefined) return;
  const [width, height] = [bytes.u16(sensor + 2, littleEndian), bytes.u16(sensor + 4, littleEndian)];
  if (width === 0 || height === 0) return;
  // Behind its own length; around the picture lie covered pixels.
  header.image.storedWidth = width;
  header.image.storedHeight = height;
  showOnly(header, storedWidth, storedHeight);
}
