import t from 'tap';
import type { User } from '../src/schemas/user.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, postJson, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { administrator, ask, logIn, newAddress, PASSWORD, ROOMY, register, said } from './people.ts';

const api = await startApi({ env: { ...ROOMY, KEY_CACHE_MS: '60000' } });
const INVALID = '400 INVALID_REQUEST';

t.test('registering', async (t) => {
  const email = `Ada.${crypto.randomUUID()}@Example.com`;
  const answer = await postJson(
    api,
    '/users',
    { email, password: PASSWORD, name: 'Ada Lovelace' },
    { key: null },
  );
  t.equal(answer.status, 201);
  t.equal(answer.headers.location, '/v1/users/me');
  const user = answer.json<User>();
  t.match(user, {
    ...{ email, name: 'Ada Lovelace', admin: false, plan: 'unlimited', suspendedAt: null },
    ...{ hasPassword: true, issuer: null, lastLoginAt: String },
  });
  const cookie = answer.headers['set-cookie']?.split(';')[0] ?? '';
  t.match((await ask(api, cookie, 'GET', '/v1/users/me')).json(), {
    ...{ user, tenantId: user.tenantId, credential: 'session', keyId: null, plan: 'unlimited' },
    scopes: ['jobs:write', 'images:read', 'images:write', 'webhooks'],
  });
  const [row] = await api.rows<{ password_hash: string }>('SELECT * FROM users WHERE id = $1', [user.id]);
  t.match(row?.password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  t.notOk(JSON.stringify(row).includes(PASSWORD));
  t.notMatch(answer.body.toString(), /argon2|horse/);

  for (const taken of [email, email.toLowerCase()]) {
    const again = await postJson(
      api,
      '/v1/users',
      { email: taken, password: 'another password' },
      { key: null },
    );
    t.equal(said(again), '409 EMAIL_TAKEN');
    t.equal(again.headers['set-cookie'], undefined);
  }
  t.equal((await logIn(api, { email, password: PASSWORD })).status, 201, 'and it stays his');
});

t.test('one address, many at once', async (t) => {
  const email = newAddress();
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => postJson(api, '/v1/users', { email, password: PASSWORD }, { key: null })),
  );
  t.same(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409]);
});

t.test('what is refused', async (t) => {
  const good = { email: newAddress(), password: PASSWORD };
  const table: [what: string, body: unknown][] = [
    ['nothing', {}],
    ['a list', []],
    ['no address', { password: PASSWORD }],
    ['no password', { email: good.email }],
    ['no sign', { ...good, email: 'example.com' }],
    ['two signs', { ...good, email: 'a@b@c' }],
    ['nothing before', { ...good, email: '@b' }],
    ['nothing behind', { ...good, email: 'a@' }],
    ['a space', { ...good, email: 'a b@c' }],
    ['a line', { ...good, email: 'a@b\r\nbcc: c@d' }],
    ['a NUL', { ...good, email: 'a\u0000@b' }],
    ['half a letter', { ...good, email: '\ud800@b' }],
    ['an invisible letter', { ...good, email: 'a\u200b@b' }],
    ['long', { ...good, email: `${'x'.repeat(243)}@example.com` }],
    ['a short password', { ...good, password: 'x'.repeat(9) }],
    ['a long password', { ...good, password: 'x'.repeat(257) }],
    ['the address as password', { ...good, password: good.email.toUpperCase() }],
    ['no text', { ...good, password: { length: 20 } }],
    ['a name of two lines', { ...good, name: 'a\nb' }],
    ['an empty name', { ...good, name: '' }],
    ['a long name', { ...good, name: 'x'.repeat(201) }],
    ['rights', { ...good, admin: true }],
    ['a plan', { ...good, plan: 'pro' }],
  ];
  for (const [what, body] of table)
    t.equal(said(await postJson(api, '/v1/users', body, { key: null })), INVALID, what);
  t.match(problem(await postJson(api, '/v1/users', { ...good, password: good.email }, { key: null })), {
    errors: [{ pointer: '/password' }],
  });
  const kept: [what: string, body: object][] = [
    ['the longest', { email: `${'x'.repeat(242)}@example.com`, password: 'x'.repeat(256) }],
    ['other letters', { email: 'rené@exämple.org', password: '密码密码密码密码密码' }],
    ['no name', { ...good, name: null }],
    ['a letter of four bytes', { email: newAddress(), password: '🦊'.repeat(10), name: '🦊' }],
  ];
  for (const [what, body] of kept)
    t.equal(said(await postJson(api, '/v1/users', body, { key: null })), '201', what);
});

t.test('closed registration', async (t) => {
  const closed = await startApi({ env: { REGISTRATION: 'closed' } });
  const answer = await postJson(
    closed,
    '/v1/users',
    { email: newAddress(), password: PASSWORD },
    { key: null },
  );
  t.equal(said(answer), '403 REGISTRATION_CLOSED');
  t.same(await closed.rows('SELECT * FROM users'), []);
});

