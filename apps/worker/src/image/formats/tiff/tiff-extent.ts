// How far a TIFF reaches into its file: directories, values, strips and tiles lie wherever their writer put them.
import type { Bytes } from '../../bytes.ts';
import { type Ifd, type IfdWalk, numberAt, numberOf, type Tiff } from '../../tags/ifd.ts';
import { TAG } from '../../tags/tag-numbers.ts';

export interface Extent {
  /** Behind the last byte that anything points to; undefined where not everything could be looked at. */
  end: number | undefined;
  /** Pixels or a directory would lie behind the end of the file. */
  truncated: boolean;
}

const OFFSETS: readonly number[] = [
  TAG.STRIP_OFFSETS,
  TAG.STRIP_BYTE_COUNTS,
  TAG.TILE_OFFSETS,
  TAG.TILE_BYTE_COUNTS,
];

const MAX_PADDING_BYTES = 3;
const UNCOMPRESSED = 1;
const OLD_JPEG = 6;
const YCBCR = 6;
const PLANAR = 2;
/** Strips and tiles of the whole file that are looked at: ten gigapixels in tiles of 256 pixels have more. */
const MAX_PIECES = 100_000;

interface Measuring extends Extent {
  end: number;
  isComplete: boolean;
  piecesLeft: number;
}

export function extentOf(walk: IfdWalk, ifds: readonly Ifd[]): Extent {
  const { bytes } = walk.tiff;
  const measuring: Measuring = {
    end: 0,
    truncated: walk.cut,
    isComplete: !walk.limited,
    piecesLeft: MAX_PIECES,
  };
  for (const ifd of ifds) measure(walk, ifd, measuring);
  const { end, truncated, isComplete } = measuring;
  if (truncated || !isComplete) return { end: undefined, truncated };
  return { end: isPadding(bytes, end) ? bytes.length : end, truncated };
}

/** Directories and values begin on a word (TIFF 6.0, section 2): writers fill up words of two or four bytes. */
function isPadding(bytes: Bytes, end: number): boolean {
  const rest = bytes.upTo(end, MAX_PADDING_BYTES + 1);
  return rest.length <= MAX_PADDING_BYTES && rest.every((byte) => byte === 0);
}

function measure(walk: IfdWalk, ifd: Ifd, measuring: Measuring): void {
  reach(walk, measuring, ifd.end);
  for (const entry of ifd.entries.values()) reach(walk, measuring, entry.at + entry.byteLength);
  if (ifd.unreadable.some((tag) => OFFSETS.includes(tag))) measuring.truncated = true;
  // Old-style JPEG scatters its tables, and its lengths are seldom right (TIFF technical note 2).
  if (numberOf(walk.tiff, ifd, TAG.COMPRESSION) === OLD_JPEG && ifd.entries.has(TAG.STRIP_OFFSETS)) {
    measuring.isComplete = false;
    return;
  }
  measurePieces(walk, ifd, measuring, TAG.STRIP_OFFSETS, TAG.STRIP_BYTE_COUNTS);
  measurePieces(walk, ifd, measuring, TAG.TILE_OFFSETS, TAG.TILE_BYTE_COUNTS);
  const jpegAt = numberOf(walk.tiff, ifd, TAG.JPEG_OFFSET);
  if (jpegAt !== undefined) reach(walk, measuring, jpegAt + (numberOf(walk.tiff, ifd, TAG.JPEG_LENGTH) ?? 0));
}

function reach(walk: IfdWalk, measuring: Measuring, end: number): void {
  if (end <= walk.tiff.bytes.length) measuring.end = Math.max(measuring.end, end);
  else measuring.truncated = true;
}

function measurePieces(
  walk: IfdWalk,
  ifd: Ifd,
  measuring: Measuring,
  offsetsTag: number,
  countsTag: number,
): void {
  const offsets = ifd.entries.get(offsetsTag);
  const counts = ifd.entries.get(countsTag);
  if (offsets === undefined) return;
  if (counts === undefined || offsets.count > measuring.piecesLeft) {
    measuring.isComplete = false;
    return;
  }
  measuring.piecesLeft -= offsets.count;
  for (let index = 0; index < offsets.count; index += 1) {
    const at = numberAt(walk.tiff, offsets, index) ?? 0;
    const count = numberAt(walk.tiff, counts, index) ?? 0;
    // A piece at 0 is one that was never written: sparse files.
    if (at === 0 || count === 0) continue;
    const isOver = at + count > walk.tiff.bytes.length;
    reach(
      walk,
      measuring,
      at + (isOver && offsetsTag === TAG.STRIP_OFFSETS ? neededOf(walk.tiff, ifd, index, count) : count),
    );
  }
}

/** Some count a whole strip where the last one has fewer rows: without compression it can be told how many bytes it needs. */
function neededOf(tiff: Tiff, ifd: Ifd, strip: number, count: number): number {
  const number = (tag: number) => numberOf(tiff, ifd, tag);
  const [width, height] = [number(TAG.WIDTH), number(TAG.HEIGHT)];
  if (
    (number(TAG.COMPRESSION) ?? UNCOMPRESSED) !== UNCOMPRESSED ||
    width === undefined ||
    height === undefined
  )
    return count;
  if (number(TAG.PHOTOMETRIC) === YCBCR || number(TAG.PLANAR_CONFIGURATION) === PLANAR) return count;
  const rowBytes = Math.ceil(
    (width * (number(TAG.BITS_PER_SAMPLE) ?? 1) * (number(TAG.SAMPLES_PER_PIXEL) ?? 1)) / 8,
  );
  const rows = number(TAG.ROWS_PER_STRIP) ?? height;
  return Math.min(count, rowBytes * Math.max(Math.min(rows, height - strip * rows), 0));
}
