// Values that a schema allows. Knows JSON Schema as far as OpenAPI documents write it, and tokens for what only the service knows.
import fc, { type Arbitrary } from 'fast-check';
import { type Document, type Operation, resolve, type Schema } from './document.ts';
import { Entries } from './json-text.ts';
import { tokensFor } from './tokens.ts';

export interface Place {
  document: Pick<Document, 'whole'>;
  operation: Pick<Operation, 'id'>;
  /** Of the parameter or property. */
  name: string;
}

/** Long enough to be different, short enough to be many. */
const MOST_CHARACTERS = 60;
const MOST_ITEMS = 4;
const DEPTH = { maxDepth: 2 };

export function lawful(written: Schema, place: Place): Arbitrary<unknown> {
  const schema = resolve(written, place.document);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => lawful(choice, place)));
  if (Array.isArray(schema.allOf)) return lawful(merged(schema.allOf as Schema[], place), place);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if (Array.isArray(schema.type))
    return fc.oneof(...(schema.type as string[]).map((type) => lawful({ ...schema, type }, place)));
  const made = BY_TYPE[String(schema.type)]?.(schema, place) ?? fc.jsonValue(DEPTH);
  // Objects are made of their properties, which have examples of their own.
  if (!Array.isArray(schema.examples) || schema.type === 'object') return made;
  return fc.oneof(fc.constantFrom(...(schema.examples as unknown[])), { weight: 3, arbitrary: made });
}

const BY_TYPE: Record<string, (schema: Schema, place: Place) => Arbitrary<unknown>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer,
  number: integer,
  string: (schema, place) => {
    const tokens = schema.format === 'date-time' ? [] : tokensFor(place.name, place.operation);
    if (tokens.length === 0) return text(schema, place);
    // An address that is known is right to log in with, and wrong to register.
    const weight = place.name === 'email' ? 1 : 3;
    return fc.oneof({ weight, arbitrary: fc.constantFrom(...tokens) }, text(schema, place));
  },
  array: (schema, place) => {
    const item = lawful((schema.items ?? {}) as Schema, place);
    const least = numberOr(schema.minItems, 0);
    const lengths = {
      minLength: least,
      maxLength: Math.max(least, Math.min(numberOr(schema.maxItems, MOST_ITEMS), MOST_ITEMS)),
    };
    return schema.uniqueItems === true ? fc.uniqueArray(item, lengths) : fc.array(item, lengths);
  },
  object,
};

function integer(schema: Schema): Arbitrary<number> {
  const min = numberOr(schema.minimum, numberOr(schema.exclusiveMinimum, -2) + 1);
  const max = Math.max(min, numberOr(schema.maximum, numberOr(schema.exclusiveMaximum, min + 2 ** 31) - 1));
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min: Math.ceil(min), max: Math.floor(max) }));
}

/** Objects are entries, so that wrong ones can be made of right ones. */
function object(schema: Schema, place: Place): Arbitrary<Entries> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  if (properties.length === 0 && schema.additionalProperties !== false)
    return fc
      .dictionary(fc.string(), fc.jsonValue(DEPTH), { maxKeys: 3 })
      .map((it) => new Entries(Object.entries(it)));
  const required = new Set((schema.required ?? []) as string[]);
  const least = numberOr(schema.minProperties, 0);
  const values = properties.map(([name, inner]) =>
    fc.tuple(fc.constant(name), lawful(inner, { ...place, name }), fc.boolean()),
  );
  return fc.tuple(...values).map((all) => {
    const chosen = all.filter(([name, , isThere]) => isThere || required.has(name));
    return new Entries((chosen.length < least ? all : chosen).map(([name, value]) => [name, value]));
  });
}

function text(schema: Schema, { name }: Place): Arbitrary<string> {
  const format = BY_FORMAT[name === 'email' ? name : String(schema.format)];
  if (format !== undefined) return format();
  if (/url$/i.test(name)) return fc.webPath().map((path) => `http://127.0.0.1:8080/${path.slice(0, 100)}`);
  const minLength = numberOr(schema.minLength, 0);
  const maxLength = Math.max(
    minLength,
    Math.min(numberOr(schema.maxLength, MOST_CHARACTERS), MOST_CHARACTERS),
  );
  if (typeof schema.pattern === 'string') return matching(schema.pattern, { minLength, maxLength });
  const ascii = fc.string({ minLength, maxLength });
  return fc.oneof(
    ascii,
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, maxLength / 4) }),
  );
}

const BY_FORMAT: Record<string, () => Arbitrary<string>> = {
  uuid: () => fc.uuid(),
  'date-time': () =>
    fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  date: () =>
    fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  // Without bias: small numbers would come again and again, and be taken.
  email: () => fc.noBias(fc.uuid()).map((id) => `${id}@fuzz.example`),
  ipv4: () => fc.ipV4(),
  ipv6: () => fc.ipV6(),
};

/** Not every pattern can be turned around; then one of these may fit, and if none does, the text is wrong. */
const COMMON_TEXTS = [
  'a',
  'abc-def',
  'Abc 1',
  '0',
  '0-0',
  'abcdefghijkl',
  'a@fuzz.example',
  'https://fuzz.example/',
];

function matching(pattern: string, lengths: { minLength: number; maxLength: number }): Arbitrary<string> {
  const expression = new RegExp(pattern, 'u');
  const { minLength, maxLength } = lengths;
  const fits = (made: string) =>
    made.length >= minLength && made.length <= maxLength && expression.test(made);
  const common = COMMON_TEXTS.find(fits) ?? '';
  return turnedAround(expression, lengths).map((made) => (fits(made) ? made : common));
}

function turnedAround(
  expression: RegExp,
  lengths: { minLength: number; maxLength: number },
): Arbitrary<string> {
  try {
    return fc.stringMatching(expression, { maxLength: lengths.maxLength });
  } catch {
    return fc.string(lengths);
  }
}

function merged(parts: Schema[], { document }: Place): Schema {
  const schemas = parts.map((part) => resolve(part, document));
  return {
    ...Object.assign({}, ...schemas),
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)),
    required: schemas.flatMap(({ required = [] }) => required as string[]),
  };
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
