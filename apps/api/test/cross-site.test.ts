import t from 'tap';
import { request } from 'undici';
import { addKey, startApi } from './app.ts';
import { call } from './client.ts';
import { logIn, ROOMY, register, said } from './people.ts';

const api = await startApi({ env: ROOMY });
const person = await register(api);
const own = `127.0.0.1:${api.port}`;
const admin = await addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{admin}'` });

const REFUSED = '403 CROSS_SITE_REQUEST';
const PLACES: [what: string, headers: Record<string, string>, isRefused: boolean][] = [
  ['no browser', {}, false],
  ['our own page', { 'sec-fetch-site': 'same-origin', origin: `http://${own}` }, false],
  ['the person himself', { 'sec-fetch-site': 'none' }, false],
  [
    'our own page behind a proxy that calls us otherwise',
    { 'sec-fetch-site': 'same-origin', origin: 'https://tintype.example' },
    false,
  ],
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, true],
  ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'https://user-pages.tintype.example' }, true],
  ['another site that hides its name', { 'sec-fetch-site': 'cross-site' }, true],
  ['our name without https', { 'sec-fetch-site': 'cross-site', origin: `http://${own}` }, true],
  ['nonsense', { 'sec-fetch-site': 'x' }, true],
  ['an old browser on our own page', { origin: `http://${own}` }, false],
  ['an old browser on our own page, by https', { origin: `https://${own}` }, false],
  ['an old browser elsewhere', { origin: 'https://evil.example' }, true],
  ['an old browser on another port', { origin: 'http://127.0.0.1:1' }, true],
  ['an old browser on a name that begins like ours', { origin: `http://${own}.evil.example` }, true],
  ['a page without an origin', { origin: 'null' }, true],
  ['an origin that is none', { origin: 'x' }, true],
  ['an empty origin', { origin: '' }, true],
];
const JSON_BODY = { 'content-type': 'application/json' };

for (const [what, place, isRefused] of PLACES) {
  t.test(`${what}: ${isRefused ? 'refused' : 'allowed'}`, async (t) => {
    const expected = (otherwise: string) => (isRefused ? REFUSED : otherwise);
    const asPerson = { key: null, headers: { cookie: person.cookie, ...place } };
    const change = await call(api, '/v1/users/me', {
      ...asPerson,
      method: 'PATCH',
      headers: { ...asPerson.headers, ...JSON_BODY },
      body: '{"name": "Ada"}',
    });
    t.equal(said(change), expected('200'), 'a change by a session');
    const login = await logIn(api, person, place);
    t.equal(said(login), expected('201'), 'a login');
    const registration = await call(api, '/v1/users', {
      ...{ method: 'POST', key: null, body: '{}' },
      headers: { ...place, ...JSON_BODY },
    });
    t.equal(said(registration), expected('400 INVALID_REQUEST'), 'a registration');

    t.equal((await call(api, '/v1/jobs', asPerson)).status, 200, 'reading is not forbidden');
    const missing = `/v1/jobs/${crypto.randomUUID()}`;
    for (const headers of [{ 'x-api-key': api.key }, { authorization: `Bearer ${api.key}` }]) {
      const answer = await call(api, missing, {
        ...{ method: 'DELETE', key: null },
        headers: { ...place, ...headers, cookie: person.cookie },
      });
      t.equal(said(answer), '404 JOB_NOT_FOUND', 'what no browser sends by itself is not at risk');
    }
  });
}

t.test('a password that the browser remembers is at risk as well', async (t) => {
  const authorization = `Basic ${Buffer.from(`x:${admin}`).toString('base64')}`;
  for (const [place, status] of [
    [{}, 405],
    [{ 'sec-fetch-site': 'same-origin' }, 405],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
  ] as const) {
    const answer = await request(`${api.origin}/admin/queues/api/queues/process-image/empty`, {
      method: 'PUT',
      headers: { authorization, ...place },
    });
    t.equal(answer.statusCode, status, JSON.stringify(place));
    await answer.body.dump();
  }
});

t.test('whoever is not let in is told that first', async (t) => {
  const answer = await call(api, '/v1/users/me', {
    ...{ method: 'PATCH', key: null, body: '{}' },
    headers: { ...JSON_BODY, 'sec-fetch-site': 'cross-site', cookie: `${person.cookie}x` },
  });
  t.equal(said(answer), '401 UNAUTHENTICATED');
});
