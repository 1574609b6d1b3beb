// The orders of a list of images, and the place in one where a page ended. Knows the columns of the library, and no filter.
import { Prisma } from './generated/client.ts';

/** takenAt falls back to the upload of what has no date of its own; what has no title comes before all titles. A minus is the other way round. */
export const IMAGE_SORTS = [
  '-createdAt',
  'createdAt',
  '-takenAt',
  'takenAt',
  'title',
  '-title',
  '-bytes',
  'bytes',
] as const;
export type ImageSort = (typeof IMAGE_SORTS)[number];

/** The sorted value of the last image seen, as text, and its id. */
export interface ImageCursor {
  value: string;
  id: string;
}

export interface ImageOrder {
  /** What is sorted by, unless the same. */
  column: Prisma.Sql;
  /** ASC or DESC, of the column and of the id. */
  direction: Prisma.Sql;
  /** What is behind a cursor. */
  behind: (cursor: ImageCursor) => Prisma.Sql;
}

type Column = 'createdAt' | 'takenAt' | 'title' | 'bytes';

const COLUMNS: Record<Column, { name: string; type: string; pattern: RegExp }> = {
  createdAt: { name: 'created_at', type: 'timestamptz', pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  takenAt: { name: 'taken', type: 'timestamp', pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  title: { name: 'title', type: 'text', pattern: /^[^\0]*$/ },
  bytes: { name: 'bytes', type: 'bigint', pattern: /^\d{1,18}$/ },
};

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function orderOf(sort: ImageSort): ImageOrder {
  const { name, type } = COLUMNS[columnOf(sort)];
  const isDescending = sort.startsWith('-');
  const [direction, sign] = [Prisma.raw(isDescending ? 'DESC' : 'ASC'), Prisma.raw(isDescending ? '<' : '>')];
  return {
    column: Prisma.raw(name),
    direction,
    behind: ({ value, id }) =>
      Prisma.sql`AND (${Prisma.raw(name)}, id) ${sign} (${value}::${Prisma.raw(type)}, ${id}::uuid)`,
  };
}

/** Whether a cursor can be one of this order: PostgreSQL refuses what is none. */
export function isImageCursor(sort: ImageSort, { value, id }: ImageCursor): boolean {
  const column = columnOf(sort);
  const isTime = column === 'createdAt' || column === 'takenAt';
  if (!ID.test(id) || !COLUMNS[column].pattern.test(value)) return false;
  return !isTime || isTimeOf(value);
}

/** A day that no month has would be taken for one of the next, and PostgreSQL has no year 0. */
export function isTimeOf(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text && time.getUTCFullYear() >= 1;
}

/** As it stands in a cursor. */
export function cursorValue(value: Date | bigint | string): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function columnOf(sort: ImageSort): Column {
  return sort.replace('-', '') as Column;
}
