// Headers: those an operation names, and those that proxies, browsers and attackers add.
import fc, { type Arbitrary } from 'fast-check';
import type { Header } from './attempt.ts';
import type { Document, Operation } from './document.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { toTexts } from './json-text.ts';
import { lawful } from './lawful-values.ts';

/** What is worth trying, by name. */
const VALUES: Record<string, readonly string[]> = {
  'idempotency-key': [
    'again-1',
    'again-2',
    'again-3',
    '"quoted"',
    ' ',
    '',
    'é',
    'x'.repeat(255),
    'x'.repeat(256),
    '\x7f',
  ],
  prefer: [
    'wait=0',
    'wait=1',
    'wait=99999999999',
    'wait=-1',
    'wait=abc',
    'respond-async, wait=1',
    'wait',
    'wait=1;x="',
    'return=minimal',
    ',,,',
  ],
  range: [
    ...[
      'bytes=0-0',
      'bytes=0-',
      'bytes=-1',
      'bytes=-0',
      'bytes=5-1',
      'bytes=0-0,2-3',
      'bytes=0-99999999999999999999',
      'bytes=99999-',
    ],
    ...[
      'bytes=',
      'bytes',
      'items=0-1',
      'bytes=a-b',
      'bytes=--1',
      'bytes= 0 - 1 ',
      `bytes=${'0-0,'.repeat(500)}`,
      'BYTES=0-1',
    ],
  ],
  'if-range': ['"x"', 'W/"x"', 'Wed, 21 Oct 2015 07:28:00 GMT', '', '*'],
  'if-none-match': [
    '*',
    '"x"',
    'W/"x"',
    '"',
    '"x", "y"',
    ',',
    '',
    `"${'a'.repeat(3000)}"`,
    '"a"'.repeat(300),
  ],
  'if-modified-since': ['Wed, 21 Oct 2015 07:28:00 GMT', 'never', '99999999999'],
  'last-event-id': ['0', '', '\0', 'x'.repeat(500), '1-completed', '9'.repeat(40), '%00', 'é'],
  accept: ['application/xml', '*/*;q=2', '', 'image/*', ',', 'a'.repeat(2000), 'application/json;q=0'],
  'accept-encoding': ['gzip', 'br, gzip;q=0', 'identity;q=0', '*'],
  'accept-version': ['1.0.0', '*', 'x'],
  'content-encoding': ['gzip', 'br', 'identity', 'x'],
  'x-forwarded-for': [
    '1.2.3.4',
    '::1',
    'x',
    '127.0.0.1, 127.0.0.1',
    ','.repeat(500),
    '1.2.3.4:99',
    '[::1]:2',
    "' OR 1=1 --",
  ],
  'x-forwarded-proto': ['https', 'javascript', ''],
  'x-forwarded-host': ['evil.example', 'a b', '<x>'],
  'x-forwarded-prefix': ['/x', '//evil.example'],
  forwarded: ['for=1.2.3.4;proto=https', 'for="[::1]"', ';;;'],
  'x-real-ip': ['1.2.3.4', 'x'],
  origin: ['null', 'http://evil.example', 'http://127.0.0.1', 'x', '', 'http://'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'none', 'x'],
  referer: ['http://evil.example/', 'x'],
  'x-request-id': ['a-request-id', '', 'x'.repeat(65), '../..', '{"a":1}', 'é'],
  traceparent: [
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-0-0-0',
    'x',
    `ff-${'f'.repeat(32)}-${'f'.repeat(16)}-ff`,
  ],
  tracestate: ['a=b', '='.repeat(600)],
  'x-http-method-override': ['DELETE', 'x'],
  'user-agent': ['', "' OR 1=1 --", 'x'.repeat(3000), '\u0024{jndi:ldap://127.0.0.1/x}'],
  cookie: [
    'a=b',
    ';;;',
    '=',
    'tintype=',
    'tintype=%',
    '__Host-tintype=x; __Host-tintype=y',
    'x'.repeat(4000),
    '__proto__=x',
    'tintype="',
  ],
  host: ['evil.example', '127.0.0.1:0', '[::1]', 'a@b'],
  te: ['trailers'],
  via: ['1.1 a'],
  pragma: ['no-cache'],
  __proto__x: ['x'],
  constructor: ['x'],
};

/** Those the operation names, with values that may be right. */
export function declaredHeaders({
  document,
  operation,
}: {
  document: Document;
  operation: Operation;
}): Arbitrary<Header[]> {
  const declared = operation.parameters.filter((one) => one.in === 'header');
  const headers = declared.map(({ name, schema, required }) => {
    const value = BY_NAME[name.toLowerCase()] ?? right(lawful(schema, { document, operation, name }), name);
    const header = value.map((text): Header => [name, oneLine(text)]);
    return required ? header : fc.option(header, { nil: undefined, freq: 2 });
  });
  return fc.tuple(...headers).map((all) => all.filter((header) => header !== undefined));
}

/** The key of another request now and then, but not all the time. */
const BY_NAME: Record<string, Arbitrary<string>> = {
  'idempotency-key': fc.oneof(
    fc.noBias(fc.nat(300)).map((number) => `again-${number}`),
    fc.noBias(fc.uuid()),
  ),
};

function right(made: Arbitrary<unknown>, name: string): Arbitrary<string> {
  const known = (VALUES[name.toLowerCase()] ?? []).slice(0, 4);
  const texts = made.map((value) => toTexts(value).join());
  return known.length === 0 ? texts : fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...known) }, texts);
}

/** Any others, and any values. */
export function strangeHeaders({ parameters }: Operation): Arbitrary<Header[]> {
  const declared = parameters.filter((one) => one.in === 'header').map(({ name }) => name);
  const names = [...Object.keys(VALUES), ...declared, ...declared, ...declared];
  const header = fc.constantFrom(...names).chain((name) =>
    fc
      .oneof(
        { weight: 3, arbitrary: fc.constantFrom(...(VALUES[name.toLowerCase()] ?? ['x'])) },
        fc.constantFrom(...HOSTILE_TEXTS),
        fc.constantFrom(100, 1000, 9000).map((count) => 'y'.repeat(count)),
      )
      .map((value): Header => [name, value]),
  );
  return fc.oneof(
    { weight: 5, arbitrary: fc.array(header, { minLength: 1, maxLength: 3 }) },
    header.map((one) => [one, one]),
    fc
      .constantFrom(20, 120, 1500)
      .map((count) => Array.from({ length: count }, (_, at): Header => [`x-${at}`, 'y'])),
  );
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ').trim();
}
