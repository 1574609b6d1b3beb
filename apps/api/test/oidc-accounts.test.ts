import { once } from 'node:events';
import t from 'tap';
import type { Static } from 'typebox';
import { readConfig } from '../src/config.ts';
import type { Me as MeSchema } from '../src/schemas/user.ts';
import { makeParts, startApi, type TestApi } from './app.ts';
import { call, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { CLIENT_ID, type Claims, startIssuer } from './issuer.ts';
import { ask, newAddress, register, said } from './people.ts';
import { startProcess } from './process.ts';

type Me = Static<typeof MeSchema>;

const issuer = await startIssuer('/eu-west-1_Example');
const OIDC = {
  OIDC_ISSUER: issuer.url,
  OIDC_AUDIENCE: `somebody-else, ${CLIENT_ID}`,
  OIDC_ADMIN_GROUP: 'operators',
  OIDC_COOLDOWN_SECONDS: '0',
  DEFAULT_PLAN: 'pro',
  // The machine may be busy.
  OIDC_TIMEOUT_MS: '20000',
};
const api = await startApi({ env: OIDC });

const bearer = (token: string) => ({ key: null, headers: { authorization: `Bearer ${token}` } });
const me = async (token: string, of: TestApi = api) => {
  const answer = await call(of, '/v1/users/me', bearer(token));
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json<Me & { user: { id: string } }>();
};
const newSubject = (claims: Claims = {}) => ({ sub: crypto.randomUUID(), ...claims });

t.test('the first token makes an account, once', async (t) => {
  const claims = newSubject({ email: 'ada@example.com', name: 'Ada', 'cognito:groups': ['users'] });
  const tokens = await Promise.all(Array.from({ length: 10 }, (_, nth) => issuer.sign({ ...claims, nth })));
  const seen = await Promise.all(tokens.map((token) => me(token)));
  t.equal(new Set(seen.map(({ user }) => user.id)).size, 1, 'whoever comes first');
  t.equal(new Set(seen.map(({ tenantId }) => tenantId)).size, 1);
  t.match(seen[0], {
    credential: 'token',
    keyId: null,
    scopes: ['jobs:write', 'images:read', 'images:write', 'webhooks'],
    plan: 'pro',
    user: { email: 'ada@example.com', name: 'Ada', admin: false, hasPassword: false, issuer: issuer.url },
  });
  const tenants = await api.rows('SELECT 1 FROM tenants WHERE id = $1', [seen[0]?.tenantId]);
  t.equal(tenants.length, 1);
  const nobodys = await api.rows(
    'SELECT 1 FROM tenants WHERE NOT EXISTS (SELECT FROM users WHERE tenant_id = tenants.id) AND id <> $1',
    [api.tenantId],
  );
  t.same(nobodys, [], 'and leaves no tenant of nobody behind');

  const access = await me(await issuer.sign({ ...claims, email: undefined, name: undefined }));
  t.match(
    access.user,
    { email: 'ada@example.com', name: 'Ada' },
    'a token that says less takes nothing away',
  );
  const renamed = await me(await issuer.sign({ ...claims, name: 'Ada L.' }));
  t.match(renamed.user, { id: access.user.id, name: 'Ada L.' });
});

t.test('people are known by issuer and subject alone', async (t) => {
  const person = await register(api, { email: newAddress() });
  const same = { email: person.email, email_verified: true };
  const first = await me(await issuer.sign(newSubject(same)));
  const second = await me(await issuer.sign(newSubject(same)));
  t.equal(new Set([person.id, first.user.id, second.user.id]).size, 3, 'never joined by address');
  t.equal(new Set([person.tenantId, first.tenantId, second.tenantId]).size, 3);
  t.match(first.user, { email: person.email, hasPassword: false });
  const again = (await ask(api, person.cookie, 'GET', '/v1/users/me')).json<Me>();
  t.match(again.user, { id: person.id, hasPassword: true, issuer: null }, 'who has a password keeps it');
  t.equal(said(await upload(api, undefined, bearer(await issuer.sign(newSubject(same))))), '202');
});

t.test('who operates the service does so as long as his token says so', async (t) => {
  const claims = newSubject();
  const users = async (groups: unknown) =>
    said(await call(api, '/v1/users', bearer(await issuer.sign({ ...claims, 'cognito:groups': groups }))));
  t.equal(await users(['operators']), '200');
  t.equal(await users(['users']), '403 FORBIDDEN');
  t.equal(await users('users, operators'), '200');
  t.equal(await users(undefined), '403 FORBIDDEN');
  const operator = await me(await issuer.sign({ ...claims, 'cognito:groups': ['operators'] }));
  t.ok(operator.scopes.includes('admin'));
  t.match(operator.user, { admin: false }, 'it is written down nowhere');
});

t.test('a person who is suspended', async (t) => {
  const claims = newSubject();
  const { user } = await me(await issuer.sign(claims));
  const operator = await issuer.sign(newSubject({ 'cognito:groups': ['operators'] }));
  const suspend = (suspended: boolean) =>
    call(api, `/v1/users/${user.id}`, {
      method: 'PATCH',
      key: null,
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ suspended }),
    });
  t.equal(said(await suspend(true)), '200');
  for (const groups of [[], ['operators']]) {
    const token = await issuer.sign({ ...claims, 'cognito:groups': groups });
    t.equal(said(await call(api, '/v1/users/me', bearer(token))), '403 ACCOUNT_SUSPENDED', String(groups));
  }
  t.equal(said(await suspend(false)), '200');
  t.equal((await me(await issuer.sign(claims))).user.id, user.id);
});

