// What a client may say of an image, by the same rules wherever it says it: title, tags, path. Knows no request.
import { AppError, type Problem } from '@tintype/core';

export const MAX_TITLE_CHARACTERS = 500;
export const MAX_TAGS = 100;
export const MAX_TAG_CHARACTERS = 100;
/** In UTF-8; also the longest key of an object in S3. */
export const MAX_PATH_BYTES = 1024;

/** @throws AppError INVALID_REQUEST */
export function readTitle(value: unknown): string {
  if (typeof value !== 'string') throw invalid('title', 'must be text');
  const text = storable(value).trim();
  if (charactersIn(text) > MAX_TITLE_CHARACTERS)
    throw invalid('title', `must have at most ${MAX_TITLE_CHARACTERS} characters`);
  return text;
}

/** In one writing, each once, in the order they come. @throws AppError INVALID_REQUEST naming `name` */
export function readTagList(name: string, values: readonly unknown[]): string[] {
  return [...new Set(values.map((value) => readTag(name, value)))];
}

/** @throws AppError INVALID_REQUEST naming `name` */
export function readTag(name: string, value: unknown): string {
  const text = typeof value === 'string' ? storable(value).normalize('NFC').trim() : '';
  if (text === '' || charactersIn(text) > MAX_TAG_CHARACTERS)
    throw invalid(name, `must each be text of 1 to ${MAX_TAG_CHARACTERS} characters`);
  return text;
}

/**
 * Names between slashes, as they are: files that were there before Tintype are found by the very bytes of their path.
 * @throws AppError INVALID_REQUEST
 */
export function readPath(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid('path', 'must be text');
  if (Buffer.byteLength(value) > MAX_PATH_BYTES)
    throw invalid('path', `must have at most ${MAX_PATH_BYTES} bytes`);
  if (/[\p{Cc}\p{Surrogate}\\]/u.test(value))
    throw invalid('path', 'must have no backslash and no control character');
  if (value.split('/').some((name) => ['', '.', '..'].includes(name)))
    throw invalid('path', 'must be names between single slashes, none of them "." or ".."');
  return value;
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
