// What is expected of an answer, as sentences where it is not met.
import { isDeepStrictEqual } from 'node:util';
import type { Answer, Json } from './caller.ts';

/** @throws Error that says what was answered instead */
export function answered(answer: Answer, status: number, like: Json = {}): Json {
  const { to, json, bytes } = answer;
  if (answer.status !== status)
    throw new Error(
      `${to} answered ${answer.status} instead of ${status}: ${bytes.toString().slice(0, 300)}`,
    );
  const difference = differenceOf(json, like, '');
  if (difference !== undefined) throw new Error(`${to}: ${difference}`);
  return json;
}

/** A problem document with a code, whatever the status. */
export function refused(answer: Answer, status: number, code?: string): Json {
  const { to, headers } = answer;
  answered(answer, status, code === undefined ? {} : { code });
  const type = headers['content-type'] ?? '';
  holds(type.startsWith('application/problem+json'), `${to} answered an error as ${type}`);
  holds(typeof answer.json.code === 'string', `${to} answered an error without a code`);
  return answer.json;
}

export function holds(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

export function same(actual: unknown, wanted: unknown, what: string): void {
  if (isDeepStrictEqual(actual, wanted)) return;
  throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
}

/** Text in an answer: `textAt(job, 'image.id')`. @throws Error when there is none */
export function textAt(json: unknown, path: string): string {
  const value = valueAt(json, path);
  if (typeof value !== 'string') throw new Error(`${path} is ${JSON.stringify(value)}, and no text`);
  return value;
}

export function valueAt(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Json | undefined)?.[name], json);
}

export function itemsOf(json: Json): Json[] {
  if (!Array.isArray(json.items)) throw new Error(`it is no list: ${JSON.stringify(json).slice(0, 200)}`);
  return json.items as Json[];
}

/** Asks until it is so. @throws the last Error when it never is */
export async function eventually<Result>(look: () => Promise<Result>, withinMs = 20_000): Promise<Result> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** What of `wanted` is not in `actual`; objects may have more than is wanted. */
function differenceOf(actual: unknown, wanted: unknown, path: string): string | undefined {
  const isObject = typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted);
  if (!isObject)
    return isDeepStrictEqual(actual, wanted)
      ? undefined
      : `${path || 'it'} is ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`;
  for (const [name, value] of Object.entries(wanted)) {
    const found = differenceOf((actual as Json | undefined)?.[name], value, path ? `${path}.${name}` : name);
    if (found !== undefined) return found;
  }
  return undefined;
}
