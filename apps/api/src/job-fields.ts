// What a client says of an image beside its bytes, by the same rules in a form and in JSON.
import {
  AppError,
  checkUrl,
  type JobOptions,
  ON_DUPLICATE,
  type OutgoingRules,
  PROFILES,
} from '@tintype/core';
import { invalid, MAX_TAGS, readPath, readTagList, readTitle } from './image-fields.ts';
import { readDerivatives, type WantedDerivatives } from './wanted-derivatives.ts';

export interface JobFields {
  title: string | null;
  tags: string[];
  /** Where /v1/files delivers it; null: nowhere. */
  path: string | null;
  /** Anybody may have its named derivatives. */
  isPublic: boolean;
  /** To be made at once. Not in `options` yet: presets are not looked up here. Null: none were named. */
  derivatives: WantedDerivatives | null;
  options: Omit<JobOptions, 'derivatives'>;
  webhookUrl: string | null;
  /** What to do with a file that is there already; null: as configured. */
  duplicate: Duplicate | null;
}

const DUPLICATE = ['reuse', 'allow'] as const;
export type Duplicate = (typeof DUPLICATE)[number];

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
  path: (fields, value) => {
    fields.path = readPath(value);
  },
  public: (fields, value) => {
    fields.isPublic = readChoice('public', ['true', 'false'], value) === 'true';
  },
  derivatives: (fields, value) => {
    fields.derivatives = { ...fields.derivatives, ...readDerivatives(value) };
  },
  onDuplicate: ({ options }, value) => {
    options.onDuplicate = readChoice('onDuplicate', ON_DUPLICATE, value);
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
  const described = { title: null, tags: [], path: null, isPublic: false };
  return { ...described, derivatives: null, options: {}, webhookUrl: null, duplicate: null };
}

/** All fields of a JSON body. @throws AppError INVALID_REQUEST, BAD_JSON, URL_NOT_ALLOWED */
export function readFields(body: object, rules: OutgoingRules): JobFields {
  const fields = noFields();
  for (const field of Object.entries(body)) readField(fields, field, rules);
  return fields;
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

/** One tag as text, or several as a JSON array. */
function readTags(value: unknown): string[] {
  const list = typeof value === 'string' && value.trimStart().startsWith('[') ? parseJson(value) : value;
  return readTagList('tags', Array.isArray(list) ? list : [list]);
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
