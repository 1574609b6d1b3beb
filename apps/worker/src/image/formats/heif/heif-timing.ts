// How many samples a track has, how long each lasts, and how often the whole is played (ISO/IEC 14496-12, 8.6, 8.7.3).
import type { Bytes } from '../../bytes.ts';
import { type Header, MAX_STEPS } from '../../header.ts';
import { round } from '../../round.ts';
import { type Box, boxAlong, fieldsOf, findBox } from '../boxes.ts';

type Times = Pick<NonNullable<Header['animation']>, 'durationMs' | 'delaysMs' | 'loopCount'>;

export interface Timing {
  /** Undefined where the count is more than the file can hold. */
  frames: number | undefined;
  animation: Times;
}

export function readTiming(bytes: Bytes, track: Box): Timing {
  const table = boxAlong(bytes, track, 'mdia', 'minf', 'stbl');
  const times = table && findBox(bytes, table.body, table.end, 'stts');
  const loopCount = readLoops(bytes, track);
  return {
    frames: table && countSamples(bytes, table),
    animation: {
      ...(times && readDelays(bytes, times, readTimescale(bytes, track))),
      ...(loopCount !== undefined && { loopCount }),
    },
  };
}

/** stsz or stz2. Every sample has at least its size in the table, or a byte in the file. */
export function countSamples(bytes: Bytes, table: Box): number | undefined {
  const sizes =
    findBox(bytes, table.body, table.end, 'stsz') ?? findBox(bytes, table.body, table.end, 'stz2');
  if (sizes === undefined) return undefined;
  const fields = fieldsOf(bytes, sizes);
  fields.skip(4);
  const size = fields.u32();
  const count = fields.u32();
  const bits = sizes.type === 'stz2' ? size & 0xff : size === 0 ? 32 : 0;
  const isPossible =
    bits === 0 ? count * size <= bytes.length : (count * bits) / 8 <= fields.end - fields.at + 1;
  return isPossible ? count : undefined;
}

function readTimescale(bytes: Bytes, track: Box): number {
  const box = boxAlong(bytes, track, 'mdia', 'mdhd');
  if (box === undefined) return 0;
  const fields = fieldsOf(bytes, box);
  fields.skip(fields.versionAndFlags().version === 1 ? 16 : 8);
  return fields.u32();
}

/** stts: runs of samples that last as long as each other. */
function readDelays(bytes: Bytes, box: Box, timescale: number): Times {
  if (timescale === 0) return {};
  const fields = fieldsOf(bytes, box);
  fields.skip(4);
  const runs = Math.min(fields.u32(), Math.floor((fields.end - fields.at) / 8));
  const delaysMs: number[] = [];
  let total = 0;
  for (let run = 0; run < runs; run += 1) {
    const count = fields.u32();
    const duration = fields.u32();
    total += count * duration;
    const delayMs = milliseconds(duration, timescale);
    for (let left = Math.min(count, MAX_STEPS - delaysMs.length); left > 0; left -= 1) delaysMs.push(delayMs);
  }
  return { durationMs: milliseconds(total, timescale), delaysMs };
}

function milliseconds(units: number, timescale: number): number {
  return round((units * 1000) / timescale, 3);
}

const REPEAT_EDITS = 1;

/**
 * An edit list that repeats is played until the track's duration is over, for ever where that is unknown (all ones); one that
 * does not repeat is played once (8.6.6, 8.3.2). Without a list nothing is said.
 */
function readLoops(bytes: Bytes, track: Box): number | undefined {
  const list = boxAlong(bytes, track, 'edts', 'elst');
  const head = findBox(bytes, track.body, track.end, 'tkhd');
  if (list === undefined || head === undefined) return undefined;
  const fields = fieldsOf(bytes, list);
  const { version, flags } = fields.versionAndFlags();
  if ((flags & REPEAT_EDITS) === 0) return 1;
  const timeSize = version === 1 ? 8 : 4;
  let once = 0;
  for (let left = Math.min(fields.u32(), MAX_STEPS); left > 0; left -= 1) {
    once += fields.uint(timeSize);
    fields.skip(timeSize + 4); // media time and rate
  }
  const total = readDuration(bytes, head);
  if (total === undefined) return 0;
  return once > 0 ? Math.ceil(total / once) : undefined;
}

/** Undefined: not known, so as long as it likes. */
function readDuration(bytes: Bytes, head: Box): number | undefined {
  const fields = fieldsOf(bytes, head);
  const isWide = fields.versionAndFlags().version === 1;
  fields.skip(isWide ? 24 : 16); // times, track, reserved
  const duration = isWide ? fields.u64() : fields.u32();
  return duration >= (isWide ? 2 ** 63 : 0xffff_ffff) ? undefined : duration;
}
