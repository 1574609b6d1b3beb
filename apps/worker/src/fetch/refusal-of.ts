// What an answer's status means for a job: nothing there, no, or later.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@tintype/core';
import { parseRetryAfter } from '../webhook/schedule.ts';

const GONE: ReadonlySet<number> = new Set([404, 410]);

/** Of the refusals, those that pass: too slow, too early, too often. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** A part that nobody asked for is no file. */
const PARTIAL_CONTENT = 206;

/** Undefined where the answer's body is what was asked for. */
export function refusalOf(status: number, headers: IncomingHttpHeaders): AppError | undefined {
  if (status >= 200 && status < 300 && status !== PARTIAL_CONTENT) return undefined;
  const message = `The server at the address answered ${status}.`;
  if (GONE.has(status)) return new AppError('URL_NOT_FOUND', { message });
  if (status < 500 && !PASSING.has(status)) return new AppError('URL_REFUSED', { message });
  const retryAfterMs = parseRetryAfter(headers['retry-after']);
  return new AppError('URL_SERVER_ERROR', {
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
  });
}
