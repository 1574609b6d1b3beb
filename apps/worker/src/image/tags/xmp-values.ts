// What XMP writes as text and means as something else: names, lists, numbers, dates, positions.
import type { XmpProperties, XmpValue } from './xmp-rdf.ts';

/** The text of a property; of several languages the default, of several items the first. Undefined of what is empty or too long. */
export function textOf(value: XmpValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === undefined) return undefined;
  return textOf(Object.values(value).find((item: unknown) => typeof item === 'string'));
}

/** Texts of a list, or the one text of what should be a list. */
export function listOf(value: XmpValue | undefined): string[] | undefined {
  const items = (Array.isArray(value) ? value : [value]).map(textOf).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
}

/** A number, also as a fraction. */
export function numberOf(value: XmpValue | undefined): number | undefined {
  const [, over, under = '1'] =
    /^([+-]?\d{1,15}(?:\.\d{0,15})?)(?:\/(\d{1,15}))?$/.exec(textOf(value) ?? '') ?? [];
  const number = over === undefined ? Number.NaN : Number(over) / Number(under);
  return Number.isFinite(number) ? number : undefined;
}

const DATE =
  /^(\d{4})(?:[-:](\d\d)(?:[-:](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?)?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/;

/** ISO 8601, as much of it as there is; also from the way EXIF writes dates. */
export function dateOf(value: XmpValue | undefined): string | undefined {
  const match = DATE.exec(textOf(value) ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, zone] = match;
  const isPossible =
    Number(year) > 0 &&
    within(month, 1, 12) &&
    within(day, 1, 31) &&
    within(hour, 0, 24) &&
    within(minute, 0, 59);
  if (!(isPossible && within(second, 0, 60.999999999))) return undefined;
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  if (hour === undefined) return date;
  const time = [hour, minute, second].filter((part) => part !== undefined).join(':');
  return `${date}T${time}${zone?.replace(/(\d\d)(\d\d)$/, '$1:$2') ?? ''}`;
}

function within(digits: string | undefined, least: number, most: number): boolean {
  return digits === undefined || (Number(digits) >= least && Number(digits) <= most);
}

export interface XmpPosition {
  latitude: number;
  longitude: number;
  altitude?: number;
}

export function positionOf(properties: XmpProperties): XmpPosition | undefined {
  const coordinate = (name: string) =>
    coordinateOf(textOf(properties.get(name)), textOf(properties.get(`${name}Ref`)));
  const [latitude, longitude] = [coordinate('exif:GPSLatitude'), coordinate('exif:GPSLongitude')];
  if (latitude === undefined || longitude === undefined) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const height = numberOf(properties.get('exif:GPSAltitude'));
  const isBelowSea = textOf(properties.get('exif:GPSAltitudeRef')) === '1';
  return {
    latitude,
    longitude,
    ...(height === undefined ? {} : { altitude: isBelowSea ? -height : height }),
  };
}

/** Degrees, minutes, seconds, or degrees and minutes with decimals (GPSCoordinate of the EXIF schema), or plain degrees. */
const COORDINATE =
  /^([+-]?\d{1,3}(?:\.\d{1,15})?)(?:,\s?(\d{1,2}(?:\.\d{1,15})?))?(?:,\s?(\d{1,2}(?:\.\d{1,15})?))?\s?([NSEW])?$/i;

function coordinateOf(text = '', reference = ''): number | undefined {
  const match = COORDINATE.exec(text);
  if (match === null) return undefined;
  const [, degrees, minutes = '0', seconds = '0', side = reference] = match;
  const size = Math.abs(Number(degrees)) + Number(minutes) / 60 + Number(seconds) / 3600;
  const isNegative = degrees?.startsWith('-') === true || /^[SW]/i.test(side);
  return isNegative ? -size : size;
}
