// A transform as it stands in a query: every parameter once, written plainly, and none that is not known. All that is wrong is told at once.
import { AppError, type Problem, Transform } from '@tintype/core';
import { type TSchema, Type } from 'typebox';

/** Of addresses that were signed; see auth/check-signature.ts. */
export const SIGNATURE_PARAMETERS = {
  expires: Type.Optional(
    Type.String({ description: 'Of a signed address: until when it counts, unix seconds.' }),
  ),
  key: Type.Optional(Type.String({ description: 'Of a signed address: the key that signed it.' })),
  signature: Type.Optional(Type.String({ description: 'Of a signed address.' })),
};

/** The query of a route that takes a transform: for its description, and read by {@link readTransform}. */
export const TransformQuery = Type.Object(
  { ...Transform.properties, ...SIGNATURE_PARAMETERS },
  { additionalProperties: false },
);

/** The query of a route that takes none. */
export const SignatureQuery = Type.Object(SIGNATURE_PARAMETERS, { additionalProperties: false });

/** As JSON Schema has them. */
interface Rule {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
}

/** A value, or what is wrong with it. */
type Read = { value: unknown } | { wrong: string };

const RULES: ReadonlyMap<string, (text: string) => Read> = new Map(
  Object.entries<TSchema>(Transform.properties).map(([name, schema]) => [name, readerOf(schema)]),
);

/** @throws AppError INVALID_REQUEST naming every parameter that is wrong, doubled or unknown */
export function readTransform(query: unknown): Transform {
  return readQuery(query, RULES) as Transform;
}

/** For routes whose pictures have no parameters. @throws AppError INVALID_REQUEST */
export function expectNoTransform(query: unknown): void {
  readQuery(query, new Map());
}

function readQuery(query: unknown, rules: typeof RULES): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(query as Record<string, unknown>)) {
    if (Object.hasOwn(SIGNATURE_PARAMETERS, name)) continue;
    const read = readOne(rules.get(name), text);
    if ('wrong' in read) problems.push({ pointer: `/${name.slice(0, 100)}`, message: read.wrong });
    else found[name] = read.value;
  }
  const [first] = problems;
  if (first === undefined) return found;
  throw new AppError('INVALID_REQUEST', {
    message: `query ${first.pointer.slice(1)} ${first.message}.`,
    problems,
  });
}

function readOne(read: ((text: string) => Read) | undefined, text: unknown): Read {
  if (read === undefined) return { wrong: 'is not known here' };
  if (typeof text !== 'string') return { wrong: 'must be given once' };
  return read(text);
}

function readerOf(schema: TSchema): (text: string) => Read {
  const { type, enum: words, pattern, minimum = 0, maximum = 0 } = schema as Rule;
  if (words !== undefined) return among(words, (text) => text);
  if (type === 'boolean') return among(['true', 'false'], (text) => text === 'true');
  if (pattern !== undefined) return matching(new RegExp(pattern));
  return type === 'integer'
    ? numeric(/^-?\d{1,9}$/, 'a whole number', { minimum, maximum })
    : // As JavaScript writes it: a browser's devicePixelRatio is often no round number.
      numeric(/^-?\d{1,9}(\.\d{1,20})?$/, 'a number', { minimum, maximum });
}

function among(words: string[], meaning: (text: string) => unknown): (text: string) => Read {
  const wrong = `must be one of ${words.join(', ')}`;
  return (text) => (words.includes(text) ? { value: meaning(text) } : { wrong });
}

function matching(pattern: RegExp): (text: string) => Read {
  return (text) =>
    pattern.test(text) ? { value: text } : { wrong: 'must be a colour: rgb, rgba, rrggbb or rrggbbaa' };
}

function numeric(
  pattern: RegExp,
  what: string,
  { minimum, maximum }: { minimum: number; maximum: number },
): (text: string) => Read {
  const wrong = `must be ${what} from ${minimum} to ${maximum}`;
  return (text) => {
    const value = Number(text);
    return pattern.test(text) && value >= minimum && value <= maximum ? { value } : { wrong };
  };
}
