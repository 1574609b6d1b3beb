// Canon CR3: a film of raw pictures, previews and tags, coded with Canon's crx (github.com/lclevy/canon_cr3 describes it).
import { Bytes } from '../../bytes.ts';
import { turned } from '../../displayed-size.ts';
import type { Header, HeaderReader } from '../../header.ts';
import { orientationOf } from '../../tags/exif-resolution.ts';
import { numberOf, openTiff, readIfd, startWalk } from '../../tags/ifd.ts';
import { TAG } from '../../tags/tag-numbers.ts';
import { type Box, boxAlong, boxes, fieldsOf, findBox, userType } from '../boxes.ts';
import { isChunkMissing } from './heif-chunks.ts';
import { attempt } from './heif-meta.ts';
import { countSamples } from './heif-timing.ts';
import { readTopLevel } from './heif-top-level.ts';
import { collectUserBox } from './heif-uuid.ts';

export const readCr3: HeaderReader = (bytes, header) => {
  const top = readTopLevel(bytes, header);
  for (const box of top) {
    if (box.type === 'uuid') attempt(header, 'uuid box', () => collectUserBox(bytes, box, header));
  }
  const movie = top.find(({ type }) => type === 'moov');
  if (movie === undefined) header.truncated = true;
  else describeMovie(bytes, movie, header);
  if (header.truncated === true) delete header.end;
};

function describeMovie(bytes: Bytes, movie: Box, header: Header): void {
  for (const box of boxes(bytes, movie.body, movie.end)) {
    if (userType(bytes, box) === CANON) attempt(header, 'box of tags', () => readTags(bytes, box, header));
  }
  attempt(header, 'tracks', () => describeRaw(bytes, movie, header));
}

/** User type of the box that holds the tags. */
const CANON = '85c0b687820f11e08111f4ce462b6a48';

/** Each CMT is a TIFF stream: IFD0, Exif, maker notes, GPS. */
function readTags(bytes: Bytes, box: Box, header: Header): void {
  const parts: Uint8Array[] = [];
  for (const inner of boxes(bytes, box.body + 16, box.end)) {
    const content = bytes.slice(inner.body, inner.end - inner.body);
    if (inner.type === 'CNCV')
      header.formatVersion = bytes.latin1(inner.body, Math.min(content.length, 64)).replace(/\0.*$/s, '');
    if (inner.type === 'CMT1') header.blocks.exif = content;
    if (inner.type === 'CMT2' || inner.type === 'CMT4') parts.push(content);
  }
  if (parts.length > 0) header.blocks.exifParts = parts;
}

interface RawTrack {
  width: number;
  height: number;
  /** Canon's own coding parameters. */
  coding: Box;
  /** Sample tables. */
  table: Box;
}

/** The largest raw picture; smaller ones and JPEGs are its previews. */
function describeRaw(bytes: Bytes, movie: Box, header: Header): void {
  let largest: RawTrack | undefined;
  for (const box of boxes(bytes, movie.body, movie.end)) {
    const track = box.type === 'trak' ? readRawTrack(bytes, box) : undefined;
    if (track !== undefined && track.width * track.height > (largest?.width ?? 0) * (largest?.height ?? 0))
      largest = track;
  }
  if (largest === undefined) return;
  header.image.storedWidth = largest.width;
  header.image.storedHeight = largest.height;
  header.image.hasAlpha = false;
  // A burst has one sample a picture.
  header.image.pages = countSamples(bytes, largest.table) || undefined;
  if (isChunkMissing(bytes, largest.table)) header.truncated = true;
  header.encoding.codec = 'crx';
  header.compression.method = 'crx';
  describeCoding(bytes, largest, header);
  // Stored are also the covered pixels at the edges of the sensor.
  const rendered = header.blocks.exif && readRenderedSize(header.blocks.exif);
  if (rendered !== undefined)
    Object.assign(header.image, { displayWidth: rendered.width, displayHeight: rendered.height });
}

/** Fields of Canon's sample entry in front of its boxes. */
const SAMPLE_ENTRY_BYTES = 82;

/** Undefined of tracks that hold JPEGs or tags. */
function readRawTrack(bytes: Bytes, track: Box): RawTrack | undefined {
  const table = boxAlong(bytes, track, 'mdia', 'minf', 'stbl');
  const descriptions = table && findBox(bytes, table.body, table.end, 'stsd');
  if (table === undefined || descriptions === undefined) return undefined;
  const entry = findBox(bytes, descriptions.body + 8, descriptions.end, 'CRAW');
  const coding = entry && findBox(bytes, entry.body + SAMPLE_ENTRY_BYTES, entry.end, 'CMP1');
  if (entry === undefined || coding === undefined) return undefined;
  return { width: bytes.u16(entry.body + 24), height: bytes.u16(entry.body + 26), coding, table };
}

const BAYER_PLANES = 4;

/** CMP1: size, tiles, bits of a sample, planes, and how often a wavelet halves the picture; 0 times is lossless. */
function describeCoding(bytes: Bytes, { coding, width, height }: RawTrack, header: Header): void {
  const fields = fieldsOf(bytes, coding);
  fields.skip(16);
  const tile = { width: fields.u32(), height: fields.u32() };
  header.image.bitDepth = fields.u8() || undefined;
  const planes = fields.u8() >> 4;
  const wavelets = fields.u8() & 15;
  header.compression.lossless = wavelets === 0;
  if (planes === BAYER_PLANES) {
    header.color.model = 'cfa';
    header.image.channels = 1;
  }
  const isTiled = tile.width > 0 && tile.height > 0 && (tile.width < width || tile.height < height);
  if (isTiled) header.encoding.tiling = tile;
}

/** The size that the picture is rendered at, upright, as its first directory tells it. */
function readRenderedSize(block: Uint8Array): { width: number; height: number } | undefined {
  const tiff = openTiff(new Bytes(block));
  const ifd = tiff && readIfd(startWalk(tiff), tiff.firstIfd);
  if (tiff === undefined || ifd === undefined) return undefined;
  const width = numberOf(tiff, ifd, TAG.WIDTH) ?? 0;
  const height = numberOf(tiff, ifd, TAG.HEIGHT) ?? 0;
  return width === 0 || height === 0 ? undefined : turned({ width, height }, orientationOf(tiff, ifd));
}
