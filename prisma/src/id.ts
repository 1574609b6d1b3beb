// Identifiers: UUIDv7, so that order by id is order by time (RFC 9562, section 5.7).
import { v7 } from 'uuid';

/** A new identifier, sortable by the time it was made. */
export function newId(): string {
  return v7();
}

/** The smallest identifier that could have been made at `time`; turns a filter by time into one by primary key. */
export function firstIdAt(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