t.test('a person who deletes his account, and comes again', async (t) => {
  const token = await issuer.sign(newSubject());
  const before = await me(token);
  t.equal(said(await upload(api, undefined, bearer(token))), '202');
  const answer = await call(api, '/v1/users/me', {
    method: 'DELETE',
    key: null,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"confirm": "delete"}',
  });
  t.equal(said(answer), '204');
  const after = await me(token);
  t.not(after.user.id, before.user.id);
  t.not(after.tenantId, before.tenantId);
  const jobs = (await call(api, '/v1/jobs', bearer(token))).json<{ items: object[] }>();
  t.same(jobs.items, [], 'finds nothing of what was his');
});

t.test('tokens that are refused', async (t) => {
  const users = () => api.rows('SELECT 1 FROM users');
  const before = (await users()).length;
  const good = await issuer.sign(newSubject());
  const table: [what: string, token: string, detail: RegExp][] = [
    ['nonsense', 'nonsense', /^The token is none/],
    ['tampered with', `${good.slice(0, -8)}AAAAAAAA`, /^The token is not signed by its issuer/],
    ['expired', await issuer.sign(newSubject({ exp: 1 })), /^The token has expired/],
    ['of another issuer', await issuer.sign(newSubject({ iss: 'https://x.example' })), /of another issuer/],
    ['for others', await issuer.sign(newSubject({ aud: 'x' })), /^The token is meant for somebody else/],
    ['a key by its beginning', `tt_${good}`, /^Send a valid key/],
    ['a subject that can not be stored', await issuer.sign({ sub: 'a\u0000b' }), /^The token names nobody/],
  ];
  for (const [what, token, detail] of table) {
    for (const answer of [
      await call(api, '/v1/users/me', bearer(token)),
      await upload(api, undefined, bearer(token)),
    ]) {
      t.equal(answer.status, 401, what);
      t.match(problem(answer), { code: 'UNAUTHENTICATED', detail });
      t.match(answer.headers['www-authenticate'], /^Bearer /);
      t.notOk(answer.body.includes(token.slice(-40)), 'the answer repeats no token');
    }
  }
  t.equal((await users()).length, before, 'and make no accounts');
  const closed = await startApi();
  t.equal(
    said(await call(closed, '/v1/users/me', bearer(good))),
    '401 UNAUTHENTICATED',
    'without a provider',
  );
});

