// What is asked of the list of images, as the database takes it; and its cursors.
import { type ImageCursor, type ImageQuery, type ImageSort, isImageCursor } from '@tintype/prisma';
import { dateOf } from './date-of.ts';
import { invalid, readTagList, storable } from './image-fields.ts';
import { noCursor, readCursor, writeCursor } from './page-cursor.ts';
import type { ImageFilter } from './schemas/image-query.ts';

/** @throws AppError INVALID_REQUEST naming the parameter */
export function readImageFilter(filter: ImageFilter): ImageQuery {
  const { q, title, tag, tagAny, camera, cursor, public: isPublic, ...rest } = filter;
  return {
    ...rest,
    ...{ q: textOf('q', q), title: textOf('title', title), camera: textOf('camera', camera), isPublic },
    tagsAll: tag && readTagList('tag', tag),
    tagsAny: tagAny && readTagList('tagAny', tagAny),
    uploadedAfter: dateOf('uploadedAfter', rest.uploadedAfter),
    uploadedBefore: dateOf('uploadedBefore', rest.uploadedBefore),
    takenAfter: localTimeOf('takenAfter', rest.takenAfter),
    takenBefore: localTimeOf('takenBefore', rest.takenBefore),
    after: cursor === undefined ? undefined : readImageCursor(cursor, rest.sort),
  };
}

export function writeImageCursor({ value, id }: ImageCursor, sort: ImageSort): string {
  return writeCursor(sort, [value, id]);
}

function readImageCursor(text: string, sort: ImageSort): ImageCursor {
  const [value = '', id = ''] = readCursor(text, sort, 2);
  if (!isImageCursor(sort, { value, id })) throw noCursor('is no cursor of this list');
  return { value, id };
}

/** A time without a zone, of a day that there is. @throws AppError INVALID_REQUEST */
function localTimeOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined || isDay(text)) return text;
  throw invalid(name, 'is no time that is known here');
}

/** JavaScript takes February 30 for March 1 or 2, PostgreSQL takes it ill, and the year 0 as well. */
function isDay(text: string): boolean {
  const date = new Date(text.includes('T') ? `${text}Z` : text);
  return (
    !Number.isNaN(date.getTime()) &&
    date.toISOString().slice(0, 10) === text.slice(0, 10) &&
    date.getUTCFullYear() >= 1
  );
}

/** What would be nothing in the database is refused: nothing is part of everything. */
function textOf(name: string, text: string | undefined): string | undefined {
  const kept = text === undefined ? undefined : storable(text).normalize('NFC');
  if (kept?.trim() === '') throw invalid(name, 'must have a letter at least');
  return kept;
}
