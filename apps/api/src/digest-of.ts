// One short name for what was asked: the same for the same wishes, whatever the order in which they were written.
import { createHash } from 'node:crypto';

/** SHA-256 of a JSON value, hexadecimal. Keys of objects count in any order, lists in theirs. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex');
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
