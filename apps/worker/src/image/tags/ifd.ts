// Image file directories of TIFF 6.0 (section 2) and BigTIFF, as EXIF blocks and TIFF-based raw files have them too. Knows where
// entries stand and which of them can be read; what a tag means is told elsewhere.
import type { Bytes } from '../bytes.ts';
import { MAX_STEPS } from '../header.ts';

export interface Tiff {
  bytes: Bytes;
  littleEndian: boolean;
  /** BigTIFF: counts and offsets of 64 bits. */
  isBig: boolean;
  firstIfd: number;
}

export interface Entry {
  tag: number;
  type: number;
  count: number;
  /** Where the value begins, inside or outside of the directory; all of it is there. */
  at: number;
  byteLength: number;
}

export interface Ifd {
  at: number;
  /** Behind the directory itself. */
  end: number;
  entries: ReadonlyMap<number, Entry>;
  /** Offset of the next directory; 0 for the last one. */
  next: number;
  /** Entries whose value is not there, or of a type that does not exist. */
  unreadable: readonly number[];
}

/** What one file's directories may cost altogether, and what was found wrong on the way. */
export interface IfdWalk {
  tiff: Tiff;
  /** No directory is read twice: their offsets may go round in circles. */
  seen: Set<number>;
  entriesLeft: number;
  /** A directory begins or ends behind the end of the file. */
  cut: boolean;
  /** More directories or entries than anybody writes. */
  limited: boolean;
}

/** Of one directory. DNG files have some hundred. */
const MAX_ENTRIES = 1000;
/** Of all directories together: a thousand pages of twenty. */
const MAX_ENTRIES_IN_ALL = 20_000;

/** TIFF, EXIF blocks; Panasonic's RW2 (IIU\0); Olympus' ORF (IIRO, IIRS, MMOR); JPEG XR. */
const CLASSIC_MAGIC: readonly number[] = [42, 0x55, 0x4f52, 0x5352, 0x00bc, 0x01bc];
const BIG_MAGIC = 43;

const CLASSIC = { countBytes: 2, entryBytes: 12, inlineBytes: 4, valueAt: 8 } as const;
const BIG = { countBytes: 8, entryBytes: 20, inlineBytes: 8, valueAt: 12 } as const;

/** Bytes of one value of each field type (TIFF 6.0, page 15; supplement 1: IFD; BigTIFF: 16 to 18; Exif 3.0: 129, UTF-8). */
const TYPE_BYTES: readonly (number | undefined)[] = [
  ...[undefined, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4],
  ...[undefined, undefined, 8, 8, 8],
];
const UTF8_TYPE = 129;

/** Undefined for what does not begin like a TIFF, or is no longer than a beginning. */
export function openTiff(bytes: Bytes): Tiff | undefined {
  const littleEndian = bytes.is('II');
  if (!bytes.has(0, 8) || !(littleEndian || bytes.is('MM'))) return undefined;
  const magic = bytes.u16(2, littleEndian);
  if (magic === BIG_MAGIC) {
    // BigTIFF: offsets of 8 bytes, a reserved 0, the first offset.
    if (!bytes.has(0, 16) || bytes.u16(4, littleEndian) !== 8) return undefined;
    return { bytes, littleEndian, isBig: true, firstIfd: bytes.u64(8, littleEndian) };
  }
  if (!CLASSIC_MAGIC.includes(magic)) return undefined;
  return { bytes, littleEndian, isBig: false, firstIfd: bytes.u32(4, littleEndian) };
}

export function startWalk(tiff: Tiff): IfdWalk {
  return { tiff, seen: new Set(), entriesLeft: MAX_ENTRIES_IN_ALL, cut: false, limited: false };
}

/** The directory at an offset, as far as it is there; undefined where none is, or where it was read before. */
export function readIfd(walk: IfdWalk, at: number): Ifd | undefined {
  const { bytes, littleEndian, isBig } = walk.tiff;
  const { countBytes, entryBytes } = isBig ? BIG : CLASSIC;
  if (!enter(walk, at, countBytes)) return undefined;
  const claimed = isBig ? bytes.u64(at, littleEndian) : bytes.u16(at, littleEndian);
  const first = at + countBytes;
  const present = Math.min(claimed, Math.floor((bytes.length - first) / entryBytes));
  const count = Math.min(present, MAX_ENTRIES, walk.entriesLeft);
  walk.cut ||= present < claimed;
  walk.limited ||= count < present;
  walk.entriesLeft -= count;

  const entries = new Map<number, Entry>();
  const unreadable: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const entryAt = first + index * entryBytes;
    const tag = bytes.u16(entryAt, littleEndian);
    const entry = readEntry(walk.tiff, tag, entryAt);
    if (entry === undefined) unreadable.push(tag);
    else if (!entries.has(tag)) entries.set(tag, entry);
  }
  const nextAt = first + claimed * entryBytes;
  const next = readOffset(walk.tiff, nextAt) ?? 0;
  const end = Math.min(nextAt + (isBig ? 8 : 4), bytes.length);
  return { at, end, entries, next, unreadable };
}

