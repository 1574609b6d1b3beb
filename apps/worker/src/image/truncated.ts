// What is too long for a document is only measured.

/** The longest text, and the longest list of numbers, that a document holds. */
export const MAX_TEXT_CHARACTERS = 4096;
export const MAX_LIST_ITEMS = 64;

/** Of a text its characters, of a list its items, of what is not decoded its bytes. */
export interface Truncated {
  truncated: true;
  length: number;
}

export function truncated(length: number): Truncated {
  return { truncated: true, length };
}
