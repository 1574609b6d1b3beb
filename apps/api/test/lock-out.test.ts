import t from 'tap';
import { lettersOf, networkOf } from '../src/lock-out.ts';
import { startApi } from './app.ts';
import { problem } from './client.ts';
import { ask, cookieOf, logIn, newAddress, PASSWORD, register, said } from './people.ts';

// A window that ends at midnight, not in the middle of a test.
const WINDOW = { LOGIN_WINDOW_SECONDS: '86400', DEFAULT_PLAN: 'unlimited' };
const WRONG = '401 INVALID_CREDENTIALS';
const LOCKED = '429 TOO_MANY_ATTEMPTS';
const MANY = { LOGIN_ATTEMPTS_PER_ADDRESS: '100000' };

const api = await startApi({ env: { ...WINDOW, ...MANY, LOGIN_ATTEMPTS: '3' }, queue: 'postgres' });
const second = await startApi({
  env: { ...WINDOW, ...MANY, LOGIN_ATTEMPTS: '3', QUEUE_URL: api.config.queueUrl },
  databaseUrl: async () => api.config.databaseUrl,
});
const wrong = (email: string, of = api) => logIn(of, { email, password: 'wrong' });

t.test('an account has so many failures, and whoever is unknown as many', async (t) => {
  const person = await register(api);
  for (const email of [person.email, newAddress()]) {
    for (const expected of [WRONG, WRONG, WRONG, LOCKED, LOCKED]) t.equal(said(await wrong(email)), expected);
    const locked = await wrong(email.toUpperCase());
    t.equal(said(locked), LOCKED, 'in other letters');
    const seconds = Number(locked.headers['retry-after']);
    t.ok(seconds > 0 && seconds <= 86_400, `${seconds}`);
  }
  t.equal(said(await logIn(api, person)), LOCKED, 'the right password does not help');
  t.equal(said(await logIn(second, person)), LOCKED, 'nor does another process');
  t.equal((await ask(api, person.cookie, 'GET', '/v1/users/me')).status, 200, 'who is in stays in');
  const body = { currentPassword: PASSWORD, newPassword: 'something else' };
  t.equal(said(await ask(api, person.cookie, 'PUT', '/v1/users/me/password', body)), LOCKED);
  t.equal(said(await ask(api, person.cookie, 'DELETE', '/v1/users/me', { password: PASSWORD })), LOCKED);
  t.equal((await logIn(api, await register(api))).status, 201, 'nobody else is locked out');
});

t.test('letters that PostgreSQL takes for others', async (t) => {
  const email = `kim${newAddress()}`;
  const person = await register(api, { email });
  for (let count = 0; count < 3; count += 1) await wrong(email);
  for (const spelled of [email.replace('i', 'İ'), email.replace('k', '\u212a')]) {
    t.equal(said(await wrong(spelled)), LOCKED, spelled);
    t.equal(said(await logIn(api, { ...person, email: spelled })), LOCKED, 'nor with the right password');
  }

  const pairs = await api.rows<{ one: string; other: string }>(`
    SELECT chr(code) AS one, lower(chr(code)) AS other FROM generate_series(1, 1114111) AS code
    WHERE code NOT BETWEEN 55296 AND 57343 AND lower(chr(code)) <> chr(code)`);
  t.ok(pairs.length > 1000, `${pairs.length}`);
  const different = pairs.filter(({ one, other }) => lettersOf(`x${one}`) !== lettersOf(`x${other}`));
  t.same(different, []);
});

t.test('success is no failure', async (t) => {
  const person = await register(api);
  for (let count = 0; count < 8; count += 1) t.equal((await logIn(api, person)).status, 201);
  for (const expected of [WRONG, WRONG]) t.equal(said(await wrong(person.email)), expected);
  for (let count = 0; count < 4; count += 1) t.equal((await logIn(api, person)).status, 201);
  for (const expected of [WRONG, LOCKED]) t.equal(said(await wrong(person.email)), expected);
});

t.test('passwords that are asked for in between count, too', async (t) => {
  const person = await register(api);
  const change = () =>
    ask(api, person.cookie, 'PUT', '/v1/users/me/password', {
      currentPassword: 'wrong',
      newPassword: 'something else',
    });
  for (const expected of [WRONG, WRONG, WRONG, LOCKED]) t.equal(said(await change()), expected);
  t.equal(said(await logIn(api, person)), LOCKED);
});