function enter(walk: IfdWalk, at: number, countBytes: number): boolean {
  if (walk.seen.has(at)) return false;
  if (walk.seen.size >= MAX_STEPS || walk.entriesLeft <= 0) {
    walk.limited = true;
    return false;
  }
  // No directory lies in the header.
  if (at < 8) return false;
  if (!walk.tiff.bytes.has(at, countBytes)) {
    walk.cut = true;
    return false;
  }
  walk.seen.add(at);
  return true;
}

function readEntry({ bytes, littleEndian, isBig }: Tiff, tag: number, entryAt: number): Entry | undefined {
  const { inlineBytes, valueAt } = isBig ? BIG : CLASSIC;
  const type = bytes.u16(entryAt + 2, littleEndian);
  const count = isBig ? bytes.u64(entryAt + 4, littleEndian) : bytes.u32(entryAt + 4, littleEndian);
  const typeBytes = type === UTF8_TYPE ? 1 : TYPE_BYTES[type];
  if (typeBytes === undefined) return undefined;
  const byteLength = count * typeBytes;
  let at = entryAt + valueAt;
  if (byteLength > inlineBytes) at = isBig ? bytes.u64(at, littleEndian) : bytes.u32(at, littleEndian);
  return bytes.has(at, byteLength) ? { tag, type, count, at, byteLength } : undefined;
}

function readOffset({ bytes, littleEndian, isBig }: Tiff, at: number): number | undefined {
  if (!bytes.has(at, isBig ? 8 : 4)) return undefined;
  return isBig ? bytes.u64(at, littleEndian) : bytes.u32(at, littleEndian);
}

type ReadOne = (bytes: Bytes, at: number, littleEndian: boolean) => number | undefined;

/** By field type. Rationals are divided; what has no value (n/0, NaN) is undefined. */
const READ_ONE: readonly (ReadOne | undefined)[] = [
  undefined,
  (bytes, at) => bytes.u8(at),
  undefined,
  (bytes, at, littleEndian) => bytes.u16(at, littleEndian),
  (bytes, at, littleEndian) => bytes.u32(at, littleEndian),
  (bytes, at, littleEndian) => finite(bytes.u32(at, littleEndian) / bytes.u32(at + 4, littleEndian)),
  (bytes, at) => (bytes.u8(at) << 24) >> 24,
  (bytes, at) => bytes.u8(at),
  (bytes, at, littleEndian) => bytes.i16(at, littleEndian),
  (bytes, at, littleEndian) => bytes.i32(at, littleEndian),
  (bytes, at, littleEndian) => finite(bytes.i32(at, littleEndian) / bytes.i32(at + 4, littleEndian)),
  (bytes, at, littleEndian) => finite(bytes.f32(at, littleEndian)),
  (bytes, at, littleEndian) => finite(bytes.f64(at, littleEndian)),
  (bytes, at, littleEndian) => bytes.u32(at, littleEndian),
  undefined,
  undefined,
  (bytes, at, littleEndian) => bytes.u64(at, littleEndian),
  (bytes, at, littleEndian) => bytes.i64(at, littleEndian),
  (bytes, at, littleEndian) => bytes.u64(at, littleEndian),
];

/** −0 is a number that JSON does not know. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value + 0 : undefined;
}

/** One number of an entry; undefined for texts, beyond the count, and where the number has no value. */
export function numberAt({ bytes, littleEndian }: Tiff, entry: Entry, index: number): number | undefined {
  const typeBytes = TYPE_BYTES[entry.type] ?? 0;
  if (index >= entry.count) return undefined;
  return READ_ONE[entry.type]?.(bytes, entry.at + index * typeBytes, littleEndian);
}

/** The first number of a tag. */
export function numberOf(tiff: Tiff, ifd: Ifd, tag: number): number | undefined {
  const entry = ifd.entries.get(tag);
  return entry === undefined ? undefined : numberAt(tiff, entry, 0);
}

/** The numbers of a tag, `limit` at most. */
export function numbersOf(tiff: Tiff, ifd: Ifd, tag: number, limit: number): (number | undefined)[] {
  const entry = ifd.entries.get(tag);
  if (entry === undefined) return [];
  return Array.from({ length: Math.min(entry.count, limit) }, (_, index) => numberAt(tiff, entry, index));
}

/** The bytes of a tag's value, whatever their type. */
export function bytesOf(tiff: Tiff, ifd: Ifd, tag: number): Uint8Array | undefined {
  const entry = ifd.entries.get(tag);
  return entry === undefined || entry.byteLength === 0
    ? undefined
    : tiff.bytes.slice(entry.at, entry.byteLength);
}