t.test('a name', async (t) => {
  const person = await register(api);
  const table: [name: unknown, said: string][] = [
    ['Ada', '200'],
    [null, '200'],
    ['', INVALID],
    ['a\u0000', INVALID],
    [['x'], INVALID],
  ];
  for (const [name, expected] of table) {
    const answer = await ask(api, person.cookie, 'PATCH', '/v1/users/me', { name });
    t.equal(said(answer), expected);
    if (answer.status === 200) t.match(answer.json(), { id: person.id, name });
  }
  t.equal(said(await ask(api, person.cookie, 'PATCH', '/v1/users/me', { admin: true })), INVALID);
});

t.test('programs do not manage accounts', async (t) => {
  const person = await register(api);
  const key = await addKey(api.rows, { tenantId: person.tenantId, alter: `scopes = scopes || '{admin}'` });
  const body = { name: 'x', currentPassword: PASSWORD, newPassword: 'another password', password: PASSWORD };
  for (const [method, path, json] of [
    ['PATCH', '/v1/users/me', { name: body.name }],
    ['PUT', '/v1/users/me/password', { currentPassword: PASSWORD, newPassword: body.newPassword }],
    ['DELETE', '/v1/users/me', { password: PASSWORD }],
    ['POST', '/v1/api-keys', { name: 'x' }],
  ] as const)
    t.equal(
      said(await postJson(api, path, json, { method, key })),
      '403 PERSON_REQUIRED',
      `${method} ${path}`,
    );
  const me = (await call(api, '/v1/users/me', { key })).json<{ credential: string; user: User }>();
  t.match(me, { credential: 'key', user: { id: person.id } }, 'but learn whose they are');
});

t.test('deleting an account', async (t) => {
  const person = await register(api);
  const key = await addKey(api.rows, { tenantId: person.tenantId });
  const job = await accept({ ...api, key });
  t.equal((await ask(api, person.cookie, 'GET', job.links.self)).status, 200, 'his keys and he own the same');
  const remove = (body: object) => ask(api, person.cookie, 'DELETE', '/v1/users/me', body);
  for (const [body, expected] of [
    [{}, INVALID],
    [{ confirm: 'delete' }, INVALID],
    [{ confirm: 'yes' }, INVALID],
    [{ password: 'wrong' }, '401 INVALID_CREDENTIALS'],
  ] as const)
    t.equal(said(await remove(body)), expected);
  t.equal((await call(api, '/v1/jobs', { key })).status, 200, 'nothing has happened yet');

  const answer = await remove({ password: PASSWORD });
  t.equal(answer.status, 204);
  t.match(answer.headers['set-cookie'], /Max-Age=0/);
  for (const path of ['/v1/users/me', '/v1/jobs', job.links.self, '/v1/api-keys']) {
    t.equal(said(await ask(api, person.cookie, 'GET', path)), '401 UNAUTHENTICATED', path);
    t.equal(said(await call(api, path, { key })), '401 UNAUTHENTICATED', `${path} by key`);
  }
  t.equal(said(await logIn(api, person)), '401 INVALID_CREDENTIALS');
  const anew = await register(api, { email: person.email });
  t.not(anew.tenantId, person.tenantId, 'the address is free, and what was owned is not inherited');
  t.equal(said(await ask(api, anew.cookie, 'GET', job.links.self)), '404 JOB_NOT_FOUND');
});

t.test('administrators see everybody', async (t) => {
  const admin = await administrator(api);
  const people = [await register(api), await register(api), await register(api)];
  const list = async (query: string) =>
    (await ask(api, admin.cookie, 'GET', `/users?${query}`)).json<{
      items: User[];
      nextCursor: string | null;
      links: { next?: string };
    }>();
  const first = await list('limit=2');
  t.same(
    first.items.map(({ id }) => id),
    [people[2]?.id, people[1]?.id],
    'newest first',
  );
  const next = (await ask(api, admin.cookie, 'GET', first.links.next ?? '')).json<{ items: User[] }>();
  t.equal(next.items[0]?.id, people[0]?.id);
  t.same(
    (await list(`email=${people[1]?.email.toUpperCase()}`)).items.map(({ id }) => id),
    [people[1]?.id],
  );
  t.same((await list(`email=${newAddress()}`)).items, []);
  for (const query of ['limit=0', 'limit=101', 'cursor=x', 'email=x'])
    t.equal(said(await ask(api, admin.cookie, 'GET', `/v1/users?${query}`)), INVALID, query);
  t.equal(said(await ask(api, people[0]?.cookie ?? '', 'GET', '/v1/users')), '403 FORBIDDEN');
});

