import t from 'tap';
import type { ApiKey, ApiKeyWithSecret } from '../src/schemas/api-key.ts';
import { startApi } from './app.ts';
import { call, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { administrator, ask, ROOMY, register, said } from './people.ts';

const INVALID = '400 INVALID_REQUEST';
const KEY = /^tt_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/;
const MINE = ['jobs:write', 'images:read', 'images:write', 'webhooks'];
const api = await startApi({ env: { ...ROOMY, KEY_CACHE_MS: '60000', MAX_API_KEYS: '5' } });
const second = await startApi({
  env: { ...ROOMY, KEY_CACHE_MS: '500' },
  databaseUrl: async () => api.config.databaseUrl,
});

const create = async (cookie: string, body: object = { name: 'web' }): Promise<ApiKeyWithSecret> => {
  const answer = await ask(api, cookie, 'POST', '/v1/api-keys', body);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json();
};
const list = async (cookie: string) =>
  (await ask(api, cookie, 'GET', '/v1/api-keys')).json<{ items: ApiKey[] }>().items;
const statusOf = async (key: string, by = api) => (await call(by, '/v1/jobs', { key })).status;
const soon = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

t.test('made, used, shown, revoked', async (t) => {
  const { cookie } = await register(api);
  const answer = await ask(api, cookie, 'POST', '/api-keys', { name: 'the shop’s server' });
  t.equal(answer.status, 201);
  t.equal(answer.headers['cache-control'], 'no-store');
  const { key, ...made } = answer.json<ApiKeyWithSecret>();
  t.match(key, KEY);
  t.equal(key.split('_')[1], made.id);
  t.equal(answer.headers.location, made.links.self);
  t.match(made, {
    ...{ name: 'the shop’s server', scopes: MINE, plan: null, status: 'live' },
    ...{ expiresAt: null, revokedAt: null, lastUsedAt: null },
  });
  t.same((await ask(api, cookie, 'GET', made.links.self)).json(), made, 'the key is shown once');
  t.same(await list(cookie), [made]);

  t.equal(await statusOf(key), 200);
  const used = async () => (await ask(api, cookie, 'GET', made.links.self)).json<ApiKey>().lastUsedAt;
  t.ok(await eventually(used, (at) => at !== null), 'its last use is noted');

  t.equal((await ask(api, cookie, 'DELETE', made.links.self)).status, 204);
  t.equal(await statusOf(key), 401, 'in this moment, however long it was to be believed');
  t.match(await list(cookie), [{ id: made.id, status: 'revoked', revokedAt: String }]);
  t.equal(said(await ask(api, cookie, 'DELETE', made.links.self)), '404 API_KEY_NOT_FOUND', 'once');
});

t.test('of his own choice', async (t) => {
  const { cookie } = await register(api);
  const expiresAt = soon(30);
  const { key, ...made } = await create(cookie, {
    name: 'x',
    scopes: ['images:read'],
    plan: 'free',
    expiresAt,
  });
  t.match(made, { scopes: ['images:read'], plan: 'free', expiresAt });
  t.equal(await statusOf(key), 200);
  t.equal(said(await call(api, '/v1/webhook-endpoints', { key })), '403 FORBIDDEN');
});

t.test('what is refused', async (t) => {
  const { cookie } = await register(api);
  const name = 'x';
  const table: [what: string, body: unknown, said: string][] = [
    ['nothing', {}, INVALID],
    ['no body', undefined, INVALID],
    ['an empty name', { name: '' }, INVALID],
    ['a long name', { name: 'x'.repeat(101) }, INVALID],
    ['a NUL', { name: 'a\u0000' }, INVALID],
    ['no scope', { name, scopes: [] }, INVALID],
    ['an unknown scope', { name, scopes: ['images:everything'] }, INVALID],
    ['a scope twice', { name, scopes: ['webhooks', 'webhooks'] }, INVALID],
    ['the right to operate', { name, scopes: ['admin'] }, '403 FORBIDDEN'],
    ['the right to operate among others', { name, scopes: [...MINE, 'admin'] }, '403 FORBIDDEN'],
    ['an unknown plan', { name, plan: 'gold' }, INVALID],
    ['the past', { name, expiresAt: soon(-1) }, INVALID],
    ['no time', { name, expiresAt: 'tomorrow' }, INVALID],
    ['the year 0', { name, expiresAt: '0000-01-01T00:00:00Z' }, INVALID],
    ['a leap second', { name, expiresAt: '2030-06-30T23:59:60Z' }, INVALID],
    ['a key of his own', { name, key: 'mine' }, INVALID],
  ];
  for (const [what, body, expected] of table)
    t.equal(said(await ask(api, cookie, 'POST', '/v1/api-keys', body)), expected, what);
  t.match(problem(await ask(api, cookie, 'POST', '/v1/api-keys', { name, plan: 'gold' })), {
    errors: [{ pointer: '/plan' }],
  });
  t.same(await list(cookie), []);
  t.equal(said(await call(api, '/v1/api-keys')), '403 PERSON_REQUIRED', 'a key makes no keys');
  t.equal(said(await call(api, '/v1/api-keys', { key: null })), '401 UNAUTHENTICATED');
});

t.test('keys of administrators', async (t) => {
  const { cookie } = await administrator(api);
  const { key } = await create(cookie, { name: 'x', scopes: ['admin'] });
  t.equal((await call(api, '/v1/users', { key })).status, 200);
  t.equal(await statusOf(key), 200, 'and everything else besides');
});

t.test('no more than so many live ones', async (t) => {
  const { cookie } = await register(api);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask(api, cookie, 'POST', '/v1/api-keys', { name: 'x' })),
  );
  t.same(answers.map(({ status }) => status).sort(), [201, 201, 201, 201, 201, 409, 409, 409]);
  const refused = answers.find(({ status }) => status === 409);
  t.match(refused && problem(refused), { code: 'TOO_MANY_API_KEYS', detail: /^There are 5 / });
  const [one] = await list(cookie);
  await ask(api, cookie, 'DELETE', one?.links.self ?? '');
  await create(cookie);
});

