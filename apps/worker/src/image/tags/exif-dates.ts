// Dates of EXIF as ISO 8601: "2018:07:25 16:34:23" with its fractions and its zone, where the file has them (Exif 3.0, 4.6.5 and 4.6.6).

/** As the standard writes it, with the separators and additions that programs write instead. */
const DATE =
  /^(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Undefined for blanks, zeros and days that no calendar has. */
export function isoDate(date: unknown, subSec?: unknown, offset?: unknown): string | undefined {
  const match = typeof date === 'string' ? DATE.exec(date.trim()) : null;
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour, minute = '', second, ownFraction, ownZone] = match;
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  if (hour === undefined) return `${year}-${month}-${day}`;
  if (!(Number(hour) < 24 && Number(minute) < 60 && Number(second ?? 0) < 60)) return undefined;
  const fraction = ownFraction ?? fractionOf(subSec);
  const seconds = second === undefined ? '' : `:${second}${fraction === undefined ? '' : `.${fraction}`}`;
  return `${year}-${month}-${day}T${hour}:${minute}${seconds}${zoneOf(ownZone ?? offset) ?? ''}`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  // Day 0 of the next month is the last of this one; 2000 is a leap year, as a year below 100 is not in Date.UTC.
  const leapAlike = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 2000 : 2001;
  return day <= new Date(Date.UTC(leapAlike, month, 0)).getUTCDate();
}

/** As text only: a number would have lost its leading zeros. */
function fractionOf(subSec: unknown): string | undefined {
  return typeof subSec === 'string' ? /^\d{1,9}/.exec(subSec.trim())?.[0] : undefined;
}

/** "Z", or an offset that some place on earth has. */
function zoneOf(offset: unknown): string | undefined {
  if (typeof offset !== 'string') return undefined;
  if (offset === 'Z') return 'Z';
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(offset.trim());
  if (match === null) return undefined;
  const [, sign, hours, minutes] = match;
  return Number(hours) <= 14 && Number(minutes) < 60 ? `${sign}${hours}:${minutes}` : undefined;
}
