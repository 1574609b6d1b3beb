// One of ExifTool's values as a document may hold it: numbers as numbers, nothing longer or deeper than anybody reads.
import { MAX_TEXT_CHARACTERS, truncated } from '../truncated.ts';
import { binaryBytes } from './facts.ts';

const MAX_ITEMS = 1000;
const MAX_DEPTH = 8;

/** Undefined for what says nothing: blanks, and binary data that only tells its size. */
export function cleanValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  if (depth >= MAX_DEPTH) return undefined;
  return Array.isArray(value) ? cleanList(value, depth) : cleanStruct(value, depth);
}

function cleanText(value: string): unknown {
  if (binaryBytes(value) !== undefined) return undefined;
  const text = value.trimEnd();
  if (text === '') return undefined;
  if (text.length > MAX_TEXT_CHARACTERS) return truncated(text.length);
  // Only what would be written the same way again: not "0100", "1.10" or an identifier of twenty digits.
  const number = Number(text);
  return String(number) === text && Number.isFinite(number) ? number : text;
}

function cleanList(list: readonly unknown[], depth: number): unknown {
  if (list.length > MAX_ITEMS) return truncated(list.length);
  const items = list.map((item) => cleanValue(item, depth + 1)).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
}

function cleanStruct(struct: object, depth: number): unknown {
  const entries = Object.entries(struct).slice(0, MAX_ITEMS);
  const kept = entries.flatMap(([key, item]) => {
    const clean = cleanValue(item, depth + 1);
    return clean === undefined ? [] : [[key, clean] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
