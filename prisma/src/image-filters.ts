// What an image must be to be found, as conditions on its row of the library. Knows no order and no page.
import { Prisma } from './generated/client.ts';
import { storable } from './storable.ts';

/** What is undefined does not matter. */
export interface ImageFilters {
  /** Words, all of which stand in title, tags, camera, caption or keywords, the beginning of a word being enough; "a phrase", -without, or. */
  q?: string | undefined;
  /** Part of the title, whatever its capitals. */
  title?: string | undefined;
  tagsAny?: string[] | undefined;
  tagsAll?: string[] | undefined;
  format?: string | undefined;
  /** Part of maker and model, whatever its capitals. */
  camera?: string | undefined;
  hasGps?: boolean | undefined;
  isPublic?: boolean | undefined;
  /** At that time or later. */
  uploadedAfter?: Date | undefined;
  /** Before that time. */
  uploadedBefore?: Date | undefined;
  /** By the camera's clock, ISO 8601 without a zone; a day that does not exist is the next one that does. What has no date of its own is not found. */
  takenAfter?: string | undefined;
  takenBefore?: string | undefined;
  minWidth?: number | undefined;
  maxWidth?: number | undefined;
  minHeight?: number | undefined;
  maxHeight?: number | undefined;
  minBytes?: number | undefined;
  maxBytes?: number | undefined;
}

/** Longer words and texts are cut: PostgreSQL refuses words of 2 kB. */
const MAX_WORD_CHARACTERS = 400;
const MAX_QUERY_CHARACTERS = 1000;

type Conditions = { [Name in keyof ImageFilters]-?: (value: NonNullable<ImageFilters[Name]>) => Prisma.Sql };

const CONDITIONS: Conditions = {
  q: hasWords,
  title: (part) => holds(Prisma.sql`title`, part),
  tagsAny: (tags) => Prisma.sql`tags && ${tags.map(storable)}::text[]`,
  tagsAll: (tags) => Prisma.sql`tags @> ${tags.map(storable)}::text[]`,
  format: (format) => Prisma.sql`format = ${storable(format)}`,
  camera: (part) => holds(Prisma.sql`camera`, part),
  hasGps: (has) => Prisma.sql`has_gps = ${has}`,
  isPublic: (is) => Prisma.sql`is_public = ${is}`,
  uploadedAfter: (time) => Prisma.sql`created_at >= ${time}::timestamptz`,
  uploadedBefore: (time) => Prisma.sql`created_at < ${time}::timestamptz`,
  takenAfter: (time) => Prisma.sql`is_dated AND taken >= ${cameraTime(time)}::timestamp`,
  takenBefore: (time) => Prisma.sql`is_dated AND taken < ${cameraTime(time)}::timestamp`,
  minWidth: (pixels) => Prisma.sql`width >= ${pixels}::int`,
  maxWidth: (pixels) => Prisma.sql`width <= ${pixels}::int`,
  minHeight: (pixels) => Prisma.sql`height >= ${pixels}::int`,
  maxHeight: (pixels) => Prisma.sql`height <= ${pixels}::int`,
  minBytes: (bytes) => Prisma.sql`bytes >= ${bytes}::bigint`,
  maxBytes: (bytes) => Prisma.sql`bytes <= ${bytes}::bigint`,
};

/** Each condition for itself. */
export function filtersOf(filters: ImageFilters): Prisma.Sql[] {
  return Object.entries(CONDITIONS).flatMap(([name, condition]) => {
    const value = filters[name as keyof ImageFilters];
    return value === undefined ? [] : [(condition as (value: unknown) => Prisma.Sql)(value)];
  });
}

/**
 * Part of a text in small letters; PostgreSQL makes those of the part small as it did with the text. The index knows three letters in a row: with
 * less it would read all that it has, of all tenants, and is not asked.
 */
function holds(column: Prisma.Sql, part: string): Prisma.Sql {
  const wanted = storable(part);
  if (!/[\p{L}\p{N}]{3}/u.test(wanted)) return Prisma.sql`strpos(${column}, lower(${wanted})) > 0`;
  return Prisma.sql`${column} LIKE lower(${`%${wanted.replace(/[\\%_]/g, '\\$&')}%`})`;
}

/** The beginning of a word that has less than three bytes is that of too many words, of all tenants: the index is not asked for it. */
function hasWords(text: string): Prisma.Sql {
  const wanted = searchable(text);
  const words = wanted.split(/\s+/u).filter((word) => word !== '');
  const isLong = (word: string) => Buffer.byteLength(word) > 2 || /^or$/i.test(word);
  if (words.every(isLong)) return Prisma.sql`words @@ tintype_query(${wanted})`;
  // A function where an operator stands otherwise: no index is looked for.
  const match = Prisma.sql`ts_match_vq(words, tintype_query(${wanted}))`;
  const isPlain = !/["-]|\bor\b/iu.test(wanted);
  const long = words.filter(isLong);
  if (!isPlain || long.length === 0) return match;
  return Prisma.sql`words @@ tintype_query(${long.join(' ')}) AND ${match}`;
}

function searchable(text: string): string {
  return storable(text)
    .normalize('NFC')
    .slice(0, MAX_QUERY_CHARACTERS)
    .replace(new RegExp(`(\\S{${MAX_WORD_CHARACTERS}})\\S+`, 'gu'), '$1');
}

/** What is no time at all comes before or after everything: nothing is found. */
function cameraTime(text: string): string {
  const time = new Date(text.includes('T') ? `${text}Z` : text);
  return Number.isNaN(time.getTime()) ? 'infinity' : time.toISOString();
}
