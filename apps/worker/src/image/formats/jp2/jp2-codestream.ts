// The main header of a JPEG 2000 codestream, and where the codestream ends (ISO/IEC 15444-1, Annex A). No pixel is decoded.
import type { Bytes } from '../../bytes.ts';
import { MAX_STEPS } from '../../header.ts';

export interface Component {
  bitDepth: number;
  /** How many columns and rows of the reference grid lie between two of its samples. */
  xStep: number;
  yStep: number;
}

export interface Codestream {
  /** Not above 0 where the corners of the image are the wrong way round. */
  width: number;
  height: number;
  tile: { width: number; height: number };
  components: Component[];
  /** Undefined: none of Part 1. */
  filter?: '5-3' | '9-7' | undefined;
  profile?: string | undefined;
  /** Blocks are coded as in Part 15. */
  isHighThroughput: boolean;
  comments: string[];
  /** Behind the last byte; undefined where the walk did not get there. */
  end?: number | undefined;
  isTruncated: boolean;
}

const SOC = 0xff4f;
const CAP = 0xff50;
const SIZ = 0xff51;
const COD = 0xff52;
const COM = 0xff64;
const SOT = 0xff90;
const EOC = 0xffd9;

/** Reads from SOC on, no further than `to`. Calls back as soon as there is something to tell: the file may end any time. */
export function readCodestream(
  bytes: Bytes,
  from: number,
  to: number,
  found: (codestream: Codestream) => void,
): void {
  if (bytes.u16(from) !== SOC || bytes.u16(from + 2) !== SIZ) throw new Error('no codestream begins here');
  const codestream = readSize(bytes, from + 4);
  found(codestream);
  let at = from + 2;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const marker = bytes.u16(at);
    if (marker === SOT) {
      walkTileParts(bytes, at, to, codestream);
      return;
    }
    if (marker < 0xff00) throw new Error('no marker where one should be');
    const length = bytes.u16(at + 2);
    if (length < 2) throw new Error('a marker segment shorter than its length');
    readSegment(bytes, marker, at + 4, length - 2, codestream);
    at += 2 + length;
  }
}

/** Table A.10, and those of the later amendments. */
const PROFILES: Readonly<Record<number, string>> = {
  1: 'Profile-0',
  2: 'Profile-1',
  3: '2K Digital Cinema',
  4: '4K Digital Cinema',
  5: 'Scalable 2K Digital Cinema',
  6: 'Scalable 4K Digital Cinema',
  7: 'Long-term Storage',
};
/** By the third byte from below; the others are levels. */
const FAMILIES: Readonly<Record<number, string>> = {
  1: 'Broadcast Single Tile',
  2: 'Broadcast Multi-tile',
  3: 'Broadcast Multi-tile Reversible',
  4: 'IMF 2K',
  5: 'IMF 4K',
  6: 'IMF 8K',
  7: 'IMF 2K Reversible',
  8: 'IMF 4K Reversible',
  9: 'IMF 8K Reversible',
};

/** SIZ (A.5.1): the image is what lies between two corners on the reference grid. */
function readSize(bytes: Bytes, segment: number): Codestream {
  const at = segment + 2;
  const capabilities = bytes.u16(at);
  const width = bytes.u32(at + 2) - bytes.u32(at + 10);
  const height = bytes.u32(at + 6) - bytes.u32(at + 14);
  const tile = { width: bytes.u32(at + 18), height: bytes.u32(at + 22) };
  // As many as it says, if the segment is long enough for them.
  const count = Math.min(bytes.u16(at + 34), Math.floor((bytes.u16(segment) - 38) / 3));
  if (count <= 0) throw new Error('an image without components');
  bytes.need(at + 36, 3 * count);
  const components = Array.from({ length: count }, (_, index) => readComponent(bytes, at + 36 + 3 * index));
  const profile = capabilities < 0x1000 ? (PROFILES[capabilities] ?? FAMILIES[capabilities >> 8]) : undefined;
  return {
    width,
    height,
    tile,
    components,
    profile,
    isHighThroughput: false,
    comments: [],
    isTruncated: false,
  };
}

/** The highest bit says that samples are signed. */
function readComponent(bytes: Bytes, at: number): Component {
  return { bitDepth: (bytes.u8(at) & 0x7f) + 1, xStep: bytes.u8(at + 1), yStep: bytes.u8(at + 2) };
}

const PART_15 = 1 << (32 - 15);
const MAX_COMMENTS = 16;
/** SOT and its segment. */
const TILE_PART_HEADER_BYTES = 12;

function readSegment(bytes: Bytes, marker: number, at: number, length: number, codestream: Codestream): void {
  if (marker === COD) {
    // Behind Scod, progression, layers, component transform, levels, width, height and style of blocks (A.6.1).
    const transformation = bytes.u8(at + 9);
    codestream.filter = transformation === 0 ? '9-7' : transformation === 1 ? '5-3' : undefined;
  } else if (marker === CAP) {
    codestream.isHighThroughput = (bytes.u32(at) & PART_15) !== 0;
  } else if (marker === COM && codestream.comments.length < MAX_COMMENTS) {
    const isText = bytes.u16(at) === 1;
    if (isText) codestream.comments.push(bytes.latin1(at + 2, length - 2));
  }
}

/** Each tile-part says how long it is; 0 says: up to the end of the codestream (A.4.2). */
function walkTileParts(bytes: Bytes, from: number, to: number, codestream: Codestream): void {
  let at = from;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (at + 2 <= to && bytes.u16(at) === EOC) {
      codestream.end = at + 2;
      return;
    }
    if (at + TILE_PART_HEADER_BYTES > to) {
      codestream.isTruncated = true;
      return;
    }
    if (bytes.u16(at) !== SOT) return;
    const length = bytes.u32(at + 6);
    at =
      length === 0
        ? findEnd(bytes, at + TILE_PART_HEADER_BYTES, to)
        : at + Math.max(length, TILE_PART_HEADER_BYTES);
  }
}

/** Within the data of a tile-part no two bytes are as high as a marker's above FF8F, so that the first EOC is the one. */
function findEnd(bytes: Bytes, from: number, to: number): number {
  for (let at = bytes.find(0xff, from); at >= 0 && at + 2 <= to; at = bytes.find(0xff, at + 1)) {
    if (bytes.u8(at + 1) === 0xd9) return at;
  }
  return to;
}
