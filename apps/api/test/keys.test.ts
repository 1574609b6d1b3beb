import t from 'tap';
import type { Static } from 'typebox';
import type { Me as MeSchema } from '../src/schemas/user.ts';
import { addKey, NO_TRACES, startApi } from './app.ts';
import { accept, call, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { ROOMY, register, said } from './people.ts';

type Me = Static<typeof MeSchema>;

const api = await startApi({ env: ROOMY });
const { rows, tenantId, key } = api;
const revoked = await addKey(rows, { tenantId, alter: 'revoked_at = now()' });
const expired = await addKey(rows, { tenantId, alter: `expires_at = now() - interval '1 second'` });
const unexpired = await addKey(rows, { tenantId, alter: `expires_at = now() + interval '1 hour'` });
const removed = await addKey(rows, { tenantId });
await rows('DELETE FROM api_keys WHERE id = $1', [removed.split('_')[1]]);
const last = key.at(-1) === 'a' ? 'b' : 'a';

t.test('keys that do not work', async (t) => {
  const table: [what: string, headers: Record<string, string>][] = [
    ['no key', {}],
    ['an empty key', { 'x-api-key': '' }],
    ['nonsense', { 'x-api-key': 'nonsense' }],
    ['nonsense as bearer', { authorization: 'Bearer nonsense' }],
    ['another scheme', { authorization: `Basic ${key}` }],
    ['no scheme', { authorization: key }],
    ['a typing error', { 'x-api-key': `${key.slice(0, -1)}${last}` }],
    ['the secret of another key', { 'x-api-key': `${key.slice(0, 16)}${unexpired.slice(16)}` }],
    ['an unknown key', { 'x-api-key': removed }],
    ['a revoked key', { 'x-api-key': revoked }],
    ['a revoked key as bearer', { authorization: `Bearer ${revoked}` }],
    ['an expired key', { 'x-api-key': expired }],
    ['SQL', { 'x-api-key': "' OR 1=1 --" }],
    ['two keys behind one another', { authorization: `Bearer ${key} ${key}` }],
    ['two keys', { 'x-api-key': `${key}, ${key}` }],
  ];
  for (const [what, headers] of table) {
    for (const answer of [
      await call(api, '/v1/jobs', { key: null, headers }),
      await upload(api, undefined, { key: null, headers }),
    ]) {
      t.equal(answer.status, 401, what);
      t.equal(problem(answer).code, 'UNAUTHENTICATED');
      t.match(answer.headers['www-authenticate'], /^Bearer /);
      t.notOk(answer.body.includes(key.slice(16)), 'the answer repeats no secret');
    }
  }
  t.same(await api.traces(), NO_TRACES);
});

t.test('what is shown first counts, however wrong it is', async (t) => {
  const { cookie } = await register(api);
  const table: [headers: Record<string, string>, status: number][] = [
    [{ cookie }, 200],
    [{ cookie, 'x-api-key': '' }, 401],
    [{ cookie, authorization: 'Bearer' }, 401],
    [{ cookie, authorization: 'Bearer two words' }, 401],
    [{ cookie, authorization: `Bearer ${revoked}` }, 401],
    [{ cookie, authorization: 'Bearer nonsense', 'x-api-key': key }, 200],
    [{ cookie, authorization: 'Digest of a proxy' }, 200],
  ];
  for (const [headers, status] of table) {
    const answer = await call(api, '/v1/users/me', { key: null, headers });
    t.equal(answer.status, status, JSON.stringify(Object.keys(headers)));
  }
});

t.test('keys that work', async (t) => {
  for (const headers of [
    { 'x-api-key': key },
    { authorization: `Bearer ${key}` },
    { authorization: `bearer   ${key}` },
    { 'x-api-key': unexpired },
  ]) {
    t.equal((await call(api, '/v1/jobs', { key: null, headers })).status, 200);
  }
  const lastUsed = () => rows('SELECT 1 FROM api_keys WHERE last_used_at IS NOT NULL');
  t.equal((await eventually(lastUsed, ({ length }) => length === 2)).length, 2, 'their last use is noted');
});

t.test('everything but the operations and the way in wants to know who asks', async (t) => {
  const { paths } = api.app.swagger() as { paths: Record<string, Record<string, unknown>> };
  const open = ['/healthz', '/readyz', '/metrics'];
  const waysIn = ['post /v1/users', 'post /v1/sessions'];
  for (const [pattern, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations)) {
      if (waysIn.includes(`${method} ${pattern}`)) continue;
      const path = pattern.replace(/\{\w+\}/g, crypto.randomUUID());
      const options = { method: method.toUpperCase() as 'GET', key: null };
      const { status } = await call(api, path, options);
      t.equal(status, open.includes(pattern) ? 200 : 401, `${method} ${pattern}`);
    }
  }
});

