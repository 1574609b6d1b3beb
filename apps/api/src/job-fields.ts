// What a client says of an image beside its bytes, by the same rules in a form and in JSON.
import {
  AppError,
  checkUrl,
  type JobOptions,
  type OutgoingRules,
  PROFILES,
  type Problem,
} from '@tintype/core';

export interface JobFields {
  title: string | null;
  tags: string[];
  options: JobOptions;
  webhookUrl: string | null;
  /** What to do with a file that is there already; null: as configured. */
  duplicate: Duplicate | null;
}

const DUPLICATE = ['reuse', 'allow'] as const;
export type Duplicate = (typeof DUPLICATE)[number];

const MAX_TITLE_CHARACTERS = 500;
const MAX_TAGS = 100;
const MAX_TAG_CHARACTERS = 100;
export const MAX_URL_CHARACTERS = 2048;

type ReadField = (fields: JobFields, value: unknown, rules: OutgoingRules) => void;

const FIELDS: Record<string, ReadField> = {
  title: (fields, value) => {
    fields.title = readTitle(value);
  },
  tags: (fields, value) => {
    fields.tags = [...new Set([...fields.tags, ...readTags(value)])];
    if (fields.tags.length > MAX_TAGS) throw invalid('tags', `must be at most ${MAX_TAGS}`);
  },
  profile: ({ options }, value) => {
    options.profile = readChoice('profile', PROFILES, value);
  },
  pixels: ({ options }, value) => {
    options.pixels = readChoice('pixels', ['true', 'false'], value) === 'true';
  },
  stats: ({ options }, value) => {
    options.stats = readChoice('stats', ['true', 'false'], value) === 'true';
  },
  webhookUrl: (fields, value, rules) => {
    fields.webhookUrl = readAddress('webhookUrl', value, rules);
  },
  duplicate: (fields, value) => {
    fields.duplicate = readChoice('duplicate', DUPLICATE, value);
  },
};

export const FIELD_NAMES: readonly string[] = Object.keys(FIELDS);

export function noFields(): JobFields {
  return { title: null, tags: [], options: {}, webhookUrl: null, duplicate: null };
}

/**
 * Notes one field; false: there is none of that name.
 * @throws AppError INVALID_REQUEST, BAD_JSON, URL_NOT_ALLOWED
 */
export function readField(
  fields: JobFields,
  [name, value]: [name: string, value: unknown],
  rules: OutgoingRules,
): boolean {
  const read = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  read?.(fields, value, rules);
  return read !== undefined;
}

/**
 * An address that is to be called, as far as its text tells.
 * @throws AppError INVALID_REQUEST, URL_NOT_ALLOWED
 */
export function readAddress(name: string, value: unknown, rules: OutgoingRules): string {
  if (typeof value !== 'string' || value.length > MAX_URL_CHARACTERS)
    throw invalid(name, `must be an URL of at most ${MAX_URL_CHARACTERS} characters`);
  try {
    return checkUrl(value.trim(), rules).href;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message } = error;
    throw new AppError(code, { message, problems: [{ pointer: `/${name}`, message }], cause: error.cause });
  }
}

function readTitle(value: unknown): string {
  if (typeof value !== 'string') throw invalid('title', 'must be text');
  const text = storable(value).trim();
  if (charactersIn(text) > MAX_TITLE_CHARACTERS)
    throw invalid('title', `must have at most ${MAX_TITLE_CHARACTERS} characters`);
  return text;
}

/** One tag as text, or several as a JSON array. */
function readTags(value: unknown): string[] {
  const list = typeof value === 'string' && value.trimStart().startsWith('[') ? parseJson(value) : value;
  const tags = Array.isArray(list) ? list : [list];
  return tags.map((tag) => {
    const text = typeof tag === 'string' ? storable(tag).normalize('NFC').trim() : '';
    if (text === '' || charactersIn(text) > MAX_TAG_CHARACTERS) {
      throw invalid('tags', `must each be text of 1 to ${MAX_TAG_CHARACTERS} characters`);
    }
    return text;
  });
}

function readChoice<const Word extends string>(name: string, words: readonly Word[], value: unknown): Word {
  const word = words.find((one) => one === String(value));
  if (word === undefined) throw invalid(name, `must be ${words.join(' or ')}`);
  return word;
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new AppError('BAD_JSON', { problems: [{ pointer: '/tags', message: 'is no JSON array' }] });
  }
}

/** PostgreSQL's text holds no NUL, and no half of a surrogate pair, which JSON can write. */
export function storable(value: string): string {
  return value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Code points, as JSON Schema counts them. */
function charactersIn(text: string): number {
  return [...text].length;
}

export function invalid(name: string, message: string): AppError {
  const problem: Problem = { pointer: `/${name}`, message };
  return new AppError('INVALID_REQUEST', { message: `${name} ${message}.`, problems: [problem] });
}
