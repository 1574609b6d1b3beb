// Times as clients write them, which JavaScript and PostgreSQL must both understand.
import { AppError } from '@tintype/core';

/**
 * RFC 3339 knows leap seconds and the year 0, which the others do not.
 * @throws AppError INVALID_REQUEST
 */
export function dateOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return date;
  throw new AppError('INVALID_REQUEST', {
    message: `${name} is no time that is known here.`,
    problems: [{ pointer: `/${name}`, message: 'is no time that is known here' }],
  });
}