t.test('administrators decide', async (t) => {
  const admin = await administrator(api);
  const person = await register(api);
  const key = await addKey(api.rows, { tenantId: person.tenantId });
  const patch = (id: string, body: object, by = admin.cookie) =>
    ask(api, by, 'PATCH', `/v1/users/${id}`, body);
  const status = async () => (await call(api, '/v1/jobs', { key })).status;
  t.equal(await status(), 200);

  t.match((await patch(person.id, { suspended: true })).json(), { suspendedAt: String });
  t.equal(await status(), 403, 'in this moment, however long the key was to be believed');
  t.equal(said(await ask(api, person.cookie, 'GET', '/v1/jobs')), '403 ACCOUNT_SUSPENDED');
  t.match((await patch(person.id, { suspended: false })).json(), { suspendedAt: null });
  t.equal(await status(), 200);

  t.match((await patch(person.id, { plan: 'pro' })).json(), { plan: 'pro' });
  t.match((await patch(person.id, { filesPrefix: 'photos/2019/' })).json(), { filesPrefix: 'photos/2019/' });
  for (const filesPrefix of ['', 'photos', '../', `${crypto.randomUUID()}/`, 5])
    t.equal(said(await patch(person.id, { filesPrefix })), '400 INVALID_REQUEST', String(filesPrefix));
  t.match((await patch(person.id, { plan: 'pro' })).json(), { filesPrefix: 'photos/2019/' });
  t.match((await patch(person.id, { filesPrefix: null })).json(), { filesPrefix: null });
  t.match((await ask(api, person.cookie, 'GET', '/v1/users/me')).json(), { plan: 'pro' });

  const adminKey = await addKey(api.rows, { tenantId: person.tenantId, alter: `scopes = '{admin}'` });
  const users = async () => (await call(api, '/v1/users', { key: adminKey })).status;
  t.equal(await users(), 403, 'a key operates the service for those who do');
  t.match((await patch(person.id, { admin: true })).json(), { admin: true });
  t.equal(await users(), 200);
  t.equal((await ask(api, person.cookie, 'GET', '/v1/users')).status, 200);
  t.match((await patch(person.id, { admin: false })).json(), { admin: false });
  t.equal(await users(), 403, 'and no longer');
  t.equal((await ask(api, person.cookie, 'GET', '/v1/users')).status, 403);

  const operator = await addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{admin}'` });
  const byKey = await postJson(
    api,
    `/v1/users/${person.id}`,
    { plan: 'free' },
    { method: 'PATCH', key: operator },
  );
  t.match(byKey.json(), { plan: 'free' }, 'by a key as well');

  const refused: [what: string, id: string, body: object, said: string][] = [
    ['nothing', person.id, {}, INVALID],
    ['no plan', person.id, { plan: 'none' }, INVALID],
    ['a plan that is none', person.id, { plan: '\u0000' }, INVALID],
    ['more', person.id, { email: 'x@y' }, INVALID],
    ['no id', 'me-too', { plan: 'pro' }, INVALID],
    ['nobody', crypto.randomUUID(), { plan: 'pro' }, '404 USER_NOT_FOUND'],
    ['his own rights', admin.id, { admin: false }, '409 OWN_RIGHTS'],
    ['his own rights in capitals', admin.id.toUpperCase(), { admin: false }, '409 OWN_RIGHTS'],
    ['himself', admin.id, { suspended: true }, '409 OWN_RIGHTS'],
    ['his own plan', admin.id, { plan: 'pro', admin: true, suspended: false }, '200'],
  ];
  for (const [what, id, body, expected] of refused) t.equal(said(await patch(id, body)), expected, what);
  t.equal(said(await patch(person.id, { admin: true }, person.cookie)), '403 FORBIDDEN');
  const deleted = await register(api);
  await ask(api, deleted.cookie, 'DELETE', '/v1/users/me', { password: PASSWORD });
  t.equal(said(await patch(deleted.id, { suspended: true })), '404 USER_NOT_FOUND');
  t.equal(said(await patch(deleted.id, { filesPrefix: 'a/' })), '404 USER_NOT_FOUND');
});

t.test('another process believes no longer than it should', async (t) => {
  const first = await startApi({ env: { ...ROOMY, KEY_CACHE_MS: '60000' } });
  const second = await startApi({
    env: { ...ROOMY, KEY_CACHE_MS: '500' },
    databaseUrl: async () => first.config.databaseUrl,
  });
  const person = await register(first);
  const there = (by: typeof first) => ask(by, person.cookie, 'GET', '/v1/users/me');
  for (const by of [first, second]) t.equal((await there(by)).status, 200);
  t.equal((await ask(first, person.cookie, 'DELETE', '/v1/sessions/current')).status, 204);
  t.equal((await there(first)).status, 401, 'at once');
  const status = async () => (await there(second)).status;
  t.equal(await eventually(status, (seen) => seen === 401), 401);
});
