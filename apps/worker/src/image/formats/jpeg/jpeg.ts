// JPEG (ITU-T T.81, JFIF 1.02) and JPEG-LS (T.87): what the header segments say, and where the file's pictures end.
import { Bytes, EndOfBytes } from '../../bytes.ts';
import { densityIn } from '../../density.ts';
import { type Header, type HeaderReader, malformed, walkLimit } from '../../header.ts';
import { type AppSegments, collectAppSegment, describeBlocks, noAppSegments } from './jpeg-app.ts';
import {
  type ColorMarks,
  type Frame,
  isFrame,
  isJpegLs,
  isLosslessProcess,
  isProgressive,
  modelOf,
  processOf,
  readFrame,
  subsamplingOf,
} from './jpeg-frame.ts';
import { readMultiPicture } from './jpeg-mpf.ts';
import { estimateQuality, type QuantizationTable, readQuantizationTables } from './jpeg-quality.ts';
import { type Segment, START_OF_SCAN, walkSegments } from './jpeg-segments.ts';

const DEFINE_QUANTIZATION_TABLES = 0xdb;
const DEFINE_NUMBER_OF_LINES = 0xdc;
const DEFINE_HIERARCHICAL_PROGRESSION = 0xde;
const APP0 = 0xe0;
const APP2 = 0xe2;
const APP14 = 0xee;
const GAIN_MAP_SIGNATURE = 'urn:iso:std:iso:ts:21496:-1\0';

interface Findings extends ColorMarks {
  frame?: Frame;
  /** Size of the finished picture where several frames make it up (T.81, B.3.2). */
  hierarchy?: Frame;
  tables: (QuantizationTable | undefined)[];
  apps: AppSegments;
  /** Markers, by their second byte, of segments that are too short for what they should hold. */
  tooShort: Set<number>;
  /** Of the multi-picture index, behind its signature. */
  index?: Segment;
}

export const readJpeg: HeaderReader = (bytes, header) => {
  const found: Findings = { hasJfif: false, tables: [], apps: noAppSegments(), tooShort: new Set() };
  const walk = walkSegments(bytes, (segment) => readSegment(bytes, segment, found, header));
  if (walk.end !== undefined) header.end = walk.end;
  if (walk.cut) header.truncated = true;
  if (walk.limited) header.warnings.push(walkLimit('segments'));
  if (walk.odd)
    header.warnings.push(malformed('There are bytes between the segments, or a segment of no length.'));
  // Where the file itself is cut, that is what is to be said.
  const tooShort = walk.cut ? [] : [...found.tooShort].map((code) => `FF${code.toString(16).toUpperCase()}`);
  if (tooShort.length > 0) header.warnings.push(malformed(`Segments are too short: ${tooShort.join(', ')}.`));
  describeFrame(found, header);
  describeBlocks(found.apps, header);
  if (found.index !== undefined) describePictures(bytes, found.index, header);
};

/** A segment that is too short for what it should hold loses only itself. */
function readSegment(bytes: Bytes, segment: Segment, found: Findings, header: Header): void {
  const { code, body, end } = segment;
  const inside = new Bytes(bytes.all.subarray(body, end));
  try {
    if (isFrame(code)) found.frame ??= readFrame(inside, code);
    else READERS[code]?.(inside, found, header, segment);
    collectAppSegment(bytes, segment, found.apps);
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    found.tooShort.add(code);
  }
}

type SegmentReader = (inside: Bytes, found: Findings, header: Header, segment: Segment) => void;

