// The marker segments of a JPEG stream and where the stream ends (ITU-T T.81, B.1). Knows nothing of what the segments say.
import { type Bytes, bufferOf } from '../../bytes.ts';
import { MAX_STEPS } from '../../header.ts';

const MARKER = 0xff;
const FIRST_RESTART = 0xd0;
const LAST_RESTART = 0xd7;
export const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
export const START_OF_SCAN = 0xda;
/** TEM and the reserved codes stand below the first code that begins a segment (T.81, table B.1). */
const FIRST_SEGMENT_CODE = 0xc0;

/** A segment without its marker and length. */
export interface Segment {
  code: number;
  body: number;
  end: number;
}

/** How a walk went. */
export interface Walk {
  /** Behind the EOI marker, or where another image begins without one. */
  end?: number;
  /** There is no EOI, or the last segment is not all there. */
  cut: boolean;
  /** More segments than anybody looks at. */
  limited: boolean;
  /** Bytes between segments that belong to none, or a length that can not be one. */
  odd: boolean;
}

/** Shows `visit` every segment in turn; of one that is cut, what there is. */
export function walkSegments(bytes: Bytes, visit: (segment: Segment) => void): Walk {
  const walk: Walk = { cut: true, limited: false, odd: false };
  let at = 0;
  let isBehindScan = false;
  let hasScan = false;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) return walk;
    if (!isBehindScan && marker > at && bytes.u8(at) !== MARKER) walk.odd = true;
    const code = bytes.u8(marker + 1);
    if (code === END_OF_IMAGE) return { ...walk, end: marker + 2, cut: false };
    // A second picture where the first should go on: the first was cut before the files were joined.
    if (code === START_OF_IMAGE && hasScan) return { ...walk, end: marker };
    isBehindScan = code === START_OF_SCAN;
    hasScan ||= isBehindScan;
    if (code === START_OF_IMAGE) {
      at = marker + 2;
      continue;
    }
    const next = visitSegment(bytes, marker, walk, visit);
    if (next === undefined) return walk;
    at = next;
  }
  return { ...walk, cut: false, limited: true };
}

/** Offset behind the segment; undefined when the file ends before that. */
function visitSegment(
  bytes: Bytes,
  marker: number,
  walk: Walk,
  visit: (segment: Segment) => void,
): number | undefined {
  if (!bytes.has(marker + 2, 2)) return undefined;
  const length = bytes.u16(marker + 2);
  // The length counts its own two bytes.
  if (length < 2) walk.odd = true;
  const end = marker + 2 + Math.max(length, 2);
  visit({ code: bytes.u8(marker + 1), body: marker + 4, end: Math.min(end, bytes.length) });
  return end <= bytes.length ? end : undefined;
}

/**
 * Offset of the next marker that is no restart. Skips entropy-coded data, in which FF stands before 00 (T.81, B.1.1.5) or, in
 * JPEG-LS, before a byte below 80 (T.87, A.1), and fill bytes (T.81, B.1.1.2).
 */
function nextMarker(bytes: Bytes, from: number): number | undefined {
  const { all, length } = bytes;
  // Buffer's search is several times faster than that of Uint8Array, and this runs over megabytes.
  const buffer = bufferOf(all);
  let at = from;
  while (at < length) {
    if (all[at] !== MARKER) {
      at = buffer.indexOf(MARKER, at);
      if (at < 0) return undefined;
    }
    const code = all[at + 1];
    if (code === undefined) return undefined;
    if (code === MARKER) at += 1;
    else if (code < FIRST_SEGMENT_CODE || (code >= FIRST_RESTART && code <= LAST_RESTART)) at += 2;
    else return at;
  }
  return undefined;
}
