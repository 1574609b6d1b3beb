// ICC profiles (ICC.1:2022 and before): what the header and three texts say. Curves and tables are not looked at.
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import { Bytes } from '../bytes.ts';
import type { Cicp } from '../cicp.ts';
import { malformed } from '../header.ts';
import { known } from '../known.ts';
import { type Place, readIccText } from './icc-text.ts';

export interface IccReading {
  /** A damaged profile is still one: then there is its size alone, and a warning. */
  icc: Metadata['icc'];
  warnings: MetadataWarning[];
  /** Code points of the cicp tag (ITU-T H.273). */
  cicp?: Cicp | undefined;
}

type IccSection = NonNullable<Metadata['icc']>;

const HEADER_BYTES = 128;
const MAX_TAGS = 200;

export function readIcc(block: Uint8Array): IccReading {
  const bytes = new Bytes(block);
  if (!bytes.has(0, HEADER_BYTES))
    return damaged(block.length, 'The colour profile is shorter than its header.');
  if (!bytes.is('acsp', 36)) return damaged(block.length, 'The colour profile has no signature.');
  const size = bytes.u32(0);
  // Some containers pad; what the profile says of itself counts, if there is as much.
  const isWhole = size >= HEADER_BYTES && size <= block.length;
  const warnings = isWhole ? [] : [malformed('The colour profile is not as long as it says.', 'icc')];
  const tags = readTagTable(bytes);
  const text = (signature: string) => {
    const place = tags.get(signature);
    return place && readIccText(bytes, place);
  };
  const icc = {
    ...readHeader(bytes),
    bytes: isWhole ? size : block.length,
    ...known({ description: text('desc'), copyright: text('cprt') }),
  };
  return { icc, warnings, cicp: readCicp(bytes, tags.get('cicp')) };
}

function damaged(bytes: number, message: string): IccReading {
  return { icc: { bytes }, warnings: [malformed(message, 'icc')] };
}

export const DEVICE_CLASSES: Readonly<Record<string, string>> = {
  scnr: 'input',
  mntr: 'display',
  prtr: 'output',
  link: 'link',
  spac: 'space',
  abst: 'abstract',
  nmcl: 'named',
};

export const RENDERING_INTENTS = [
  'perceptual',
  'relative-colorimetric',
  'saturation',
  'absolute-colorimetric',
] as const;

/** The header (7.2). */
function readHeader(bytes: Bytes): Omit<IccSection, 'bytes'> {
  const deviceClass = signatureAt(bytes, 12);
  return known({
    // Minor version and bug fix share a byte.
    version: `${bytes.u8(8)}.${bytes.u8(9) >> 4}`,
    deviceClass: deviceClass && (DEVICE_CLASSES[deviceClass] ?? deviceClass),
    colorSpace: signatureAt(bytes, 16)?.toLowerCase(),
    connectionSpace: signatureAt(bytes, 20)?.toLowerCase(),
    createdAt: readDate(bytes, 24),
    manufacturer: signatureAt(bytes, 48),
    // The upper half of the number is reserved.
    renderingIntent: RENDERING_INTENTS[bytes.u16(66)],
  });
}

/** Four characters, padded with spaces; undefined where they are none, or the word for it. */
function signatureAt(bytes: Bytes, at: number): string | undefined {
  const signature = bytes.latin1(at, 4);
  const isNone = signature === 'none' || !/^[\x20-\x7e]+\0*$/.test(signature);
  return isNone ? undefined : signature.replaceAll('\0', '').trim() || undefined;
}

/** dateTimeNumber (4.2): six numbers, in UTC. */
function readDate(bytes: Bytes, at: number): string | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = Array.from(
    { length: 6 },
    (_, index) => bytes.u16(at + 2 * index),
  );
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // What is no date comes out as another.
  const isDate =
    year >= 1000 && year <= 9999 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDate && hour < 24 && minute < 60 ? `${date.toISOString().slice(0, 19)}Z` : undefined;
}

/** Signature, offset and size of each tag (7.3). The first of a kind counts. */
function readTagTable(bytes: Bytes): Map<string, Place> {
  const tags = new Map<string, Place>();
  if (!bytes.has(HEADER_BYTES, 4)) return tags;
  const count = Math.min(bytes.u32(HEADER_BYTES), MAX_TAGS);
  for (let index = 0; index < count; index += 1) {
    const entry = HEADER_BYTES + 4 + 12 * index;
    if (!bytes.has(entry, 12)) break;
    const [signature, at] = [bytes.latin1(entry, 4), bytes.u32(entry + 4)];
    const length = Math.min(bytes.u32(entry + 8), bytes.length - at);
    if (length > 0 && !tags.has(signature)) tags.set(signature, { at, length });
  }
  return tags;
}

/** cicpType (10.3). */
function readCicp(bytes: Bytes, place: Place | undefined): Cicp | undefined {
  if (place === undefined || place.length < 12 || !bytes.is('cicp', place.at)) return undefined;
  const [primaries, transfer, matrix, range] = [8, 9, 10, 11].map((offset) => bytes.u8(place.at + offset));
  if (primaries === undefined || transfer === undefined || matrix === undefined) return undefined;
  return { primaries, transfer, matrix, isFullRange: range === 1 };
}
