// Where and when, from whatever block ExifTool found it in.
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { lookUp } from '../look-up.ts';
import { round } from '../round.ts';
import { isoDate } from '../tags/exif-dates.ts';
import { DIRECTION_REFERENCES, METRES_PER_SECOND } from '../tags/exif-words.ts';
import { DEGREE_DECIMALS } from '../tags/gps.ts';
import type { ExifToolFacts } from './facts.ts';
import { fillSection } from './fill-section.ts';

export function mergeGps(document: Metadata, facts: ExifToolFacts): Metadata {
  const direction = within(facts.number('GPS:GPSImgDirection'), 0, 360);
  const speed = within(facts.number('GPS:GPSSpeed'), 0, MAX_SPEED);
  const factor = lookUp(METRES_PER_SECOND, facts.text('GPS:GPSSpeedRef') ?? 'K');
  const reference = lookUp(DIRECTION_REFERENCES, facts.text('GPS:GPSImgDirectionRef') ?? '');
  const gps = known({
    // A place is one fact: halves of two are not put together.
    ...(document.gps?.latitude === undefined ? placeOf(facts) : {}),
    altitude: facts.number('Composite:GPSAltitude'),
    direction,
    directionReference: direction === undefined ? undefined : reference,
    speed: speed === undefined || factor === undefined ? undefined : round(speed * factor, 9),
    timestamp: isoDate(facts.text('Composite:GPSDateTime')),
    accuracy: within(facts.number('GPS:GPSHPositioningError'), 0, MAX_ACCURACY_METRES),
    datum: facts.text('GPS:GPSMapDatum'),
  });
  return fillSection(document, 'gps', gps);
}

/** Nothing on earth is faster, in any of its units; and no error is larger. */
const MAX_SPEED = 100_000;
const MAX_ACCURACY_METRES = 21_000_000;

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

/** Without its reference a number of EXIF is half a place: ExifTool takes it for north or east. */
function hasReferences(facts: ExifToolFacts): boolean {
  const [latitude, longitude] = [facts.text('GPS:GPSLatitudeRef'), facts.text('GPS:GPSLongitudeRef')];
  return /^[NS]/i.test(latitude ?? '') && /^[EW]/i.test(longitude ?? '');
}

/** Signed degrees: composed from number and reference, or as XMP has them. */
function placeOf(facts: ExifToolFacts): { latitude?: number; longitude?: number } {
  for (const group of ['Composite', 'XMP-exif']) {
    const latitude = facts.number(`${group}:GPSLatitude`);
    const longitude = facts.number(`${group}:GPSLongitude`);
    if (latitude === undefined || longitude === undefined) continue;
    if (group === 'Composite' && facts.value('GPS:GPSLatitude') !== undefined && !hasReferences(facts))
      continue;
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
      return {
        latitude: round(latitude, DEGREE_DECIMALS),
        longitude: round(longitude, DEGREE_DECIMALS),
      };
    }
  }
  return {};
}
