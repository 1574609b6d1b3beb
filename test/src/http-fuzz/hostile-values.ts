// Values that a schema forbids, or that lie at the edge of what it allows.
import fc, { type Arbitrary } from 'fast-check';
import { resolve, type Schema } from './document.ts';
import { HOSTILE_NUMBERS, HOSTILE_TEXTS, HOSTILE_URLS } from './hostile-texts.ts';
import { Entries, Literal } from './json-text.ts';
import { lawful, numberOr, type Place } from './lawful-values.ts';

export function hostile(written: Schema, place: Place): Arbitrary<unknown> {
  const schema = resolve(written, place.document);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => hostile(choice, place)));
  const type = String(Array.isArray(schema.type) ? schema.type[0] : schema.type);
  const wrong = BY_TYPE[type];
  return wrong === undefined ? ANYTHING : fc.oneof({ weight: 3, arbitrary: wrong(schema, place) }, ANYTHING);
}

const texts = fc.constantFrom(...HOSTILE_TEXTS);
const numbers = fc.constantFrom(...HOSTILE_NUMBERS).map((text) => new Literal(text));

/** Of every type, so mostly of the wrong one. */
const ANYTHING: Arbitrary<unknown> = fc.oneof(
  texts,
  numbers,
  // Halves of surrogate pairs too.
  fc
    .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 })
    .map((points) => String.fromCodePoint(...points)),
  fc.constantFrom<unknown>(null, true, false, [], new Entries([]), [[]], [null], new Entries([['', null]])),
  fc.integer({ min: 1, max: 12 }).map((power) => nested(2 ** power)),
);

function nested(depth: number): Literal {
  return new Literal(`${'['.repeat(depth)}${']'.repeat(depth)}`);
}

const BY_TYPE: Record<string, (schema: Schema, place: Place) => Arbitrary<unknown>> = {
  integer: edges,
  number: edges,
  string: ({ maxLength, minLength }, { name }) =>
    fc.oneof(
      /ur[il]/i.test(name) ? fc.constantFrom(...HOSTILE_URLS) : texts,
      fc
        .constantFrom('x', '\u{1f600}', '\0', ' ')
        .chain((letter) =>
          fc
            .constantFrom(...around(numberOr(maxLength, 1000)), ...around(numberOr(minLength, 0)))
            .map((count) => letter.repeat(count)),
        ),
    ),
  array: (schema, place) => {
    const items = (schema.items ?? {}) as Schema;
    return fc.oneof(
      fc.array(hostile(items, place), { maxLength: 4 }),
      fc
        .tuple(lawful(items, place), fc.constantFrom(...around(numberOr(schema.maxItems, 500)), 2))
        .map(([item, count]) => Array.from({ length: count }, () => item)),
    );
  },
  object: brokenObject,
};

function edges({ minimum, maximum }: Schema): Arbitrary<unknown> {
  const near = [
    ...around(numberOr(minimum, 0), -Infinity),
    ...around(numberOr(maximum, 2 ** 31 - 1), -Infinity),
  ];
  return fc.oneof(fc.constantFrom(...near), numbers);
}

function around(edge: number, least = 0): number[] {
  return [edge - 1, edge, edge + 1].filter((value) => value >= least);
}

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  '\0',
  'id',
  'tenantId',
  'admin',
  '$ref',
  'x'.repeat(5000),
];

/** A right object, and one thing wrong with it. */
function brokenObject(schema: Schema, place: Place): Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const right = lawful({ ...schema, type: 'object' }, place) as Arbitrary<Entries>;
  const more = fc.tuple(fc.constantFrom(...NAMES), ANYTHING).map((entry) => [entry]);
  const replaced = properties.map(([name, inner]) =>
    hostile(inner, { ...place, name }).map((value) => [[name, value] as [string, unknown]]),
  );
  return fc.oneof(
    { weight: 1 + properties.length, arbitrary: fc.tuple(right, fc.oneof(more, ...replaced)).map(put) },
    // The same name twice: the last one counts, or should.
    fc.tuple(right, right).map(([{ entries }, other]) => new Entries([...entries, ...other.entries])),
    fc
      .tuple(right, fc.nat())
      .map(
        ([{ entries }, at]) =>
          new Entries(entries.filter((_, place) => place !== at % (entries.length || 1))),
      ),
    fc.tuple(...replaced).map((all) => new Entries(all.flat())),
  );
}

function put([{ entries }, changed]: [Entries, [string, unknown][]]): Entries {
  const names = new Set(changed.map(([name]) => name));
  return new Entries([...entries.filter(([name]) => !names.has(name)), ...changed]);
}
