// A place in a sorted list as it is written in an address: opaque, and of use for the order it was made in alone.
import { AppError } from '@tintype/core';

/** Longest text of a cursor, characters: the longest sorted value is a title. */
export const MAX_CURSOR_CHARACTERS = 8192;
export const CURSOR_PATTERN = '^[\\w-]+$';

/** @param order what the list is sorted by */
export function writeCursor(order: string, place: readonly string[]): string {
  return Buffer.from(JSON.stringify([order, ...place])).toString('base64url');
}

/**
 * @param parts of the place, as many as were written
 * @throws AppError INVALID_REQUEST for what is no cursor, or one of another order
 */
export function readCursor(text: string, order: string, parts: number): string[] {
  const written = parse(text);
  if (written === undefined || written.length !== parts + 1) throw noCursor('is no cursor of this list');
  const [found, ...place] = written;
  if (found !== order) throw noCursor('belongs to a list in another order: begin again without it');
  return place;
}

export function noCursor(message: string): AppError {
  return new AppError('INVALID_REQUEST', {
    message: `cursor ${message}.`,
    problems: [{ pointer: '/cursor', message }],
  });
}

/** PostgreSQL's text holds no NUL, and UTF-8 no half of a surrogate pair: nobody was given such a cursor. */
function parse(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const isWritten = Array.isArray(value) && value.every(isStorable);
    return isWritten ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStorable(value: unknown): value is string {
  return typeof value === 'string' && !/[\0\p{Surrogate}]/u.test(value);
}
