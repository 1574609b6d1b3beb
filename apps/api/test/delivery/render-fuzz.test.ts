// Whatever stands in the query of a render, it is answered with a picture or told what is wrong: never 5xx.
import { Transform } from '@tintype/core';
import fc from 'fast-check';
import t from 'tap';
import { startApi } from '../app.ts';
import { accept, call, problem } from '../client.ts';
import { startMaker } from '../maker.ts';

const api = await startApi({ env: { RENDER_WAIT_MS: '60000', MAX_DERIVATIVES_PER_IMAGE: '100000' } });
await startMaker(api, { failAs: 'NOT_RENDERABLE' });
const { links } = await accept(api);

const names = [
  ...Object.keys(Transform.properties),
  'expires',
  'key',
  'signature',
  '__proto__',
  'toString',
  '',
];
const numbers = fc.oneof(fc.integer(), fc.double(), fc.bigInt()).map(String);
const words = fc.constantFrom(
  'auto',
  'webp',
  'cover',
  'contain',
  'attention',
  'both',
  'true',
  'false',
  '#fff',
  'null',
  '',
);
const value = fc.oneof(
  words,
  numbers,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const pairs = fc.array(
  fc.tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
    value,
  ),
  { maxLength: 6 },
);
/** Percent-encoded, and as it comes. */
const query = fc.oneof(
  pairs.map((all) => all.map((pair) => pair.map(encode).join('=')).join('&')),
  fc.stringMatching(/^[!-"$-~]{0,80}$/),
);

/** Halves of surrogate pairs have no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));
}

t.test('a query is answered well, or told what is wrong with it', async (t) => {
  const statuses = new Set<number>();
  const unwell: string[] = [];
  await fc.assert(
    fc.asyncProperty(query, async (written) => {
      const answer = await call(api, `${links.image}/render?${written}`);
      statuses.add(answer.status);
      if (answer.status >= 500) unwell.push(`${written}: ${answer.status}`);
      const isOfParameters = answer.status === 400 && problem(answer).code === 'INVALID_REQUEST';
      if (isOfParameters && (problem(answer).errors?.length ?? 0) === 0)
        unwell.push(`${written}: names nothing`);
    }),
    { numRuns: 400, seed: 1839 },
  );
  t.same(unwell, []);
  for (const status of [400, 403, 422]) t.ok(statuses.has(status), `some are answered ${status}`);
});

const SOME = { ...Object.fromEntries(Object.keys(Transform.properties).map((name) => [name, value])) };

t.test('wishes for signed addresses, too', async (t) => {
  const statuses = new Set<number>();
  const unwell: string[] = [];
  const wish = fc.record({ ...SOME, nonsense: fc.anything() }, { requiredKeys: [] });
  const nearlyRight = fc.record(
    { width: fc.integer({ min: -2, max: 17_000 }), blur: fc.double(), grayscale: fc.boolean() },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.record({ expiresInSeconds: fc.constant(60), transform: wish }),
    fc.record({ expiresInSeconds: fc.constant(60), transform: nearlyRight }),
    fc.json().map((text) => JSON.parse(text)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (wanted) => {
      const headers = { 'content-type': 'application/json' };
      const text = JSON.stringify(wanted) ?? 'null';
      const answer = await call(api, `${links.image}/signed-urls`, { method: 'POST', headers, body: text });
      statuses.add(answer.status);
      if (answer.status >= 500) unwell.push(`${text}: ${answer.status}`);
    }),
    { numRuns: 200, seed: 1839 },
  );
  t.same(unwell, []);
  for (const status of [201, 400]) t.ok(statuses.has(status), `some are answered ${status}`);
});
