// The derivatives that an upload wants: names of presets, or transforms of its own. Knows how they are written, and no preset.
import { AppError, Transform } from '@tintype/core';
import { Compile } from 'typebox/compile';
import { invalid } from './image-fields.ts';

/** Name → its transform; true: the preset of that name. */
export type WantedDerivatives = Record<string, true | Transform>;

export const DERIVATIVE_NAME = '^[a-z][a-z0-9-]{0,39}$';

const isTransform = Compile(Transform);
const isName = new RegExp(DERIVATIVE_NAME);

/**
 * A list of names, or an object; in a form also as JSON text, or as names with commas between them.
 * @throws AppError INVALID_REQUEST, BAD_JSON
 */
export function readDerivatives(value: unknown): WantedDerivatives {
  const written = typeof value === 'string' ? readText(value.trim()) : value;
  if (Array.isArray(written)) return Object.fromEntries(written.map((name) => [readName(name), true]));
  if (typeof written !== 'object' || written === null)
    throw invalid('derivatives', 'must be a list of names, or an object of transforms');
  return Object.fromEntries(
    Object.entries(written).map(([name, wish]) => [readName(name), readWish(name, wish)]),
  );
}

function readText(text: string): unknown {
  if (text === '') return [];
  if (!/^[[{"]/.test(text)) return text.split(',').map((name) => name.trim());
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('BAD_JSON', {
      problems: [{ pointer: '/derivatives', message: 'is no JSON array or object' }],
    });
  }
}

function readName(name: unknown): string {
  if (typeof name === 'string' && isName.test(name)) return name;
  throw invalid('derivatives', 'must have names of 1 to 40 of a-z, 0-9 and -, beginning with a letter');
}

function readWish(name: string, wish: unknown): true | Transform {
  if (wish === true) return true;
  if (isTransform.Check(wish)) return wish;
  const [first] = isTransform.Errors(wish);
  const where = `${name}${first?.instancePath ?? ''}`;
  throw invalid(`derivatives/${where}`, first?.message ?? 'is no transform');
}
