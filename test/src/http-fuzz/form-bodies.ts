// Forms (RFC 7578): right ones, parts that are wrong, and forms that are none.
import fc, { type Arbitrary } from 'fast-check';
import type { Body } from './attempt.ts';
import { resolve, type Schema } from './document.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { hostile } from './hostile-values.ts';
import { toTexts } from './json-text.ts';
import { lawful, type Place } from './lawful-values.ts';
import type { Pictures } from './pictures.ts';

interface Form {
  place: Place;
  pictures: Pictures;
  isHostile: boolean;
}

interface Part {
  name: string;
  /** Beside the name; undefined: a plain field. */
  fileName?: string | undefined;
  headers?: string;
  bytes: Buffer;
}

const BOUNDARY = 'a-boundary';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

export function formBody(schema: Schema, { place, pictures, isHostile }: Form): Arbitrary<Body | undefined> {
  const right = lawfulParts(schema, { place, pictures });
  if (!isHostile) return right.map((parts) => ({ bytes: write(parts), type: TYPE }));
  const wrongPart = fc.oneof(...hostileParts(schema, { place, pictures }));
  const wrong = fc.tuple(right, wrongPart, fc.nat()).map(([parts, part, at]) => insert(parts, part, at));
  return fc.oneof(
    { weight: 4, arbitrary: wrong.map((parts) => ({ bytes: write(parts), type: TYPE })) },
    fc.array(wrongPart, { maxLength: 4 }).map((parts) => ({ bytes: write(parts), type: TYPE })),
    {
      weight: 2,
      arbitrary: fc.tuple(right, fc.constantFrom(...TWISTS)).map(([parts, twist]) => twist(write(parts))),
    },
    wrongPart.chain((part) => fc.constantFrom(90, 210, 1200).map((count) => many(part, count))),
  );
}

function propertiesOf(schema: Schema, { document }: Place): [string, Schema][] {
  const properties = Object.entries((resolve(schema, document).properties ?? {}) as Record<string, Schema>);
  return properties.map(([name, written]) => [name, resolve(written, document)]);
}

const isFile = ({ format }: Schema) => format === 'binary';

function lawfulParts(schema: Schema, { place, pictures }: Omit<Form, 'isHostile'>): Arbitrary<Part[]> {
  const required = new Set((resolve(schema, place.document).required ?? []) as string[]);
  const parts = propertiesOf(schema, place).map(([name, inner]): Arbitrary<Part[]> => {
    const made: Arbitrary<Part[]> = isFile(inner)
      ? fc
          .tuple(
            fc.constantFrom(...pictures.real),
            fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }),
          )
          .map(([bytes, fileName]) => [
            { name, fileName: quotable(fileName), headers: 'content-type: image/png\r\n', bytes },
          ])
      : lawful(inner, { ...place, name }).map((value) =>
          toTexts(value).map((text) => ({ name, bytes: Buffer.from(text) })),
        );
    return required.has(name) ? made : fc.option(made, { nil: [], freq: 2 });
  });
  return fc.tuple(...parts).map((all) => all.flat());
}

