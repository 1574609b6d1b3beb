// Which bytes of a file a request wants: RFC 9110, sections 13 (conditions) and 14 (ranges).
import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '@tintype/core';
import parseRange from 'range-parser';

export type WantedBytes =
  | { kind: 'all' | 'not-modified' | 'unsatisfiable' }
  | { kind: 'range'; range: ByteRange };

/** Several ranges at once are answered with the whole file, as the RFC allows; a range means something to GET alone. */
export function readConditions(
  { method, headers }: { method: string; headers: IncomingHttpHeaders },
  { etag, totalBytes }: { etag: string; totalBytes: number },
): WantedBytes {
  if (matches(headers['if-none-match'], etag)) return { kind: 'not-modified' };
  const ifRange = headers['if-range'];
  if (headers.range === undefined || method !== 'GET' || (ifRange !== undefined && ifRange !== etag))
    return { kind: 'all' };
  const ranges = parseRange(totalBytes, cutSuffixes(headers.range, totalBytes), { combine: true });
  if (ranges === -1) return { kind: 'unsatisfiable' };
  const [first] = ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? [] : ranges;
  return first === undefined
    ? { kind: 'all' }
    : { kind: 'range', range: { first: first.start, last: first.end } };
}

/** The last 500 bytes of 300 are all 300 (section 14.1.2); `range-parser` would find none. */
function cutSuffixes(range: string, totalBytes: number): string {
  return range.replace(
    /([=,]\s*)-(\d+)/g,
    (_, before: string, bytes: string) => `${before}-${Math.min(Number(bytes), totalBytes)}`,
  );
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return (
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
  );
}
