import { createHash } from 'node:crypto';
import { hashPassword } from '@tintype/core';
import t from 'tap';
import { request } from 'undici';
import type { Session } from '../src/schemas/user.ts';
import { startApi, type TestApi } from './app.ts';
import { call, postJson, problem } from './client.ts';
import { eventually } from './eventually.ts';
import {
  administrator,
  ask,
  cookieOf,
  logIn,
  newAddress,
  PASSWORD,
  ROOMY,
  register,
  said,
} from './people.ts';

/** Logins are remembered for longer than any test takes. */
const PATIENT = { ...ROOMY, KEY_CACHE_MS: '60000' };
const api = await startApi({ env: PATIENT });
const me = (cookie: string, of: TestApi = api) => ask(of, cookie, 'GET', '/v1/users/me');
const OTHER_PASSWORD = 'staple battery horse';

t.test('the cookie', async (t) => {
  const plain = await startApi({ env: { SECURE_COOKIES: 'no', SESSION_DAYS: '2' } });
  const table: [api: TestApi, cookie: RegExp, taken: RegExp][] = [
    [
      api,
      /^__Host-tintype=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      /^__Host-tintype=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/,
    ],
    [
      plain,
      /^tintype=[\w-]{43}; Max-Age=172800; Path=\/; HttpOnly; SameSite=Lax$/,
      /^tintype=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax$/,
    ],
  ];
  for (const [of, cookie, taken] of table) {
    const person = await register(of);
    const answer = await logIn(of, person);
    t.equal(answer.status, 201);
    t.match(answer.headers['set-cookie'], cookie);
    t.equal(answer.headers['cache-control'], 'no-store');
    const { user, expiresAt } = answer.json<Session>();
    t.match(user, { id: person.id, email: person.email, lastLoginAt: String });
    const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
    t.ok(Math.abs(days - of.config.sessionDays) < 0.1, `${days} days`);
    const token = cookieOf(answer).replace(/^.*=/, '');
    t.notOk(answer.body.includes(token), 'is in the cookie alone');
    const out = await ask(of, cookieOf(answer), 'DELETE', '/v1/sessions/current');
    t.match(out.headers['set-cookie'], taken);

    const rows = await of.rows<{ token_sha256: Buffer; user_agent: string | null }>('SELECT * FROM sessions');
    t.notOk(JSON.stringify(rows).includes(token));
  }
});

t.test('what is kept of a session', async (t) => {
  const person = await register(api);
  const cookie = cookieOf(await logIn(api, person, { 'user-agent': `browser ${'x'.repeat(400)}` }));
  const digest = createHash('sha256').update(cookie.replace(/^.*=/, '')).digest();
  const [row] = await api.rows<{ user_agent: string; id: string }>(
    'SELECT * FROM sessions WHERE token_sha256 = $1',
    [digest],
  );
  t.match(row?.user_agent, /^browser x{292}$/);
  await api.rows(`UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE id = $1`, [row?.id]);
  t.equal((await me(cookie)).status, 200);
  const used = () =>
    api.rows(`SELECT 1 FROM sessions WHERE id = $1 AND last_used_at > now() - interval '30 minutes'`, [
      row?.id,
    ]);
  t.equal((await eventually(used, ({ length }) => length === 1)).length, 1, 'its last use is noted');
});

t.test('who does not get in', async (t) => {
  const person = await register(api);
  const oidc = newAddress();
  await api.database.users.ensureSubject({
    ...{ issuer: 'https://issuer.example', subject: '1', email: oidc, name: null, planName: 'free' },
  });
  const table: [what: string, login: { email: string; password: string }][] = [
    ['a wrong password', { email: person.email, password: 'wrong' }],
    ['nobody of that address', { email: newAddress(), password: PASSWORD }],
    ['somebody who logs in elsewhere', { email: oidc, password: PASSWORD }],
    ['the password in other letters', { email: person.email, password: PASSWORD.toUpperCase() }],
  ];
  const answers = [];
  for (const [what, login] of table) {
    const answer = await logIn(api, login);
    t.equal(said(answer), '401 INVALID_CREDENTIALS', what);
    t.equal(answer.headers['set-cookie'], undefined);
    const { requestId: _own, ...rest } = problem(answer);
    answers.push(JSON.stringify(rest));
  }
  t.equal(new Set(answers).size, 1, 'all are told the same');
  t.equal((await logIn(api, { ...person, email: person.email.toUpperCase() })).status, 201, 'capitals');

  const malformed: [body: unknown, said: string][] = [
    [{}, '400 INVALID_REQUEST'],
    [{ email: person.email }, '400 INVALID_REQUEST'],
    [{ ...{ email: person.email, password: PASSWORD }, admin: true }, '400 INVALID_REQUEST'],
    [{ email: 'a\u0000@b', password: PASSWORD }, '400 INVALID_REQUEST'],
    [{ email: '\ud800@b', password: PASSWORD }, '400 INVALID_REQUEST'],
    [{ email: person.email, password: '' }, '400 INVALID_REQUEST'],
    [{ email: person.email, password: 'x'.repeat(257) }, '400 INVALID_REQUEST'],
    [{ email: person.email, password: '\u0000\ud800' }, '401 INVALID_CREDENTIALS'],
  ];
  for (const [body, expected] of malformed)
    t.equal(
      said(await postJson(api, '/sessions', body, { key: null })),
      expected,
      JSON.stringify(body).slice(0, 60),
    );
});