t.test('which of several credentials counts', async (t) => {
  const person = await register(api);
  const table: [what: string, headers: Record<string, string>, said: string, who: string | null][] = [
    ['a key and a session', { 'x-api-key': key, cookie: person.cookie }, '200', tenantId],
    [
      'a bearer key and a session',
      { authorization: `Bearer ${key}`, cookie: person.cookie },
      '200',
      tenantId,
    ],
    ['two keys', { 'x-api-key': key, authorization: `Bearer ${revoked}` }, '200', tenantId],
    [
      'the first is wrong',
      { 'x-api-key': revoked, authorization: `Bearer ${key}` },
      '401 UNAUTHENTICATED',
      null,
    ],
    ['a wrong key and a session', { 'x-api-key': '', cookie: person.cookie }, '401 UNAUTHENTICATED', null],
    [
      'a wrong bearer and a session',
      { authorization: 'Bearer x', cookie: person.cookie },
      '401 UNAUTHENTICATED',
      null,
    ],
    [
      'a scheme of somebody else and a session',
      { authorization: 'Basic eDp5', cookie: person.cookie },
      '200',
      person.tenantId,
    ],
    ['a session among other cookies', { cookie: `a=b; ${person.cookie}; c=d` }, '200', person.tenantId],
    [
      'a session under another name',
      { cookie: person.cookie.replace('__Host-', '') },
      '401 UNAUTHENTICATED',
      null,
    ],
    ['a session that is none', { cookie: '__Host-tintype=' }, '401 UNAUTHENTICATED', null],
    ['a digest as a session', { cookie: `__Host-tintype=${'A'.repeat(43)}` }, '401 UNAUTHENTICATED', null],
  ];
  for (const [what, headers, expected, who] of table) {
    const answer = await call(api, '/v1/users/me', { key: null, headers });
    t.equal(said(answer), expected, what);
    t.equal(answer.json<Me>().tenantId ?? null, who, what);
  }
});

t.test('scopes', async (t) => {
  const withScopes = (scopes: string) => addKey(rows, { tenantId, alter: `scopes = '{${scopes}}'` });
  const job = await accept(api);
  const table: [method: 'GET' | 'DELETE' | 'POST', path: string, scope: string][] = [
    ['GET', '/v1/jobs', 'images:read'],
    ['DELETE', `/v1/jobs/${crypto.randomUUID()}`, 'jobs:write'],
    ['DELETE', `/v1/images/${crypto.randomUUID()}`, 'images:write'],
    ['GET', '/v1/webhook-endpoints', 'webhooks'],
    ['GET', '/v1/users', 'admin'],
  ];
  for (const [method, path, scope] of table) {
    for (const has of ['images:read', 'images:write', 'jobs:write', 'webhooks', 'admin', '']) {
      const answer = await call(api, path, { method, key: await withScopes(has) });
      const isAllowed = has === scope || has === 'admin';
      t.equal(answer.status === 403, !isAllowed, `${has}: ${method} ${path}`);
      if (!isAllowed) t.match(problem(answer), { code: 'FORBIDDEN', detail: `"${scope}"` });
    }
  }
  const { keyId, scopes, user } = (await call(api, '/v1/users/me')).json<Me>();
  t.same(
    { keyId, scopes, user },
    {
      keyId: key.split('_')[1],
      scopes: ['jobs:write', 'images:read', 'images:write', 'webhooks'],
      user: null,
    },
  );
  await call(api, job.links.self, { method: 'DELETE' });
  await call(api, job.links.image, { method: 'DELETE' });
});

