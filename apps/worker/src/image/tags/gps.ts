// Where and when, from the GPS directory of EXIF (Exif 3.0, 4.6.7). Absent rather than guessed: a wrong place is worse than none.
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { round } from '../round.ts';
import { isoDate } from './exif-dates.ts';
import { readValue } from './exif-value.ts';
import { DIRECTION_REFERENCES, METRES_PER_SECOND } from './exif-words.ts';
import { type Entry, type Ifd, numberAt, numberOf, type Tiff } from './ifd.ts';

const LATITUDE_REF = 1;
const LATITUDE = 2;
const LONGITUDE_REF = 3;
const LONGITUDE = 4;
const ALTITUDE_REF = 5;
const ALTITUDE = 6;
const TIME_STAMP = 7;
const SPEED_REF = 12;
const SPEED = 13;
const DIRECTION_REF = 16;
const DIRECTION = 17;
const MAP_DATUM = 18;
const DATE_STAMP = 29;
const POSITIONING_ERROR = 31;

/** Field types that can hold a negative number: SBYTE, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE. */
const SIGNED_TYPES: readonly number[] = [6, 8, 9, 10, 11, 12];

/** A tenth of a millimetre on the ground. */
export const DEGREE_DECIMALS = 9;
/** Above or below the sea; Exif 3.0: above or below the ellipsoid. */
const ALTITUDE_SIGNS: readonly (number | undefined)[] = [1, -1, 1, -1];

/** Null where the directory tells nothing that has a field here. */
export function readGps(tiff: Tiff, ifd: Ifd): Metadata['gps'] {
  const latitude = coordinate(tiff, ifd, LATITUDE, LATITUDE_REF, 90);
  const longitude = coordinate(tiff, ifd, LONGITUDE, LONGITUDE_REF, 180);
  const isPlace = latitude !== undefined && longitude !== undefined;
  const direction = directionOf(tiff, ifd);
  const gps = known({
    latitude: isPlace ? latitude : undefined,
    longitude: isPlace ? longitude : undefined,
    altitude: altitudeOf(tiff, ifd),
    direction,
    directionReference:
      direction === undefined ? undefined : DIRECTION_REFERENCES[letterOf(tiff, ifd, DIRECTION_REF)],
    speed: speedOf(tiff, ifd),
    timestamp: timestampOf(tiff, ifd),
    accuracy: positive(numberOf(tiff, ifd, POSITIONING_ERROR)),
    datum: textOf(tiff, ifd, MAP_DATUM),
  });
  return Object.keys(gps).length === 0 ? null : gps;
}

function coordinate(tiff: Tiff, ifd: Ifd, tag: number, refTag: number, limit: number): number | undefined {
  const entry = ifd.entries.get(tag);
  const degrees = entry === undefined ? undefined : degreesOf(tiff, entry);
  if (entry === undefined || degrees === undefined || Math.abs(degrees) > limit) return undefined;
  const ref = letterOf(tiff, ifd, refTag);
  // Who writes a sign means it, whatever stands in the reference.
  if (ref === 'S' || ref === 'W') return -Math.abs(degrees) + 0;
  if (ref === 'N' || ref === 'E' || SIGNED_TYPES.includes(entry.type)) return degrees;
  // Unsigned and without a reference, it could be on either half of the earth.
  return undefined;
}

/** Degrees; degrees and minutes; or degrees, minutes and seconds. What is not used is 0/1, and 0/0 with some writers. */
function degreesOf(tiff: Tiff, entry: Entry): number | undefined {
  const [degrees, minutes, seconds] = [0, 1, 2].map((index) => numberAt(tiff, entry, index));
  if (degrees === undefined) return undefined;
  // Seconds upon unknown minutes would be no place.
  if (entry.count > 1 && minutes === undefined) return undefined;
  const size = Math.abs(degrees) + Math.abs(minutes ?? 0) / 60 + Math.abs(seconds ?? 0) / 3600;
  const isNegative = degrees < 0 || (minutes ?? 0) < 0 || (seconds ?? 0) < 0;
  return round(isNegative ? -size : size, DEGREE_DECIMALS);
}

function altitudeOf(tiff: Tiff, ifd: Ifd): number | undefined {
  const altitude = numberOf(tiff, ifd, ALTITUDE);
  const ref = ifd.entries.get(ALTITUDE_REF);
  // Without a reference it is above the sea: the default of the standard. Some write the digit as text.
  const sign =
    ALTITUDE_SIGNS[
      ref === undefined ? 0 : (numberAt(tiff, ref, 0) ?? Number(letterOf(tiff, ifd, ALTITUDE_REF)))
    ];
  if (altitude === undefined || sign === undefined) return undefined;
  return altitude < 0 ? altitude : sign * altitude + 0;
}

function directionOf(tiff: Tiff, ifd: Ifd): number | undefined {
  const direction = numberOf(tiff, ifd, DIRECTION);
  return direction !== undefined && direction >= 0 && direction <= 360 ? direction : undefined;
}

function speedOf(tiff: Tiff, ifd: Ifd): number | undefined {
  const speed = numberOf(tiff, ifd, SPEED);
  // Kilometres an hour is the default of the standard.
  const factor = METRES_PER_SECOND[letterOf(tiff, ifd, SPEED_REF) || 'K'];
  return speed !== undefined && speed >= 0 && factor !== undefined ? round(speed * factor, 9) : undefined;
}

/** The day alone, or the time of an unknown day, is no moment. */
function timestampOf(tiff: Tiff, ifd: Ifd): string | undefined {
  const time = ifd.entries.get(TIME_STAMP);
  const day = textOf(tiff, ifd, DATE_STAMP);
  if (time === undefined || day === undefined) return undefined;
  const [hours, minutes, seconds] = [0, 1, 2].map((index) => numberAt(tiff, time, index));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  const milliseconds = Math.floor((seconds % 1) * 1000 + 1e-6);
  const clock = [hours, minutes, Math.floor(seconds)].map((part) => String(part).padStart(2, '0')).join(':');
  const fraction = milliseconds > 0 ? `.${String(milliseconds).padStart(3, '0')}` : '';
  // Some write date and time into the date stamp.
  return isoDate(`${day.slice(0, 10)} ${clock}${fraction}Z`);
}

function letterOf(tiff: Tiff, ifd: Ifd, tag: number): string {
  return (textOf(tiff, ifd, tag) ?? '').charAt(0).toUpperCase();
}

function textOf(tiff: Tiff, ifd: Ifd, tag: number): string | undefined {
  const entry = ifd.entries.get(tag);
  const value = entry === undefined ? undefined : readValue(tiff, entry);
  return typeof value === 'string' ? value : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 ? value : undefined;
}
