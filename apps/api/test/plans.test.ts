import t from 'tap';
import type { Plan } from '../src/schemas/plan.ts';
import { addKey, startApi } from './app.ts';
import { call, postJson, problem } from './client.ts';
import { administrator, ask, ROOMY, register, said } from './people.ts';

const INVALID = '400 INVALID_REQUEST';
const api = await startApi({ env: { ...ROOMY, DEFAULT_PLAN: 'pro', KEY_CACHE_MS: '60000' } });
const admin = await administrator(api);
await api.rows(`UPDATE tenants SET plan = 'unlimited' WHERE id = $1`, [admin.tenantId]);
const NONE = {
  ...{ requestsPerSecond: null, requestsPerDay: null, storedBytes: null },
  ...{ uploadBytes: null, concurrentJobs: null },
};
const put = (name: string, body: object) => ask(api, admin.cookie, 'PUT', `/v1/plans/${name}`, body);
const remove = (name: string) => ask(api, admin.cookie, 'DELETE', `/v1/plans/${name}`);
const list = async (key = api.key) => (await call(api, '/plans', { key })).json<{ items: Plan[] }>().items;

t.test('there are some from the beginning', async (t) => {
  t.match(await list(), [
    { name: 'free', requestsPerSecond: 10, requestsPerDay: 10_000, storedBytes: 1_000_000_000 },
    { name: 'pro' },
    { name: 'unlimited', ...NONE },
  ]);
  t.equal(said(await call(api, '/v1/plans', { key: null })), '401 UNAUTHENTICATED');
});

t.test('made, changed as a whole, deleted', async (t) => {
  const gold = {
    ...NONE,
    description: 'For friends.',
    requestsPerSecond: 5,
    storedBytes: 9_007_199_254_740_991,
  };
  const made = await put('gold-2', gold);
  t.equal(made.status, 200);
  t.match(made.json(), { name: 'gold-2', ...gold, updatedAt: String });
  t.match((await put('gold-2', { ...NONE, concurrentJobs: 0 })).json(), {
    ...NONE,
    ...{ name: 'gold-2', description: '', concurrentJobs: 0 },
  });
  t.equal((await list()).length, 4);
  t.equal((await remove('gold-2')).status, 204);
  t.equal(said(await remove('gold-2')), '404 PLAN_NOT_FOUND');
  t.equal((await list()).length, 3);
});

t.test('what is refused', async (t) => {
  const { storedBytes: _missing, ...tooFew } = NONE;
  const table: [what: string, name: string, body: object][] = [
    ['nothing', 'a', {}],
    ['a limit that is not named', 'a', tooFew],
    ['more', 'a', { ...NONE, price: 1 }],
    ['none a second', 'a', { ...NONE, requestsPerSecond: 0 }],
    ['less than nothing', 'a', { ...NONE, storedBytes: -1 }],
    ['too much for a number', 'a', { ...NONE, requestsPerSecond: 2_147_483_648 }],
    ['too much to be exact', 'a', { ...NONE, storedBytes: 9_007_199_254_740_992 }],
    ['a half', 'a', { ...NONE, concurrentJobs: 0.5 }],
    ['a word', 'a', { ...NONE, concurrentJobs: 'many' }],
    ['a NUL', 'a', { ...NONE, description: '\u0000' }],
    ['capitals', 'Gold', NONE],
    ['a digit first', '1st', NONE],
    ['a long name', 'x'.repeat(41), NONE],
    ['a strange name', '%00', NONE],
  ];
  for (const [what, name, body] of table) t.equal(said(await put(name, body)), INVALID, what);
  t.equal((await list()).length, 3);
  const person = await register(api);
  t.equal(said(await ask(api, person.cookie, 'PUT', '/v1/plans/a', NONE)), '403 FORBIDDEN');
  t.equal(said(await ask(api, person.cookie, 'DELETE', '/v1/plans/free')), '403 FORBIDDEN');
  t.equal(said(await postJson(api, '/v1/plans/a', NONE, { method: 'PUT' })), '403 FORBIDDEN', 'by key');
});

t.test('one that is in use stays', async (t) => {
  for (const name of ['tenants', 'keys', 'nobodys']) t.equal((await put(name, NONE)).status, 200);
  const person = await register(api);
  await ask(api, admin.cookie, 'PATCH', `/v1/users/${person.id}`, { plan: 'tenants' });
  await ask(api, person.cookie, 'POST', '/v1/api-keys', { name: 'x', plan: 'keys' });
  const table: [name: string, said: string][] = [
    ['tenants', '409 PLAN_IN_USE'],
    ['keys', '409 PLAN_IN_USE'],
    ['pro', '409 PLAN_IN_USE'],
    ['unlimited', '409 PLAN_IN_USE'],
    ['nobodys', '204'],
    ['free', '204'],
  ];
  for (const [name, expected] of table) t.equal(said(await remove(name)), expected, name);
  t.match(problem(await remove('pro')), { detail: 'Those who register are put on this plan.' });
});

t.test('a new limit holds from now on', async (t) => {
  const tenantId = crypto.randomUUID();
  const key = await addKey(api.rows, { tenantId });
  await put('slow', NONE);
  await api.rows(`UPDATE tenants SET plan = 'slow' WHERE id = $1`, [tenantId]);
  t.equal((await call(api, '/v1/jobs', { key })).status, 200);
  await put('slow', { ...NONE, requestsPerDay: 1 });
  const answers = [await call(api, '/v1/jobs', { key }), await call(api, '/v1/jobs', { key })];
  t.same(answers.at(-1)?.status, 429, 'however long the key was to be believed');
});
