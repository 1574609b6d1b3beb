// ExifTool's tags, looked up by 'Group:Name': as texts, as numbers, and as the sizes of what is binary.
import { MAX_LIST_ITEMS, MAX_TEXT_CHARACTERS } from '../truncated.ts';

/** A tag: family and group are ExifTool's families 0 and 1, EXIF and IFD0. */
export interface ExifToolTag {
  family: string;
  group: string;
  name: string;
  value: unknown;
}

export interface ExifToolFacts {
  tags: readonly ExifToolTag[];
  /** The first of this name in this group. */
  value(key: string): unknown;
  /** Undefined for blanks, and for what is longer than a document wants. */
  text(key: string): string | undefined;
  /** One or many; what is too long for a document is left out. */
  texts(key: string): string[] | undefined;
  number(key: string): number | undefined;
  /** All of "8 8 8"; empty where one of them is no number. */
  numbers(key: string): number[];
}

/** Tags of one section that a document takes over; all that are looked at. */
export const MAX_SECTION_TAGS = 1000;
const MAX_TAGS = 10_000;

/** Longest list of texts that is looked at. */
const MAX_TEXTS = 1000;

const BINARY = /^\(Binary data (\d{1,15}) bytes/;

export function factsOf(answer: Readonly<Record<string, unknown>>): ExifToolFacts {
  const tags = Object.entries(answer)
    .slice(0, MAX_TAGS)
    .flatMap(([key, value]) => tagOf(key, value));
  const byKey = new Map<string, unknown>();
  for (const { group, name, value } of tags) {
    const key = `${group}:${name}`;
    if (!byKey.has(key)) byKey.set(key, value);
  }
  const text = (key: string) => textOf(byKey.get(key));
  return {
    tags,
    value: (key) => byKey.get(key),
    text,
    texts: (key) => textsOf(byKey.get(key)),
    number: (key) => numberOf(text(key)),
    numbers: (key) => numbersOf(text(key)),
  };
}

/** 'EXIF:IFD0:Make' or 'JFIF:XResolution'; a name without any group is no tag. */
function tagOf(key: string, value: unknown): ExifToolTag[] {
  const [family, ...rest] = key.split(':');
  const name = rest.pop();
  if (family === undefined || family === '' || name === undefined || name === '') return [];
  return [{ family, group: rest.join(':') || family, name, value }];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value.length > MAX_TEXT_CHARACTERS || BINARY.test(value)) return undefined;
  return value.trim() || undefined;
}

function textsOf(value: unknown): string[] | undefined {
  const all: unknown[] = Array.isArray(value) ? value.slice(0, MAX_TEXTS) : [value];
  const texts = all.filter(
    (one): one is string => typeof one === 'string' && one.trim() !== '' && one.length <= MAX_TEXT_CHARACTERS,
  );
  return texts.length === 0 ? undefined : texts;
}

function numberOf(text: string | undefined): number | undefined {
  const number = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function numbersOf(text: string | undefined): number[] {
  const numbers = text?.split(' ', MAX_LIST_ITEMS).map(Number) ?? [];
  return numbers.every(Number.isFinite) ? numbers : [];
}

/** The size of a value that ExifTool does not print, in bytes. */
export function binaryBytes(value: unknown): number | undefined {
  const match = typeof value === 'string' ? BINARY.exec(value) : null;
  return match === null ? undefined : Number(match[1]);
}