const READERS: Readonly<Record<number, SegmentReader>> = {
  [DEFINE_QUANTIZATION_TABLES]: (inside, found) => readQuantizationTables(inside, found.tables),
  [DEFINE_HIERARCHICAL_PROGRESSION]: (inside, found) => {
    found.hierarchy ??= readFrame(inside, DEFINE_HIERARCHICAL_PROGRESSION);
  },
  [DEFINE_NUMBER_OF_LINES]: (inside, { frame }) => {
    if (frame?.height === 0) frame.height = inside.u16(0);
  },
  [START_OF_SCAN]: readScanHeader,
  [APP0]: readJfif,
  [APP2]: (inside, found, header, segment) => {
    if (inside.is('MPF\0')) found.index ??= { ...segment, body: segment.body + 4 };
    if (inside.is(GAIN_MAP_SIGNATURE)) header.color.hdr = { gainMap: true, standard: 'iso-21496-1' };
  },
  [APP14]: (inside, found) => {
    // Behind the name: version, two words of flags, transform (Adobe technical note 5116, 18).
    if (inside.is('Adobe') && inside.has(11, 1)) found.adobeTransform = inside.u8(11);
  },
};

/** How lossless a scan is: by its point transform (T.81, H.1.2.1), in JPEG-LS by the error allowed, NEAR (T.87, C.2.3). */
function readScanHeader(inside: Bytes, { frame }: Findings, { compression }: Header): void {
  if (frame === undefined || !(isJpegLs(frame) || isLosslessProcess(frame))) return;
  const at = 1 + inside.u8(0) * 2;
  const near = isJpegLs(frame) ? inside.u8(at) : 0;
  const pointTransform = inside.u8(at + 2) & 15;
  compression.lossless = compression.lossless !== false && near === 0 && pointTransform === 0;
}

/** JFIF 1.02, page 5. */
function readJfif(inside: Bytes, found: Findings, header: Header): void {
  if (!inside.is('JFIF\0') || found.hasJfif) return;
  found.hasJfif = true;
  header.formatVersion = `${inside.u8(5)}.${String(inside.u8(6)).padStart(2, '0')}`;
  const unit = ({ 1: 'inch', 2: 'centimetre' } as const)[inside.u8(7)];
  const density = unit && densityIn(unit, inside.u16(8), inside.u16(10));
  if (density !== undefined) header.image.density = { ...density, unit: 'inch', source: 'jfif' };
}

function describeFrame(found: Findings, header: Header): void {
  const { frame, hierarchy, tables } = found;
  const { image, encoding, compression, color } = header;
  // No part of the standard knows transparency, or a second page.
  image.hasAlpha = false;
  image.pages = 1;
  if (frame === undefined) return;
  const { width, height } = hierarchy ?? frame;
  const isLs = isJpegLs(frame);
  if (width > 0) image.storedWidth = width;
  if (height > 0) image.storedHeight = height;
  if (frame.bitDepth >= 2 && frame.bitDepth <= 16) image.bitDepth = frame.bitDepth;
  if (frame.channels > 0) image.channels = frame.channels;
  color.model = modelOf(frame, found);
  compression.method = isLs ? 'jpeg-ls' : 'jpeg';
  if (isLs) header.mimeType = 'image/jls';
  else compression.lossless ??= isLosslessProcess(frame);
  encoding.codec = compression.method;
  encoding.process = isLs ? lossWord(compression.lossless) : processOf(frame, hierarchy !== undefined);
  encoding.progressive = isProgressive(frame);
  if (color.model !== 'cmyk') encoding.chromaSubsampling = subsamplingOf(frame);
  encoding.qualityEstimate = estimateQuality(frame, tables);
}

function lossWord(lossless: boolean | undefined): string | undefined {
  return lossless === undefined ? undefined : lossless ? 'lossless' : 'near-lossless';
}

/** Pictures behind the first belong to the file where the index says so, or else they are trailing bytes. */
function describePictures(bytes: Bytes, { body, end }: Segment, header: Header): void {
  try {
    const found = readMultiPicture(bytes, body, end, header.end ?? bytes.length);
    if (header.end !== undefined) header.end = found.end;
    if (found.cut) header.truncated = true;
    const standard = header.color.hdr?.standard ?? found.gainMapStandard;
    if (found.hasGainMap) header.color.hdr = { gainMap: true, ...(standard !== undefined && { standard }) };
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    header.warnings.push(malformed('The index of further pictures can not be read.'));
  }
}
