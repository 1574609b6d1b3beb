// Identifiers: UUIDv7, so that order by id is order by time (RFC 9562, section 5.7).
import { randomUUID } from 'node:crypto';

/** A new identifier, sortable by the time it was made. */
export function newId(): string {
  // Node keeps random bytes in store for its UUIDv4; everything behind the version is taken from there.
  return `${timeHex(Date.now())}-7${randomUUID().slice(15)}`;
}

/** The smallest identifier that could have been made at `time`; turns a filter by time into one by primary key. */
export function firstIdAt(time: Date): string {
  return `${timeHex(Math.max(0, time.getTime()))}-7000-8000-000000000000`;
}

/** The first 48 bits: milliseconds since 1970. */
function timeHex(milliseconds: number): string {
  const hex = milliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
