// ExifTool's EXIF tags under the names and in the units of the standard (Exif 3.0), as our own reader has them.

import { lookUp } from '../look-up.ts';
import { round } from '../round.ts';
import { EXIF_NAMES, STRUCTURE_NAMES } from '../tags/exif-names.ts';
import type { TagValue } from '../tags/exif-value.ts';
import { MAX_LIST_ITEMS, truncated } from '../truncated.ts';
import { cleanValue } from './clean-value.ts';
import type { ExifToolFacts } from './facts.ts';

type Tags = Record<string, TagValue>;

const GROUPS = new Set(['IFD0', 'ExifIFD', 'InteropIFD']);

const NAMES: Readonly<Record<string, string>> = {
  ModifyDate: 'DateTime',
  CreateDate: 'DateTimeDigitized',
  ExifImageWidth: 'PixelXDimension',
  ExifImageHeight: 'PixelYDimension',
  ImageHeight: 'ImageLength',
  SubfileType: 'NewSubfileType',
  ExposureCompensation: 'ExposureBiasValue',
  FocalLengthIn35mmFormat: 'FocalLengthIn35mmFilm',
  OwnerName: 'CameraOwnerName',
  SerialNumber: 'BodySerialNumber',
  LensInfo: 'LensSpecification',
  InteropIndex: 'InteroperabilityIndex',
  InteropVersion: 'InteroperabilityVersion',
  RelatedImageHeight: 'RelatedImageLength',
  AmbientTemperature: 'Temperature',
};

/** Where pixels and other directories lie. */
const PLACES =
  /^((Strip|Tile|Free)(Offsets|ByteCounts)|(Thumbnail|PreviewImage|JpgFromRaw|OtherImage)(Offset|Start|Length))$/;

/** ASCII, whatever it looks like: a model may be called 500, a version 0231. */
const TEXTS =
  /^(SubSec|Offset|DateTime|XP)|(Make|Model|Software|Name|SerialNumber|Version|Comment|Description|Firmware|Title|Artist|Copyright|Computer|UniqueID|Index)$/;
const NUMBERS_NAMED_LIKE_TEXTS = new Set(['DNGVersion', 'DNGBackwardVersion', 'ExposureIndex']);

const NUMBER_LIST = /^-?\d[\d.e+-]*( -?\d[\d.e+-]*)+$/;

/** ExifTool gives seconds and f-numbers where EXIF has APEX values (Exif 3.0, annex C). */
const APEX: Readonly<Record<string, (value: number) => number>> = {
  ShutterSpeedValue: (seconds) => -Math.log2(seconds),
  ApertureValue: (fNumber) => 2 * Math.log2(fNumber),
  MaxApertureValue: (fNumber) => 2 * Math.log2(fNumber),
};

export function exifTagsOf({ tags }: ExifToolFacts): Tags {
  const found: Tags = {};
  for (const { family, group, name, value } of tags) {
    if (family !== 'EXIF' || !GROUPS.has(group) || PLACES.test(name)) continue;
    const standard = lookUp(NAMES, name) ?? name;
    const clean = tagValue(standard, value);
    if (clean !== undefined && !Object.hasOwn(found, standard)) found[standard] = clean;
  }
  return found;
}

/** In a TIFF, tags that only tell how its picture is stored are no EXIF, and neither are those that no standard names. */
export function isDescribed(tags: Tags, format: string): boolean {
  const names = Object.keys(tags);
  return format === 'tiff' ? names.some((name) => DESCRIPTIVE.has(name)) : names.length > 0;
}

const DESCRIPTIVE = new Set([...EXIF_NAMES.values()].filter((name) => !STRUCTURE_NAMES.has(name)));

function tagValue(name: string, value: unknown): TagValue | undefined {
  const isText = TEXTS.test(name) && !NUMBERS_NAMED_LIKE_TEXTS.has(name);
  const clean = cleanValue(value);
  if (isText) return typeof clean === 'number' ? String(value).trimEnd() : (clean as TagValue | undefined);
  if (typeof clean === 'number') return apexOf(name, clean);
  if (typeof clean === 'string' && NUMBER_LIST.test(clean)) return listOf(clean);
  return clean as TagValue | undefined;
}

function apexOf(name: string, value: number): number | undefined {
  const convert = lookUp(APEX, name);
  if (convert === undefined) return value;
  const apex = convert(value);
  return Number.isFinite(apex) ? round(apex, 6) : undefined;
}

function listOf(text: string): TagValue {
  const items = text.split(' ').map(Number);
  if (items.length > MAX_LIST_ITEMS) return truncated(items.length);
  return items.map((item) => (Number.isFinite(item) ? item : null));
}
