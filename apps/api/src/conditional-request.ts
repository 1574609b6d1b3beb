// Which bytes of a file a request wants: RFC 9110, sections 13 (conditions) and 14 (ranges).
import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type ByteRange } from '@tintype/core';
import parseRange from 'range-parser';

export type WantedBytes = { kind: 'all' } | { kind: 'not-modified' } | { kind: 'range'; range: ByteRange };

/** Several ranges at once are answered with the whole file, as the RFC allows. @throws AppError RANGE_NOT_SATISFIABLE */
export function readConditions(
  headers: IncomingHttpHeaders,
  { etag, totalBytes }: { etag: string; totalBytes: number },
): WantedBytes {
  if (matches(headers['if-none-match'], etag)) return { kind: 'not-modified' };
  const ifRange = headers['if-range'];
  if (headers.range === undefined || (ifRange !== undefined && ifRange !== etag)) return { kind: 'all' };
  const ranges = parseRange(totalBytes, headers.range, { combine: true });
  if (ranges === -1) {
    throw new AppError('RANGE_NOT_SATISFIABLE', {
      message: `The file has ${totalBytes} bytes: the range lies outside.`,
    });
  }
  const [first] = ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? [] : ranges;
  return first === undefined
    ? { kind: 'all' }
    : { kind: 'range', range: { first: first.start, last: first.end } };
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return (
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
  );
}