t.test('all at once, in two processes', async (t) => {
  const { email } = await register(api);
  const tries = Array.from({ length: 30 }, (_, index) => wrong(email, index % 2 === 0 ? api : second));
  const answers = (await Promise.all(tries)).map(said);
  t.same(answers.filter((one) => one === WRONG).length, 3, 'exactly');
  t.same(answers.filter((one) => one === LOCKED).length, 27);
});

t.test('a network has so many failures and registrations', async (t) => {
  const few = await startApi({
    env: { ...WINDOW, LOGIN_ATTEMPTS_PER_ADDRESS: '4', TRUST_PROXY: '127.0.0.1' },
  });
  const person = await register(few);
  const from = (ip: string) => ({ 'x-forwarded-for': ip });
  const networks: [what: string, addresses: string[], others: string[]][] = [
    ['IPv4', ['203.0.113.7', '::ffff:203.0.113.7'], ['203.0.113.8', '2001:db8::7']],
    ['IPv6', ['2001:db8:1:2::1', '2001:db8:1:2:ffff::1'], ['2001:db8:1:3::1', '::1']],
  ];
  for (const [what, [one = '', two = ''], others] of networks) {
    const guess = (ip: string) => logIn(few, { email: newAddress(), password: 'wrong' }, from(ip));
    for (const ip of [one, two, one, two]) t.equal(said(await guess(ip)), WRONG, what);
    for (const ip of [one, two]) t.equal(said(await guess(ip)), LOCKED, ip);
    t.equal(said(await logIn(few, person, from(one))), LOCKED, 'the right password does not help');
    const make = await fetch(`${few.origin}/v1/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...from(two) },
      body: JSON.stringify({ email: newAddress(), password: PASSWORD }),
    });
    t.equal(make.status, 429, 'nor are accounts made');
    for (const ip of others) t.equal((await logIn(few, person, from(ip))).status, 201, ip);
  }
});

t.test('accounts that are made count, and nobody says where he comes from', async (t) => {
  const few = await startApi({ env: { ...WINDOW, LOGIN_ATTEMPTS_PER_ADDRESS: '3' } });
  const person = await register(few);
  await t.rejects(register(few, person), /EMAIL_TAKEN/);
  await register(few);
  await t.rejects(register(few), /TOO_MANY_ATTEMPTS/);
  const headers = { 'x-forwarded-for': '203.0.113.7' };
  t.equal(said(await logIn(few, person, headers)), LOCKED, 'forged');
  t.equal(said(await logIn(few, person)), LOCKED);
});

t.test('a failure of ours is nobody’s', async (t) => {
  let isBroken = true;
  const shaky = await startApi({
    env: { ...WINDOW, LOGIN_ATTEMPTS: '2' },
    swap: ({ db }) => ({
      db: {
        ...db,
        users: {
          ...db.users,
          findByEmail: async (email) => {
            if (isBroken) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
            return db.users.findByEmail(email);
          },
        },
      },
    }),
  });
  const person = await register(shaky);
  for (let count = 0; count < 4; count += 1)
    t.equal(said(await logIn(shaky, person)), '503 DATABASE_UNAVAILABLE');
  isBroken = false;
  t.equal(said(await logIn(shaky, person)), '201');
});

t.test('more at once than there is room for', async (t) => {
  const small = await startApi({ env: { ...WINDOW, MAX_LOGINS_AT_ONCE: '2' } });
  const person = await register(small);
  const answers = await Promise.all(Array.from({ length: 12 }, () => logIn(small, person)));
  const busy = answers.filter(({ status }) => status === 503);
  t.ok(busy.length > 0 && busy.length <= 10, `${busy.length}`);
  t.ok(
    busy.every((answer) => problem(answer).code === 'OVERLOADED' && answer.headers['retry-after'] === '2'),
  );
  t.ok(answers.every(({ status }) => status === 201 || status === 503));
  const cookies = answers.filter(({ status }) => status === 201).map(cookieOf);
  t.equal(new Set(cookies).size, cookies.length);
  t.equal((await logIn(small, person)).status, 201, 'and then there is again');
});

t.test('what is one network', async (t) => {
  const table: [ip: string, network: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:DB8:0:0:1:2:3:4', '2001:db8:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1::', '2001:db8:1:0'],
    ['1::8', '1:0:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ];
  for (const [ip, network] of table) t.equal(networkOf(ip), network, ip);
});

t.test('the counters hold no address', async (t) => {
  const rows = await api.rows<{ subject: string }>('SELECT subject FROM rate_windows');
  t.ok(rows.length > 10, `${rows.length}`);
  for (const { subject } of rows) t.match(subject, /^login(-forgiven)?:[\w-]{43}$|^(tenant|key):/);
});
