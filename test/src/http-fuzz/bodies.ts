// Bodies of requests: as the operation wants them, wrong inside, wrong as a whole, and where none is wanted.
import fc, { type Arbitrary } from 'fast-check';
import type { Body } from './attempt.ts';
import type { Document, Operation, Schema } from './document.ts';
import { formBody } from './form-bodies.ts';
import { hostile } from './hostile-values.ts';
import { toJson, toTexts } from './json-text.ts';
import { lawful, type Place } from './lawful-values.ts';
import type { Pictures } from './pictures.ts';

export interface BodyOptions {
  document: Document;
  operation: Operation;
  pictures: Pictures;
  isHostile: boolean;
}

export const NO_BODY: Arbitrary<Body | undefined> = fc.constant(undefined);

export function bodyOf({
  document,
  operation,
  pictures,
  isHostile,
}: BodyOptions): Arbitrary<Body | undefined> {
  const wanted = Object.entries(operation.bodies);
  const place = { document, operation, name: '' };
  const right = wanted.map(([type, schema]) =>
    wantedBody(type, schema, { place, pictures, isHostile: false }),
  );
  if (!isHostile) return right.length === 0 ? NO_BODY : fc.oneof(...right);
  const wrong = wanted.map(([type, schema]) => ({
    weight: 6,
    arbitrary: wantedBody(type, schema, { place, pictures, isHostile: true }),
  }));
  const misnamed = right.map((body) =>
    fc.tuple(body, fc.constantFrom(...TYPES)).map(([made, type]) => made && { ...made, type }),
  );
  return fc.oneof(...wrong, ...misnamed, fc.constantFrom(...BROKEN), {
    weight: wanted.length,
    arbitrary: NO_BODY,
  });
}

interface Wanted {
  place: Place;
  pictures: Pictures;
  isHostile: boolean;
}

function wantedBody(
  type: string,
  schema: Schema,
  { place, pictures, isHostile }: Wanted,
): Arbitrary<Body | undefined> {
  if (type === 'multipart/form-data') return formBody(schema, { place, pictures, isHostile });
  const value = isHostile ? hostile(schema, place) : lawful(schema, place);
  const bytes = type.endsWith('json') ? value.map(toJson) : value.map((made) => toTexts(made).join('&'));
  return bytes.map((text) => ({ bytes: Buffer.from(text), type }));
}

const TYPES: readonly (string | undefined)[] = [
  ...[
    undefined,
    '',
    'json',
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ],
  ...[
    'application/json; charset=utf-16',
    'application/json;;;',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/json, text/plain',
  ],
  ...[
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="',
    `multipart/form-data; boundary=${'b'.repeat(300)}`,
    'multipart/mixed; boundary=b',
  ],
  ...[
    'application/problem+json',
    'image/png',
    '*/*',
    'application/',
    '/',
    `application/json; ${'x'.repeat(2000)}`,
    'application/__proto__',
  ],
];

const JSON_TYPE = 'application/json';
const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

const TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '0',
    '""',
    '[]',
    '{}',
    '{',
    '[1,',
    '{"a":1,}',
    "{'a':1}",
    '// x\n{}',
    'NaN',
    '{}{}',
    '\0',
    '\ufeff{}',
  ],
  ...[
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"a":1,"a":2}',
    '"\\ud800"',
    '"\\u0000"',
    '{"\\u0000":1}',
  ],
  ...[
    deep('[', ']', 20_000),
    deep('{"a":', '}', 5000),
    deep('[', '', 100_000),
    `"${'x'.repeat(1_100_000)}"`,
    `[${'1,'.repeat(100_000)}1]`,
  ],
];

const BROKEN: readonly Body[] = [
  ...TEXTS.map((text) => ({ bytes: Buffer.from(text), type: JSON_TYPE })),
  { bytes: Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), type: JSON_TYPE },
  { bytes: Buffer.from([0x22, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x22]), type: JSON_TYPE },
  { bytes: Buffer.from('a=1&a=2&__proto__[x]=1'), type: 'application/x-www-form-urlencoded' },
  { bytes: Buffer.from('<x/>'), type: 'application/xml' },
  { bytes: Buffer.from('{}'), type: undefined },
];
