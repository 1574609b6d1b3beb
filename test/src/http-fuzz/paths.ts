// Request targets: paths with ids that exist, that are another's, that are none; queries; and what can be done to both by spelling.
import fc, { type Arbitrary } from 'fast-check';
import type { Document, Operation, Parameter } from './document.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { hostile } from './hostile-values.ts';
import { toTexts } from './json-text.ts';
import { lawful } from './lawful-values.ts';
import { kindOfPath, token } from './tokens.ts';

interface Options {
  document: Document;
  operation: Operation;
  isHostile: boolean;
}

export function pathOf({ document, operation, isHostile }: Options): Arbitrary<string> {
  const names = operation.path.split('/').map((name): Arbitrary<string> => {
    const [, variable] = /^\{(.+)\}$/.exec(name) ?? [];
    if (variable === undefined) return fc.constant(name);
    if (isHostile) return strangeName(operation.path, variable);
    const schema =
      operation.parameters.find((one) => one.in === 'path' && one.name === variable)?.schema ?? {};
    return fc.oneof(
      { weight: 8, arbitrary: fc.constant(token('own', kindOfPath(operation.path, variable))) },
      lawful(schema, { document, operation, name: variable }).map((value) => percent(toTexts(value).join())),
    );
  });
  return fc.tuple(...names).map((all) => all.join('/'));
}

function strangeName(path: string, variable: string): Arbitrary<string> {
  const kind = kindOfPath(path, variable);
  const own = token('own', kind);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(token('other', kind)) },
    fc.constantFrom(
      `${own}%20`,
      `%20${own}`,
      `${own}/`,
      `{${own}}`,
      `urn:uuid:${own}`,
      `${own}%00`,
      `${own},${own}`,
    ),
    fc.constantFrom(...HOSTILE_TEXTS).map(percent),
    fc.constantFrom(...RAW_NAMES),
  );
}

const RAW_NAMES = [
  ...[
    '%',
    '%z',
    '%00',
    '%ff',
    '%c0%af',
    '%ed%a0%80',
    '%e2%80',
    '..%2f..%2f',
    '%2e%2e',
    '.',
    '..',
    '%2f',
    '%5c',
    '*',
    ':id',
    '{id}',
  ],
  ...[
    '~',
    '!',
    "'",
    '(',
    '\\',
    '|',
    '^',
    '`',
    '"',
    '<>',
    '\x80\xff',
    'a'.repeat(99),
    'a'.repeat(101),
    'a'.repeat(5000),
    '%61'.repeat(200),
  ],
];

/** As many bytes are written by their numbers as must be, and no token is changed. */
export function percent(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

export function queryOf({ document, operation, isHostile }: Options): Arbitrary<string> {
  const parameters = operation.parameters.filter((one) => one.in === 'query');
  const place = (name: string) => ({ document, operation, name });
  const pairs = ({ name }: Parameter, value: unknown) =>
    toTexts(value).map((text) => `${percent(name)}=${percent(text)}`);
  const right = fc
    .tuple(
      ...parameters.map((one) => {
        const value = lawful(one.schema, place(one.name)).map((made) => pairs(one, made));
        // Many at once contradict one another.
        return one.required ? value : fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, value);
      }),
    )
    .map((all) => all.flat());
  if (!isHostile) return right.map(join);
  const wrong = parameters.map((one) =>
    hostile(one.schema, place(one.name)).map((value) => pairs(one, value)),
  );
  const strange = fc
    .tuple(fc.constantFrom(...STRANGE_PAIRS), fc.constantFrom(...HOSTILE_TEXTS))
    .map(([name, text]) => [`${name}${percent(text)}`]);
  const twice = parameters.map((one) =>
    fc
      .tuple(right, lawful(one.schema, place(one.name)))
      .map(([all, value]) => [...all, ...pairs(one, value), ...pairs(one, value)]),
  );
  return fc.oneof(
    fc.tuple(right, fc.oneof(strange, ...wrong)).map(([all, bad]) => join([...all, ...bad])),
    fc.oneof(strange, ...wrong).map(join),
    fc.oneof(strange, ...twice).map(join),
    fc.constantFrom(...RAW_QUERIES),
  );
}

const STRANGE_PAIRS = [
  '__proto__=',
  '__proto__[x]=',
  'constructor=',
  'limit[]=',
  'limit[$gt]=',
  'wait.x=',
  '=',
  'x'.repeat(300),
  '%00=',
  'toString=',
];
const RAW_QUERIES = [
  ...[
    '?',
    '??',
    '?&&&',
    '?=',
    '?==',
    '?%',
    '?%zz=%zz',
    '?%ff=%fe',
    '?a;b',
    '?#',
    '?limit',
    '?limit=',
    '?limit=1&limit=2',
    '?limit=%31',
  ],
  ...[
    '?+=+',
    `?${'a&'.repeat(2000)}`,
    `?${'limit=1&'.repeat(500)}`,
    `?q=${'%41'.repeat(3000)}`,
    '?\x80=\xff',
    '?limit=1?limit=2',
    '?{}',
  ],
];

function join(pairs: string[]): string {
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Other spellings of a target: some mean the same, some mean nothing. */
export const BENDS: readonly ((target: string) => string)[] = [
  (target) => target.replace(/^\/v1/, ''),
  (target) => target.replace(/^\/v1/, '/v2'),
  (target) => target.replace(/^\/v1/, '/V1'),
  (target) => target.replace(/^\/v1/, '/v1/'),
  (target) => target.replace(/^\/v1/, '/v1/v1'),
  (target) => target.replace(/^\/v1/, '/%761'),
  (target) => target.replace(/^\/v1/, '/v1/./'),
  (target) => target.replace(/^\/v1/, '/v1/../v1'),
  (target) => target.replace(/^\/v1/, '/v1%2f'),
  (target) => target.replace(/^\/v1/, '//v1'),
  (target) => target.replace(/^\/v1/, '/admin'),
  (target) => target.replace(/^\/v1/, '/docs'),
  (target) => target.replace(/(?=\?|$)/, '/'),
  (target) => target.replace(/(?=\?|$)/, '//'),
  (target) => target.replace(/(?=\?|$)/, ';x=1'),
  (target) => target.replace(/(?=\?|$)/, '%00'),
  (target) => target.replace(/(?=\?|$)/, '.json'),
  (target) => target.replace(/(?=\?|$)/, '/..'),
  (target) => target.replace(/(?=\?|$)/, `/${'a'.repeat(3000)}`),
  (target) => target.replace(/(?=\?|$)/, '/__proto__'),
  (target) => target.replace('?', '%3f'),
  (target) => target.replace(/[a-z](?=[a-z]*(\?|$))/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (target) => `${target}#fragment`,
  (target) => target.toUpperCase(),
  (target) => `http://127.0.0.1${target}`,
  (target) => `/${'../'.repeat(30)}etc/passwd${target}`,
  () => '/',
  () => '*',
  () => '/%',
  () => `/${'a/'.repeat(1500)}`,
];
