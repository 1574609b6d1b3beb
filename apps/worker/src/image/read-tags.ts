// EXIF and GPS by ExifReader, wherever the format keeps them, and the density that the file itself states.
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import ExifReader from 'exifreader';

export interface TagReading {
  exif: Metadata['exif'];
  gps: Metadata['gps'];
  density: NonNullable<Metadata['image']['density']> | undefined;
  warnings: MetadataWarning[];
}

interface Tag {
  value: unknown;
  description?: unknown;
}

type Tags = Record<string, Tag>;
interface Groups {
  exif?: Tags;
  gps?: { Latitude?: number; Longitude?: number; Altitude?: number };
  jfif?: Tags;
  png?: Tags;
}

/** Reading only these is eight times faster than reading all. */
const WANTED = { exif: true, gps: true, jfif: true, png: true } as const;

/** Pointers and blocks of bytes say nothing to a reader. */
const UNINTERESTING =
  /Pointer$|^(MakerNote|UserComment|JPEGInterchangeFormat|JPEGInterchangeFormatLength|PrintImageMatching|ImageSourceData|OffsetSchema|Padding)$/;
const MAX_TEXT_CHARACTERS = 4096;
const MAX_LIST_ITEMS = 64;
const CENTIMETRES_PER_INCH = 2.54;
const METRES_PER_INCH = 0.0254;

export function readTags(bytes: Buffer): TagReading {
  let groups: Groups;
  try {
    groups = ExifReader.load(bytes, {
      expanded: true,
      includeUnknown: false,
      includeTags: WANTED,
    }) as unknown as Groups;
  } catch (error) {
    return {
      exif: null,
      gps: null,
      density: undefined,
      warnings: isAbsence(error) ? [] : [unreadable(error)],
    };
  }
  return {
    exif: readExif(groups.exif),
    gps: readGps(groups.gps),
    density: readDensity(groups),
    warnings: [],
  };
}

/** "No Exif data" and "unknown format" are no faults of the file. */
function isAbsence(error: unknown): boolean {
  return (
    error instanceof ExifReader.errors.MetadataMissingError || /invalid image format/i.test(String(error))
  );
}

function unreadable(error: unknown): MetadataWarning {
  return {
    code: 'TAGS_UNREADABLE',
    message: `The tags could not be read: ${(error as Error).message}`,
    field: 'exif',
  };
}

function readExif(tags: Tags = {}): Metadata['exif'] {
  const entries = Object.entries(tags)
    .filter(([name]) => !UNINTERESTING.test(name))
    .map(([name, tag]) => [name, readTag(name, tag.value)] as const)
    .filter(([, value]) => value !== undefined);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** Two numbers are a rational, but for the tags that are two numbers. */
const PAIRS = /^(YCbCrSubSampling|PageNumber|HalftoneHints|DotRange|SubjectArea|SubjectLocation)$/;

function readTag(name: string, value: unknown): unknown {
  if (!Array.isArray(value)) return readValue(value);
  if (PAIRS.test(name)) return value;
  const isText =
    /Version$/.test(name) &&
    value.length <= MAX_LIST_ITEMS &&
    value.every((code) => code >= 0x20 && code < 0x7f);
  return isText ? String.fromCharCode(...value) : readValue(value);
}

/** Rationals become numbers, lists of one their only item; what is too long is only measured. */
function readValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string')
    return value.length > MAX_TEXT_CHARACTERS ? { truncated: true, length: value.length } : value;
  if (!Array.isArray(value)) return undefined;
  if (isRational(value)) return value[1] === 0 ? undefined : value[0] / value[1];
  if (value.length > MAX_LIST_ITEMS) return { truncated: true, length: value.length };
  const items = value.map(readValue);
  return items.length === 1 ? items[0] : items.filter((item) => item !== undefined);
}

function isRational(value: unknown[]): value is [number, number] {
  return value.length === 2 && value.every((part) => typeof part === 'number');
}

function readGps(gps: Groups['gps']): Metadata['gps'] {
  const { Latitude: latitude, Longitude: longitude, Altitude: altitude } = gps ?? {};
  if (latitude === undefined || longitude === undefined) return null;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return { latitude, longitude, ...(Number.isFinite(altitude) ? { altitude: altitude as number } : {}) };
}

/** libvips invents 72 where a file says nothing: density comes from tags alone. */
function readDensity({ exif, jfif, png }: Groups): TagReading['density'] {
  return (
    densityOf(
      'exif',
      [exif?.XResolution, exif?.YResolution],
      { 2: 1, 3: CENTIMETRES_PER_INCH }[Number(exif?.ResolutionUnit?.value ?? 2)],
    ) ??
    densityOf(
      'jfif',
      [jfif?.XResolution, jfif?.YResolution],
      { 1: 1, 2: CENTIMETRES_PER_INCH }[Number(jfif?.['Resolution Unit']?.value)],
    ) ??
    densityOf(
      'png',
      [png?.['Pixels Per Unit X'], png?.['Pixels Per Unit Y']],
      { 1: METRES_PER_INCH }[Number(png?.['Pixel Units']?.value)],
    )
  );
}

function densityOf(
  source: string,
  [x, y]: (Tag | undefined)[],
  perInch: number | undefined,
): TagReading['density'] {
  const [horizontal, vertical] = [Number(readValue(x?.value)), Number(readValue(y?.value ?? x?.value))];
  if (perInch === undefined || !(horizontal > 0 && vertical > 0)) return undefined;
  return { x: round(horizontal * perInch), y: round(vertical * perInch), unit: 'inch', source };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