t.test('a key is believed for a while, and no longer', async (t) => {
  const patient = await startApi({ env: { KEY_CACHE_MS: '60000' } });
  const keyId = patient.key.split('_')[1];
  t.equal((await call(patient, '/v1/jobs')).status, 200);
  await patient.rows('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [keyId]);
  t.equal((await call(patient, '/v1/jobs')).status, 200, 'believed');
  const tampered = `${patient.key.slice(0, 16)}${key.slice(16)}`;
  t.equal((await call(patient, '/v1/jobs', { key: tampered })).status, 401, 'only with its own secret');
  t.equal((await call(patient, '/v1/jobs')).status, 200, 'and nobody else’s mistake matters');

  const hasty = await startApi({ env: { KEY_CACHE_MS: '100' } });
  t.equal((await call(hasty, '/v1/jobs')).status, 200);
  await hasty.rows('UPDATE api_keys SET revoked_at = now()');
  const status = async () => (await call(hasty, '/v1/jobs')).status;
  t.equal(await eventually(status, (seen) => seen === 401), 401, 'and then no more');
});

t.test('a key that expires while it is believed', async (t) => {
  const patient = await startApi({ env: { KEY_CACHE_MS: '60000' } });
  await patient.rows(`UPDATE api_keys SET expires_at = now() + interval '2 seconds'`);
  t.equal((await call(patient, '/v1/jobs')).status, 200);
  const status = async () => (await call(patient, '/v1/jobs')).status;
  t.equal(await eventually(status, (seen) => seen === 401), 401);
});

t.test('many requests at once with one key are one question', async (t) => {
  let asked = 0;
  const patient = await startApi({
    env: { KEY_CACHE_MS: '60000' },
    swap: ({ db }) => ({
      db: {
        ...db,
        principals: {
          ...db.principals,
          ofKey: (id) => {
            asked += 1;
            return db.principals.ofKey(id);
          },
        },
      },
    }),
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(patient, '/v1/plans')));
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]));
  t.equal(asked, 1);
  await call(patient, '/v1/plans', { key: revoked });
  await call(patient, '/v1/plans', { key: revoked });
  t.equal(asked, 3, 'what is wrong is not remembered');
});

t.test('a suspended tenant', async (t) => {
  const tenant = crypto.randomUUID();
  const suspended = await addKey(rows, { tenantId: tenant });
  t.equal((await call(api, '/v1/jobs', { key: suspended })).status, 200);
  await rows('UPDATE tenants SET suspended_at = now() WHERE id = $1', [tenant]);
  for (const path of ['/v1/jobs', '/v1/users/me', '/v1/users', '/v1/plans'])
    t.equal(said(await call(api, path, { key: suspended })), '403 ACCOUNT_SUSPENDED', path);
  t.equal(said(await upload(api, undefined, { key: suspended })), '403 ACCOUNT_SUSPENDED');
  await rows('UPDATE tenants SET suspended_at = NULL, deleted_at = now() WHERE id = $1', [tenant]);
  t.equal(said(await call(api, '/v1/jobs', { key: suspended })), '401 UNAUTHENTICATED', 'being deleted');
});

t.test('tenants do not see each other', async (t) => {
  const other = await addKey(rows, { tenantId: crypto.randomUUID() });
  const job = await accept(api);
  const paths = [
    job.links.self,
    job.links.image,
    `${job.links.image}/metadata`,
    `${job.links.image}/original`,
  ];
  for (const path of paths) {
    const answer = await call(api, path, { key: other });
    t.equal(answer.status, 404, path);
    t.match(problem(answer).code, /^(JOB|IMAGE)_NOT_FOUND$/);
    t.equal((await call(api, path, { key: other, method: 'HEAD' })).status, 404);
  }
  const waiting = await call(api, `${job.links.self}?wait=60`, { key: other });
  t.equal(waiting.status, 404, 'nor wait for each other');
  t.same((await call(api, '/v1/jobs', { key: other })).json<{ items: object[] }>().items, []);
  t.equal((await call(api, '/v1/jobs')).json<{ items: object[] }>().items.length, 1);
});
