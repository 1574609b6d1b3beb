// Reads the parts of an upload in the order they come: one file named "image", and the fields about it.
import type { Multipart, MultipartFile, MultipartValue } from '@fastify/multipart';
import { AppError, type JobOptions, PROFILES, type Problem } from '@tintype/core';

export interface UploadForm<Stored> {
  stored: Stored;
  fileName: string | null;
  declaredMimeType: string | null;
  title: string | null;
  tags: string[];
  options: JobOptions;
}

const MAX_TITLE_CHARACTERS = 500;
const MAX_TAGS = 100;
const MAX_TAG_CHARACTERS = 100;

type Fields = Pick<UploadForm<unknown>, 'title' | 'tags' | 'options'>;

const FIELDS: Record<string, (fields: Fields, value: unknown) => void> = {
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
  image: () => {
    throw new AppError('IMAGE_PART_MISSING', {
      message: 'The part "image" must be a file: it needs a filename.',
    });
  },
};

/**
 * `store` is given the file as soon as its part begins and must read it to its end; when a later part is wrong,
 * `discard` takes back what it stored.
 * @throws AppError IMAGE_PART_MISSING, TOO_MANY_FILES, UNKNOWN_PART, INVALID_REQUEST, BAD_JSON and whatever `store` throws
 */
export async function readForm<Stored>(
  parts: AsyncIterable<Multipart>,
  {
    store,
    discard,
  }: { store: (file: MultipartFile) => Promise<Stored>; discard: (stored: Stored) => Promise<void> },
): Promise<UploadForm<Stored>> {
  const fields: Fields = { title: null, tags: [], options: {} };
  let file: { stored: Stored; part: MultipartFile } | undefined;
  try {
    for await (const part of parts) {
      if (part.type === 'field') readField(fields, part);
      else if (part.fieldname !== 'image') throw unknownPart(part.fieldname);
      else if (file !== undefined) throw new AppError('TOO_MANY_FILES');
      else file = { stored: await store(part), part };
    }
  } catch (error) {
    if (file !== undefined) await discard(file.stored);
    throw error;
  }
  if (file === undefined) throw new AppError('IMAGE_PART_MISSING');
  const { stored, part } = file;
  return {
    stored,
    fileName: clean(part.filename, 255),
    declaredMimeType: clean(part.mimetype, 127),
    ...fields,
  };
}

function readField(fields: Fields, { fieldname, value, valueTruncated }: MultipartValue): void {
  const read = FIELDS[fieldname];
  if (read === undefined) throw unknownPart(fieldname);
  if (valueTruncated === true) throw invalid(fieldname, 'is too long');
  read(fields, value);
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

function clean(value: string | undefined, maxCharacters: number): string | null {
  const text = storable(value ?? '').normalize('NFC');
  return text === '' ? null : [...text].slice(-maxCharacters).join('');
}

/** PostgreSQL's text holds no NUL, and no half of a surrogate pair, which JSON can write. */
function storable(value: string): string {
  return value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Code points, as JSON Schema counts them. */
function charactersIn(text: string): number {
  return [...text].length;
}

function invalid(name: string, message: string): AppError {
  const problem: Problem = { pointer: `/${name}`, message };
  return new AppError('INVALID_REQUEST', { message: `${name} ${message}.`, problems: [problem] });
}

function unknownPart(name: string): AppError {
  const problems = [{ pointer: `/${name.slice(0, 100)}`, message: 'is not known here' }];
  return new AppError('UNKNOWN_PART', {
    message: `The parts known here are ${Object.keys(FIELDS).join(', ')}.`,
    problems,
  });
}