t.test('a login ends the session that it brings along, and no other', async (t) => {
  const person = await register(api);
  const elsewhere = cookieOf(await logIn(api, person));
  t.equal((await me(person.cookie)).status, 200);
  const next = cookieOf(await logIn(api, person, { cookie: person.cookie }));
  t.not(next, person.cookie);
  t.equal((await me(person.cookie)).status, 401, 'in the same moment, however long it was to be believed');
  t.equal((await me(next)).status, 200);
  t.equal((await me(elsewhere)).status, 200);
  await logIn(api, { ...person, password: 'wrong' }, { cookie: next });
  t.equal((await me(next)).status, 200, 'a login that fails ends nothing');
});

t.test('logging out', async (t) => {
  const person = await register(api);
  const elsewhere = cookieOf(await logIn(api, person));
  t.equal((await me(person.cookie)).status, 200);
  t.equal((await ask(api, person.cookie, 'DELETE', '/sessions/current')).status, 204);
  t.equal((await me(person.cookie)).status, 401);
  t.equal(said(await ask(api, person.cookie, 'DELETE', '/v1/sessions/current')), '401 UNAUTHENTICATED');
  t.equal((await me(elsewhere)).status, 200);
  t.equal(
    said(await call(api, '/v1/sessions/current', { method: 'DELETE' })),
    '403 PERSON_REQUIRED',
    'a key',
  );
});

t.test('a session that has expired', async (t) => {
  const person = await register(api);
  await api.rows(`UPDATE sessions SET expires_at = now() WHERE user_id = $1`, [person.id]);
  t.equal(said(await me(person.cookie)), '401 UNAUTHENTICATED');
});

t.test('another password ends all other sessions', async (t) => {
  const person = await register(api);
  const elsewhere = cookieOf(await logIn(api, person));
  for (const cookie of [person.cookie, elsewhere]) t.equal((await me(cookie)).status, 200);
  const change = (currentPassword: string, newPassword: string, cookie = person.cookie) =>
    ask(api, cookie, 'PUT', '/v1/users/me/password', { currentPassword, newPassword });
  const table: [current: string, next: string, said: string][] = [
    ['wrong', OTHER_PASSWORD, '401 INVALID_CREDENTIALS'],
    [PASSWORD, 'too short', '400 INVALID_REQUEST'],
    [PASSWORD, 'x'.repeat(257), '400 INVALID_REQUEST'],
    [PASSWORD, person.email.toUpperCase(), '400 INVALID_REQUEST'],
  ];
  for (const [current, next, expected] of table) t.equal(said(await change(current, next)), expected, next);
  t.equal((await me(elsewhere)).status, 200, 'nothing has happened yet');
  t.equal((await change(PASSWORD, OTHER_PASSWORD)).status, 204);
  t.equal((await me(elsewhere)).status, 401);
  t.equal((await me(person.cookie)).status, 200);
  t.equal((await logIn(api, person)).status, 401);
  t.equal((await logIn(api, { ...person, password: OTHER_PASSWORD })).status, 201);
});

t.test('a login with the old password that is overtaken by its change', async (t) => {
  const email = newAddress();
  const slow = await startApi({
    swap: ({ db }) => ({
      db: {
        ...db,
        sessions: {
          ...db.sessions,
          create: async (session) => {
            const passwordHash = await hashPassword(OTHER_PASSWORD);
            const setPassword = session.userAgent === 'overtaken' && db.users.setPassword;
            if (setPassword) await setPassword(session.userId, passwordHash);
            return db.sessions.create(session);
          },
        },
      },
    }),
  });
  await register(slow, { email });
  const answer = await logIn(slow, { email, password: PASSWORD }, { 'user-agent': 'overtaken' });
  t.equal(said(answer), '401 INVALID_CREDENTIALS');
  t.equal(answer.headers['set-cookie'], undefined);
});

t.test('a suspended account', async (t) => {
  const person = await register(api);
  await api.rows('UPDATE tenants SET suspended_at = now() WHERE id = $1', [person.tenantId]);
  t.equal(said(await me(person.cookie)), '403 ACCOUNT_SUSPENDED');
  t.equal(said(await logIn(api, person)), '403 ACCOUNT_SUSPENDED', 'after the right password');
  t.equal(
    said(await logIn(api, { ...person, password: 'wrong' })),
    '401 INVALID_CREDENTIALS',
    'and no other',
  );
});

t.test('a session may do what its person may', async (t) => {
  const person = await register(api);
  const admin = await administrator(api);
  const table: [path: string, person: number, admin: number][] = [
    ['/v1/jobs', 200, 200],
    ['/v1/webhook-endpoints', 200, 200],
    ['/v1/api-keys', 200, 200],
    ['/v1/users', 403, 200],
  ];
  for (const [path, ofPerson, ofAdmin] of table) {
    t.equal((await ask(api, person.cookie, 'GET', path)).status, ofPerson, path);
    const answer = await ask(api, admin.cookie, 'GET', path);
    t.equal(answer.status, ofAdmin, path);
    t.equal(answer.headers['cache-control'], 'no-store', `${path} is for nobody else's cache`);
  }
});

t.test('pages for administrators open to their sessions', async (t) => {
  const person = await register(api);
  const admin = await administrator(api);
  for (const [cookie, status] of [
    [person.cookie, 403],
    [admin.cookie, 200],
    [`${admin.cookie}x`, 401],
  ] as const) {
    const page = await request(`${api.origin}/admin/queues/`, { headers: { cookie } });
    t.equal(page.statusCode, status);
    await page.body.dump();
  }
});
