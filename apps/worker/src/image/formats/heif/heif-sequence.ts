// Image sequences: the track that is shown, its frames and their times (ISO/IEC 23008-12, 7; ISO/IEC 14496-12, 8).
import type { Bytes } from '../../bytes.ts';
import { type Header, malformed } from '../../header.ts';
import { type Box, boxAlong, boxes, fieldsOf, findBox } from '../boxes.ts';
import { chunksOf, isChunkMissing } from './heif-chunks.ts';
import type { Picture } from './heif-codec.ts';
import { attempt } from './heif-meta.ts';
import { auxiliaryOf } from './heif-properties.ts';
import { readTiming } from './heif-timing.ts';

export interface Sequence {
  frames: number;
  animation: NonNullable<Header['animation']>;
  /** The sample entry: codec, configuration, properties. */
  picture: Picture;
  width: number;
  height: number;
  hasAlpha: boolean;
  /** Tags of the sequence stand in its track. */
  meta: Box | undefined;
}

interface Track {
  box: Box;
  id: number;
  /** pict, vide, auxv, soun, … */
  handler: string;
  /** Tracks that this one is auxiliary to, or a thumbnail of. */
  belongsTo: number[];
  entry: Box | undefined;
  width: number;
  height: number;
}

const SAMPLE_TABLE = ['mdia', 'minf', 'stbl'];
/** Fields of a visual sample entry in front of its boxes (12.1.3). */
const SAMPLE_ENTRY_BYTES = 78;
const MAX_TRACKS = 64;

/** @param handlers of tracks that count: `pict` of HEIF, `vide` of older files and films. Undefined without such a track */
export function readSequence(
  bytes: Bytes,
  movie: Box,
  header: Header,
  handlers: readonly string[],
): Sequence | undefined {
  const tracks: Track[] = [];
  for (const box of boxes(bytes, movie.body, movie.end)) {
    if (box.type !== 'trak' || tracks.length === MAX_TRACKS) continue;
    attempt(header, 'track', () => tracks.push(readTrack(bytes, box)));
  }
  const main = tracks
    .filter(
      ({ handler, belongsTo, entry }) =>
        handlers.includes(handler) && belongsTo.length === 0 && entry !== undefined,
    )
    .reduce<Track | undefined>(
      (largest, track) => (largest !== undefined && areaOf(largest) >= areaOf(track) ? largest : track),
      undefined,
    );
  if (main?.entry === undefined) return undefined;
  const { box, entry, id, width, height } = main;
  if (isDataMissing(bytes, box)) header.truncated = true;
  const timing = readTiming(bytes, box);
  if (timing.frames === undefined)
    header.warnings.push(malformed('The sequence tells more frames than the file can hold.', 'animation'));
  const frames = timing.frames ?? 0;
  return {
    frames,
    animation: { ...timing.animation, frames },
    picture: {
      type: entry.type,
      properties: propertiesOf(bytes, entry),
      head: (count) => firstSample(bytes, box, count),
    },
    width,
    height,
    hasAlpha: tracks.some((track) => track.belongsTo.includes(id) && isAlpha(bytes, track)),
    meta: findBox(bytes, box.body, box.end, 'meta'),
  };
}

function areaOf({ width, height }: Track): number {
  return width * height;
}

function isAlpha(bytes: Bytes, { entry }: Track): boolean {
  return entry !== undefined && auxiliaryOf(bytes, propertiesOf(bytes, entry))?.isAlpha === true;
}

function propertiesOf(bytes: Bytes, entry: Box): Box[] {
  return [...boxes(bytes, entry.body + SAMPLE_ENTRY_BYTES, entry.end)];
}

function readTrack(bytes: Bytes, box: Box): Track {
  const handler = boxAlong(bytes, box, 'mdia', 'hdlr');
  const entry = firstEntry(bytes, box);
  const size = { width: 0, height: 0 };
  if (entry !== undefined && bytes.has(entry.body, SAMPLE_ENTRY_BYTES)) {
    size.width = bytes.u16(entry.body + 24);
    size.height = bytes.u16(entry.body + 26);
  }
  return {
    box,
    id: trackId(bytes, box),
    handler: handler === undefined ? '' : bytes.latin1(handler.body + 8, 4),
    belongsTo: readBelonging(bytes, box),
    entry,
    ...size,
  };
}

function firstEntry(bytes: Bytes, track: Box): Box | undefined {
  const descriptions = boxAlong(bytes, track, ...SAMPLE_TABLE, 'stsd');
  if (descriptions === undefined) return undefined;
  const [first] = boxes(bytes, descriptions.body + 8, descriptions.end);
  return first;
}

function trackId(bytes: Bytes, track: Box): number {
  const box = findBox(bytes, track.body, track.end, 'tkhd');
  if (box === undefined) return 0;
  const fields = fieldsOf(bytes, box);
  fields.skip(fields.versionAndFlags().version === 1 ? 16 : 8);
  return fields.u32();
}

/** tref of types auxl and thmb. */
function readBelonging(bytes: Bytes, track: Box): number[] {
  const references = findBox(bytes, track.body, track.end, 'tref');
  if (references === undefined) return [];
  const found: number[] = [];
  for (const box of boxes(bytes, references.body, references.end)) {
    if (box.type === 'auxl' || box.type === 'thmb') found.push(fieldsOf(bytes, box).u32());
  }
  return found;
}

/** The beginning of the first chunk is the beginning of the first sample. */
function firstSample(bytes: Bytes, track: Box, count: number): Uint8Array {
  const table = boxAlong(bytes, track, ...SAMPLE_TABLE);
  const chunks = table && chunksOf(bytes, table);
  return bytes.upTo(chunks?.first ?? bytes.length, count);
}

function isDataMissing(bytes: Bytes, track: Box): boolean {
  const table = boxAlong(bytes, track, ...SAMPLE_TABLE);
  return table !== undefined && isChunkMissing(bytes, table);
}
