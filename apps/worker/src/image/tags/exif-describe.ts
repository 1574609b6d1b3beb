// The named fields of the exif section, from the tags as they stand in the file.
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { isoDate } from './exif-dates.ts';
import type { TagValue } from './exif-value.ts';
import {
  COLOR_SPACES,
  EXPOSURE_PROGRAMS,
  LIGHT_SOURCES,
  METERING_MODES,
  WHITE_BALANCES,
} from './exif-words.ts';

type Exif = NonNullable<Metadata['exif']>;
type Tags = Readonly<Record<string, TagValue>>;

/** The largest number of a SHORT: the sensitivity did not fit in (Exif 3.0, annex G). */
const ISO_OVERFLOW = 65535;
/** SubjectDistance: infinity. */
const INFINITE_DISTANCE = 0xffffffff;

export function describeExif(tags: Tags, thumbnail: Exif['thumbnail'] | undefined): Exif {
  return known({
    make: textOf(tags.Make),
    model: textOf(tags.Model),
    lensMake: textOf(tags.LensMake),
    lensModel: textOf(tags.LensModel),
    software: textOf(tags.Software),
    artist: textOf(tags.Artist),
    copyright: textOf(tags.Copyright),
    description: textOf(tags.ImageDescription),
    userComment: textOf(tags.UserComment),
    takenAt: isoDate(tags.DateTimeOriginal, tags.SubSecTimeOriginal, tags.OffsetTimeOriginal),
    digitizedAt: isoDate(tags.DateTimeDigitized, tags.SubSecTimeDigitized, tags.OffsetTimeDigitized),
    modifiedAt: isoDate(tags.DateTime, tags.SubSecTime, tags.OffsetTime),
    exposureTimeSeconds: positive(tags.ExposureTime),
    fNumber: positive(tags.FNumber),
    iso: isoOf(tags),
    focalLengthMm: positive(tags.FocalLength),
    focalLength35Mm: positive(tags.FocalLengthIn35mmFilm),
    exposureBiasEv: numberOf(tags.ExposureBiasValue),
    subjectDistanceM: distanceOf(tags),
    exposureProgram: wordOf(EXPOSURE_PROGRAMS, tags.ExposureProgram),
    meteringMode: wordOf(METERING_MODES, tags.MeteringMode),
    whiteBalance: wordOf(WHITE_BALANCES, tags.WhiteBalance),
    lightSource: wordOf(LIGHT_SOURCES, tags.LightSource),
    flashFired: flashOf(tags),
    colorSpace: colorSpaceOf(tags),
    thumbnail,
    tags,
  });
}

function textOf(value: TagValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Of a list, the first. */
function numberOf(value: TagValue | undefined): number | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'number' ? first : undefined;
}

/** Where 0 can only mean that nothing is known: no exposure takes no time. */
function positive(value: TagValue | undefined): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number > 0 ? number : undefined;
}

function wordOf(words: Readonly<Record<number, string>>, value: TagValue | undefined): string | undefined {
  return words[numberOf(value) ?? -1];
}

/** Above 65,534 another tag has the number, which one depends on SensitivityType. */
function isoOf(tags: Tags): number | undefined {
  const iso = positive(tags.ISO);
  if (iso !== undefined && iso !== ISO_OVERFLOW) return iso;
  return (
    positive(tags.RecommendedExposureIndex) ??
    positive(tags.StandardOutputSensitivity) ??
    positive(tags.ISOSpeed) ??
    iso
  );
}

function distanceOf(tags: Tags): number | undefined {
  const distance = positive(tags.SubjectDistance);
  return distance === undefined || distance >= INFINITE_DISTANCE ? undefined : distance;
}

function flashOf(tags: Tags): boolean | undefined {
  const flash = numberOf(tags.Flash);
  return flash === undefined ? undefined : (flash & 1) === 1;
}

/** DCF 2.0, 3.2.3: Adobe RGB is "uncalibrated", and the interoperability index R03 says so. */
function colorSpaceOf(tags: Tags): string | undefined {
  const word = wordOf(COLOR_SPACES, tags.ColorSpace);
  return word === 'uncalibrated' && tags.InteroperabilityIndex === 'R03' ? 'adobe-rgb' : word;
}