t.test('replaced, and both work for a while', async (t) => {
  const { cookie } = await register(api);
  const about = { name: 'server', scopes: ['images:read'], plan: 'free', expiresAt: soon(90) };
  const { key: oldKey, ...old } = await create(cookie, about);
  t.equal(await statusOf(oldKey), 200);
  const answer = await ask(api, cookie, 'POST', `${old.links.self}/rotate`);
  t.equal(answer.status, 201);
  t.equal(answer.headers['cache-control'], 'no-store');
  const { key, ...next } = answer.json<ApiKeyWithSecret>();
  t.equal(answer.headers.location, next.links.self);
  t.match(next, about);
  t.not(next.id, old.id);
  for (const live of [oldKey, key]) t.equal(await statusOf(live), 200);
  const [, before] = await list(cookie);
  const hours = (Date.parse(before?.expiresAt ?? '') - Date.now()) / 3_600_000;
  t.ok(Math.abs(hours - 24) < 0.1, `${hours} hours`);
  t.equal(said(await ask(api, cookie, 'POST', `${old.links.self}/rotate`)), '404 API_KEY_NOT_FOUND', 'once');

  const table: [body: unknown, said: string][] = [
    [{ overlapSeconds: -1 }, INVALID],
    [{ overlapSeconds: 604_801 }, INVALID],
    [{ overlapSeconds: 1.5 }, INVALID],
    [{ overlapHours: 1 }, INVALID],
  ];
  for (const [body, expected] of table)
    t.equal(said(await ask(api, cookie, 'POST', `${next.links.self}/rotate`, body)), expected);

  const last = (
    await ask(api, cookie, 'POST', `${next.links.self}/rotate`, { overlapSeconds: 0 })
  ).json<ApiKeyWithSecret>();
  t.equal(await statusOf(key), 401, 'without an overlap the old one ends at once');
  t.equal(await statusOf(last.key), 200);
  await ask(api, cookie, 'DELETE', last.links.self);
  t.equal(
    said(await ask(api, cookie, 'POST', `${last.links.self}/rotate`)),
    '404 API_KEY_NOT_FOUND',
    'revoked',
  );
});

t.test('replaced again and again', async (t) => {
  const { cookie } = await register(api);
  let { links } = await create(cookie);
  const replace = (overlapSeconds: number) =>
    ask(api, cookie, 'POST', `${links.self}/rotate`, { overlapSeconds });
  for (let count = 0; count < 5; count += 1) links = (await replace(60)).json<ApiKeyWithSecret>().links;
  const refused = await replace(60);
  t.equal(said(refused), '409 TOO_MANY_API_KEYS', 'as many are left behind as there may be');
  t.match(problem(refused).detail, /^5 keys that were replaced work still/);
  t.equal((await replace(0)).status, 201, 'one that is not left behind');
});

t.test('another process learns that a key is revoked', async (t) => {
  const { cookie } = await register(api);
  const { key, links } = await create(cookie);
  for (const by of [api, second]) t.equal(await statusOf(key, by), 200);
  t.equal((await ask(api, cookie, 'DELETE', links.self)).status, 204);
  t.equal(await statusOf(key), 401, 'this one at once');
  const there = () => statusOf(key, second);
  t.equal(await eventually(there, (status) => status === 401), 401, 'the other as soon as it asks again');
});

t.test('people do not see each other’s', async (t) => {
  const [mine, other] = [await register(api), await administrator(api)];
  const { key, links } = await create(mine.cookie);
  const requests = [
    ['GET', links.self],
    ['DELETE', links.self],
    ['POST', `${links.self}/rotate`],
  ] as const;
  for (const [method, path] of requests) {
    for (const address of [path, path.replace(/[^/]{12}(?=$|\/rotate)/, '0'.repeat(12))]) {
      const answer = await ask(api, other.cookie, method, address);
      t.equal(said(answer), '404 API_KEY_NOT_FOUND', `${method} ${address}`);
    }
  }
  t.equal(said(await ask(api, mine.cookie, 'GET', '/v1/api-keys/nonsense')), INVALID);
  t.same(await list(other.cookie), []);
  t.equal(await statusOf(key), 200, 'untouched');
});

t.test('an Idempotency-Key keeps no secret', async (t) => {
  const { cookie } = await register(api);
  const headers = { cookie, 'content-type': 'application/json', 'idempotency-key': 'again' };
  const send = () => call(api, '/v1/api-keys', { method: 'POST', key: null, headers, body: '{"name": "x"}' });
  const [first, again] = [(await send()).json<ApiKeyWithSecret>(), (await send()).json<ApiKeyWithSecret>()];
  t.not(first.id, again.id);
  t.same(await api.rows('SELECT * FROM idempotency_keys'), []);
});