function hostileParts(schema: Schema, { place, pictures }: Omit<Form, 'isHostile'>): Arbitrary<Part>[] {
  const bytes = fc.constantFrom(...pictures.broken, ...pictures.real);
  const own = propertiesOf(schema, place).map(([name, inner]): Arbitrary<Part> => {
    if (!isFile(inner))
      return hostile(inner, { ...place, name }).map((value) => ({
        name,
        bytes: Buffer.from(toTexts(value).join()),
      }));
    return fc
      .tuple(bytes, fc.constantFrom(...FILE_NAMES), fc.constantFrom(...PART_HEADERS))
      .map(([file, fileName, headers]) => ({ name, bytes: file, fileName, headers }));
  });
  const strange = fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...HOSTILE_TEXTS), fc.constantFrom(undefined, 'x.png'))
    .map(([name, text, fileName]): Part => ({ name, fileName, bytes: Buffer.from(text) }));
  return [...own, strange];
}

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'a[b]',
  'x'.repeat(3000),
  '"',
  '\u202e',
  'image',
  'file',
  'title\0',
];
const FILE_NAMES = [
  ...[
    '../../etc/passwd',
    '..\\x',
    '/abs.png',
    '',
    ' ',
    '\0.png',
    'é.png',
    '"; x="',
    'a'.repeat(2000),
    '\ud800',
    '%00.png',
    'CON',
    '.',
  ],
  undefined,
];
const PART_HEADERS = [
  ...[
    '',
    'content-type: image/png\r\n',
    'content-type:\r\n',
    'content-type: text/html\r\n',
    'content-type: application/json\r\n',
  ],
  ...[
    'content-transfer-encoding: base64\r\n',
    'content-disposition: form-data; name="other"\r\n',
    'x: \0\r\n',
    'no colon\r\n',
  ],
  ...[
    `x: ${'y'.repeat(20_000)}\r\n`,
    'x: y\r\n'.repeat(60),
    'content-type: multipart/mixed; boundary=c\r\n',
    `content-type: ${'a'.repeat(300)}/b\r\n`,
  ],
];

function quotable(text: string): string {
  return text.replace(/["\\\r\n]/g, '_');
}

function insert(parts: Part[], part: Part, at: number): Part[] {
  const place = at % (parts.length + 1);
  return [...parts.slice(0, place), part, ...parts.slice(place)];
}

function many(part: Part, count: number): Body {
  const small = { ...part, bytes: part.bytes.subarray(0, 100) };
  return { bytes: write(Array.from({ length: count }, () => small)), type: TYPE };
}

function write(parts: Part[]): Buffer {
  const chunks = parts.flatMap(({ name, fileName, headers = '', bytes }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n${headers}\r\n`;
    return [Buffer.from(head), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** What can be wrong with a form as a whole. */
const TWISTS: readonly ((form: Buffer) => Body)[] = [
  (bytes) => ({ bytes, type: 'multipart/form-data' }),
  (bytes) => ({ bytes, type: 'multipart/form-data; boundary=another' }),
  (bytes) => ({ bytes, type: `multipart/form-data; boundary="${BOUNDARY}"; boundary=x` }),
  (bytes) => ({ bytes, type: `multipart/mixed; boundary=${BOUNDARY}` }),
  (bytes) => ({ bytes, type: 'application/json' }),
  (bytes) => ({ bytes: bytes.subarray(0, -BOUNDARY.length - 6), type: TYPE }),
  (bytes) => ({ bytes: bytes.subarray(0, bytes.length / 2), type: TYPE }),
  (bytes) => ({ bytes: bytes.subarray(0, 20), type: TYPE }),
  (bytes) => ({
    bytes: Buffer.concat([Buffer.from('preamble\r\n'), bytes, Buffer.from('epilogue')]),
    type: TYPE,
  }),
  (bytes) => ({
    bytes: Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
    type: TYPE,
  }),
  (bytes) => ({
    bytes: Buffer.from(bytes.toString('latin1').replaceAll('form-data', 'attachment'), 'latin1'),
    type: TYPE,
  }),
  (bytes) => ({
    bytes: Buffer.from(bytes.toString('latin1').replace(/name="[^"]*"/, ''), 'latin1'),
    type: TYPE,
  }),
  (bytes) => ({ bytes: Buffer.concat([bytes, bytes]), type: TYPE }),
  () => ({ bytes: Buffer.from(`--${BOUNDARY}--\r\n`), type: TYPE }),
  () => ({ bytes: Buffer.from(`--${BOUNDARY}\r\n\r\n\r\n--${BOUNDARY}--\r\n`), type: TYPE }),
  () => ({ bytes: Buffer.alloc(0), type: TYPE }),
];
