// The index of further pictures behind the first one's end (CIPA DC-007-2021, Multi-Picture Format).
import { type Bytes, bufferOf } from '../../bytes.ts';
import { MAX_STEPS } from '../../header.ts';

export interface MultiPicture {
  /** Pictures that the index lists, the first included. */
  pictures: number;
  /** One of them is a gain map, by its type (5.2.3.3) or by what it says itself. */
  hasGainMap: boolean;
  /** As in the document's color.hdr.standard. */
  gainMapStandard?: string;
  /** Behind the last picture that is there. */
  end: number;
  /** A listed picture goes on behind the end of the file. */
  cut: boolean;
}

const MP_ENTRY = 0xb002;
const MP_ENTRY_BYTES = 16;
const IFD_ENTRY_BYTES = 12;
const TYPE_MASK = 0xffffff;
const GAIN_MAP = 0x050000;
const END_OF_IMAGE = '\xff\xd9';
const START_OF_IMAGE = '\xff\xd8\xff';

/**
 * @param at of the TIFF header in the segment: offsets in the index count from there (5.2.2)
 * @param segmentEnd the index ends here at the latest
 * @param firstEnd behind the first picture
 * @throws EndOfBytes
 */
export function readMultiPicture(
  bytes: Bytes,
  at: number,
  segmentEnd: number,
  firstEnd: number,
): MultiPicture {
  const index = bytes.window(at, segmentEnd - at);
  const littleEndian = index.is('II');
  const found: MultiPicture = { pictures: 1, hasGainMap: false, end: firstEnd, cut: false };
  const entries = findEntries(index, littleEndian);
  if (entries === undefined) return found;
  found.pictures = entries.count;
  // The first entry is the picture that holds this index.
  for (let entry = 0; entry < entries.count; entry += 1) {
    const entryAt = entries.at + entry * MP_ENTRY_BYTES;
    if ((index.u32(entryAt, littleEndian) & TYPE_MASK) === GAIN_MAP) found.hasGainMap = true;
    const offset = index.u32(entryAt + 8, littleEndian);
    if (offset > 0) extend(found, bytes, at + offset, index.u32(entryAt + 4, littleEndian));
  }
  return found;
}

function findEntries(index: Bytes, littleEndian: boolean): { at: number; count: number } | undefined {
  const directory = index.u32(4, littleEndian);
  const tags = index.u16(directory, littleEndian);
  for (let tag = 0; tag < tags; tag += 1) {
    const tagAt = directory + 2 + tag * IFD_ENTRY_BYTES;
    if (index.u16(tagAt, littleEndian) !== MP_ENTRY) continue;
    const at = index.u32(tagAt + 8, littleEndian);
    const claimed = Math.floor(index.u32(tagAt + 4, littleEndian) / MP_ENTRY_BYTES);
    const there = Math.floor(Math.max(index.length - at, 0) / MP_ENTRY_BYTES);
    return { at, count: Math.min(claimed, there, MAX_STEPS) };
  }
  return undefined;
}

/**
 * An index is not corrected by programs that rewrite the first picture: then the next one begins where the last one ended, and a
 * size that leads behind the end of a file with an EOI marker there is only wrong.
 */
function extend(found: MultiPicture, bytes: Bytes, listed: number, size: number): void {
  const start = [listed, found.end].find((at) => bytes.is(START_OF_IMAGE, at));
  if (start === undefined) return;
  if (start + size > bytes.length && !bytes.is(END_OF_IMAGE, bytes.length - 2)) found.cut = true;
  found.end = Math.max(found.end, Math.min(start + size, bytes.length));
  if (found.pictures <= MAX_PICTURES_LOOKED_INTO)
    findGainMap(found, bytes.upTo(start, Math.min(size, HEAD_BYTES)));
}

/** Most gain maps have no type of their own in the index; the first segments of the picture tell. */
const GAIN_MAP_MARKS = [
  ['urn:iso:std:iso:ts:21496:-1\0', 'iso-21496-1'],
  ['http://ns.adobe.com/hdr-gain-map/1.0/', 'ultra-hdr-1'],
  ['urn:com:apple:photo:2020:aux:hdrgainmap', 'apple-gain-map'],
] as const;
const HEAD_BYTES = 16 * 1024;
const MAX_PICTURES_LOOKED_INTO = 16;

function findGainMap(found: MultiPicture, head: Uint8Array): void {
  const standard = GAIN_MAP_MARKS.find(([mark]) => bufferOf(head).includes(mark))?.[1];
  if (standard === undefined) return;
  found.hasGainMap = true;
  found.gainMapStandard ??= standard;
}
