import t from 'tap';
import { addKey, NO_TRACES, startApi } from './app.ts';
import { accept, call, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';

const api = await startApi();
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

t.test('everything but the operations wants a key', async (t) => {
  const { paths } = api.app.swagger() as { paths: Record<string, Record<string, unknown>> };
  const open = ['/healthz', '/readyz', '/metrics'];
  for (const [pattern, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations)) {
      const path = pattern.replace(/\{\w+\}/g, crypto.randomUUID());
      const options = { method: method.toUpperCase() as 'GET', key: null };
      const { status } = await call(api, path, options);
      t.equal(status, open.includes(pattern) ? 200 : 401, `${method} ${pattern}`);
    }
  }
});

t.test('a key is believed for a while, and no longer', async (t) => {
  const patient = await startApi({ env: { KEY_CACHE_MS: '60000' } });
  const keyId = patient.key.split('_')[1];
  t.equal((await call(patient, '/v1/jobs')).status, 200);
  await patient.rows('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [keyId]);
  t.equal((await call(patient, '/v1/jobs')).status, 200, 'believed');
  const tampered = `${patient.key.slice(0, 16)}${key.slice(16)}`;
  t.equal((await call(patient, '/v1/jobs', { key: tampered })).status, 401, 'only with its own secret');
  t.equal((await call(patient, '/v1/jobs')).status, 401, 'a wrong secret makes it ask anew');

  const hasty = await startApi({ env: { KEY_CACHE_MS: '100' } });
  t.equal((await call(hasty, '/v1/jobs')).status, 200);
  await hasty.rows('UPDATE api_keys SET revoked_at = now()');
  const status = async () => (await call(hasty, '/v1/jobs')).status;
  t.equal(await eventually(status, (seen) => seen === 401), 401, 'and then no more');
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