t.test('a token is believed for a while, and never beyond its end', async (t) => {
  const patient = await startApi({
    env: { ...OIDC, KEY_CACHE_MS: '60000', OIDC_CLOCK_TOLERANCE_SECONDS: '0' },
  });
  const exp = Math.floor(Date.now() / 1000) + 4;
  const token = await issuer.sign(newSubject({ exp }));
  const ask = () => call(patient, '/v1/users/me', bearer(token));
  const last = await eventually(ask, ({ status }) => status === 401);
  t.match(problem(last), { code: 'UNAUTHENTICATED', detail: 'The token has expired.' });
  t.ok(Date.now() / 1000 >= exp);
  const tampered = `${token.slice(0, -8)}AAAAAAAA`;
  t.equal((await call(patient, '/v1/users/me', bearer(tampered))).status, 401);
});

t.test('the way to the provider is cut', async (t) => {
  const own = await startIssuer();
  const person = await register(api);
  own.leave();
  const [known, unknown] = [await own.sign(), await own.sign(newSubject({ exp: 1 }))];
  const cut = await startApi({ env: { ...OIDC, OIDC_ISSUER: own.url, OIDC_COOLDOWN_SECONDS: '3600' } });
  const answer = await eventually(
    () => call(cut, '/v1/users/me', bearer(known)),
    ({ status }) => status === 503,
  );
  t.match(problem(answer), { code: 'IDENTITY_PROVIDER_UNAVAILABLE', detail: /identity provider/ });
  t.match(answer.headers['retry-after'], /^3[56]\d\d$/);
  t.notMatch(answer.body.toString(), /127\.0\.0\.1/, 'tells nothing of the inside');
  t.equal((await upload(cut, undefined, bearer(known))).status, 503);
  t.equal((await call(cut, '/v1/users/me', bearer(unknown))).status, 401, 'what needs no provider');
  t.equal((await call(cut, '/v1/users/me')).status, 200, 'keys work');
  t.equal((await call(cut, '/readyz')).status, 200);
  t.equal((await ask(api, person.cookie, 'GET', '/v1/users/me')).status, 200, 'sessions work');
});

t.test('keys of the provider change while the service runs', async (t) => {
  const own = await startIssuer();
  const running = await startApi({ env: { ...OIDC, OIDC_ISSUER: own.url } });
  const claims = newSubject();
  const { user } = await me(await own.sign(claims), running);
  const old = await own.sign(claims);
  await own.rotate('ES256');
  t.equal((await me(await own.sign(claims), running)).user.id, user.id);
  t.equal((await call(running, '/v1/users/me', bearer(old))).status, 401);
  own.leave();
  t.equal((await me(await own.sign(claims), running)).user.id, user.id, 'known keys outlive an outage');
});

t.test('the process as it is shipped', async (t) => {
  const parts = await makeParts();
  t.teardown(parts.remove);
  const { child, port, said } = await startProcess({
    ...parts.env,
    LOG_LEVEL: 'trace',
    ...OIDC,
    OIDC_ISSUER: 'http://127.0.0.1:1/none',
  });
  const answer = await fetch(`http://127.0.0.1:${port}/v1/users/me`, {
    headers: {
      authorization: `Bearer ${await issuer.sign({ iss: 'http://127.0.0.1:1/none', email: 'canary@x' })}`,
    },
  });
  t.equal(answer.status, 503, 'starts while the provider is away');
  const text = await eventually(said, (all) => /the keys of the OIDC provider/.test(all));
  t.match(text, /ECONNREFUSED/, 'and says why');
  t.notMatch(text, /canary|eyJ/, 'and nothing of the token');
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  t.same(await exit, [0, null]);
});

t.test('the whole environment', async (t) => {
  const env = { DATABASE_URL: 'postgres://h/d', QUEUE_URL: 'redis://h', OBJECT_STORE_URL: 'file:///x' };
  t.throws(() => readConfig({ ...env, OIDC_ISSUER: 'https://issuer.example' }), {
    name: 'ConfigError',
    message: /^OIDC_AUDIENCE is not set/,
  });
  t.match(readConfig(env), { oidcIssuer: '', oidcAudience: [], oidcAdminGroup: '' });
});
