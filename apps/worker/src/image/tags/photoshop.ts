// Photoshop image resources: what hides behind 8BIM (Adobe Photoshop File Formats Specification, "Image Resources Section").
import type { MetadataWarning } from '@tintype/core/contract';
import { Bytes } from '../bytes.ts';
import { densityIn } from '../density.ts';
import { MAX_STEPS, walkLimit } from '../header.ts';

export interface PhotoshopReading {
  /** Resource 0x0404. */
  iptc?: Uint8Array;
  /** Resource 0x0424. */
  xmp?: Uint8Array;
  /** Resource 0x040F. */
  icc?: Uint8Array;
  /** Resource 0x0422. */
  exif?: Uint8Array;
  /** Resource 0x03ED, pixels per inch. */
  density?: { x: number; y: number };
  /** Resource 0x040C or 0x0409: a preview. */
  thumbnail?: Uint8Array;
  warnings: MetadataWarning[];
}

/** 8BIM, and what other programs of Adobe and PhotoDeluxe write in its place. */
const SIGNATURES = ['8BIM', 'MeSa', 'AgHg', 'PHUT', 'DCSR'];
const SIGNATURE_BYTES = 4;
const IPTC_MARKER = 0x1c;

interface Resource {
  id: number;
  data: Uint8Array;
  /** Behind the data and its padding. */
  end: number;
  /** The block ends before the data does. */
  cut: boolean;
}

/** Of resources that come twice the first with content counts. */
export function readPhotoshop(block: Uint8Array): PhotoshopReading {
  const bytes = new Bytes(block);
  const reading: PhotoshopReading = { warnings: [] };
  let at = 0;
  for (let step = 0; at + SIGNATURE_BYTES <= bytes.length; step += 1) {
    if (step === MAX_STEPS) {
      reading.warnings.push(walkLimit('Photoshop resources'));
      break;
    }
    const resource = resourceAt(bytes, at);
    if (resource === undefined) {
      readRest(block.subarray(at), reading);
      break;
    }
    if (resource.data.length > 0) READERS[resource.id]?.(resource.data, reading);
    if (resource.cut) reading.warnings.push(unreadable('are cut'));
    at = resource.end;
  }
  return reading;
}

/** Zeros pad the block; records may follow a resource that gives no size for them. */
function readRest(rest: Uint8Array, reading: PhotoshopReading): void {
  if (rest.every((byte) => byte === 0)) return;
  reading.warnings.push(unreadable('hold bytes of another kind'));
  if (rest[0] === IPTC_MARKER) reading.iptc ??= rest;
}

function unreadable(what: string): MetadataWarning {
  return { code: 'TAGS_UNREADABLE', message: `The Photoshop resources ${what}.`, field: 'iptc' };
}

/** Signature, number, name (length, characters, padded to even), length, data padded to even. */
function resourceAt(bytes: Bytes, at: number): Resource | undefined {
  const nameAt = at + SIGNATURE_BYTES + 2;
  if (!isSignature(bytes, at) || !bytes.has(nameAt, 1)) return undefined;
  const sizeAt = nameAt + 1 + bytes.u8(nameAt) + ((bytes.u8(nameAt) + 1) % 2);
  if (!bytes.has(sizeAt, 4)) return undefined;
  const from = sizeAt + 4;
  const end = from + bytes.u32(sizeAt);
  const data = bytes.upTo(from, end - from);
  const id = bytes.u16(at + SIGNATURE_BYTES);
  // Some programs leave the padding out.
  const padding = isSignature(bytes, end) ? 0 : (end - from) % 2;
  return { id, data, end: end + padding, cut: end > bytes.length };
}

function isSignature(bytes: Bytes, at: number): boolean {
  return SIGNATURES.some((signature) => bytes.is(signature, at));
}

type ResourceReader = (data: Uint8Array, reading: PhotoshopReading) => void;

const readThumbnailResource: ResourceReader = (data, reading) => readThumbnail(new Bytes(data), reading);

const READERS: Readonly<Record<number, ResourceReader>> = {
  1005: (data, reading) => readResolution(new Bytes(data), reading),
  1028: (data, reading) => {
    reading.iptc ??= data;
  },
  1033: readThumbnailResource,
  1036: readThumbnailResource,
  1039: (data, reading) => {
    reading.icc ??= data;
  },
  1058: (data, reading) => {
    reading.exif ??= data;
  },
  1060: (data, reading) => {
    reading.xmp ??= data;
  },
};

const FIXED_POINT_ONE = 0x10000;

/** ResolutionInfo: always pixels per inch, its units tell only how Photoshop shows them (Photoshop API Guide, appendix A). */
function readResolution(data: Bytes, reading: PhotoshopReading): void {
  if (!data.has(0, 12)) return;
  const density = densityIn('inch', data.u32(0) / FIXED_POINT_ONE, data.u32(8) / FIXED_POINT_ONE);
  if (density !== undefined) reading.density ??= density;
}

const THUMBNAIL_HEADER_BYTES = 28;
const JPEG_THUMBNAIL = 1;

/** Format, width, height, lengths and depth, then a JPEG. */
function readThumbnail(data: Bytes, reading: PhotoshopReading): void {
  if (
    data.length <= THUMBNAIL_HEADER_BYTES ||
    data.u32(0) !== JPEG_THUMBNAIL ||
    reading.thumbnail !== undefined
  )
    return;
  reading.thumbnail = data.slice(THUMBNAIL_HEADER_BYTES, data.length - THUMBNAIL_HEADER_BYTES);
}
