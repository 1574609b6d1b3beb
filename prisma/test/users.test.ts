import { randomBytes } from 'node:crypto';
import t from 'tap';
import { isDataError, newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { url, db, query } = await createTestDatabase();
const other = openDatabase({ url, poolSize: 4 });
t.teardown(() => other.close());
/** Two processes. */
const turns = (count: number) => Array.from({ length: count }, (_, index) => (index % 2 === 0 ? db : other));

const newPerson = (email: string) => ({
  email,
  name: null,
  passwordHash: `hash of ${email}`,
  planName: 'free',
});

async function makePerson(email: string): Promise<string> {
  return (await db.users.create(newPerson(email)))?.id ?? '';
}

t.test('a person is answered as he was made, never with a password', async (t) => {
  const person = await db.users.create({ ...newPerson('Ada@Example.com'), name: 'Ada', isAdmin: true });
  t.match(person, {
    id: String,
    tenantId: String,
    email: 'Ada@Example.com',
    name: 'Ada',
    isAdmin: true,
    planName: 'free',
    suspendedAt: null,
    hasPassword: true,
    issuer: null,
    createdAt: Date,
    lastLoginAt: null,
    filesPrefix: null,
  });
  t.equal(Object.keys(person ?? {}).length, 12, 'and nothing else');
  const id = person?.id ?? '';
  t.same(await db.users.get(id), person);
  t.same(await db.users.findByEmail('aDA@eXAMPLE.COM'), {
    ...person,
    passwordHash: 'hash of Ada@Example.com',
  });
  t.equal(await db.users.passwordHash(id), 'hash of Ada@Example.com');
  t.equal(await db.users.get(newId()), undefined);
  t.equal(await db.users.passwordHash(newId()), undefined);
  t.equal(await db.users.findByEmail('nobody@example.com'), undefined);
});

t.test('a password hashed anew, unless somebody was first', async (t) => {
  const id = await makePerson('rehash@example.com');
  const session = { userId: id, tokenSha256: randomBytes(32), userAgent: null, expiresAt: new Date(8.64e12) };
  await db.sessions.create(session);
  const hashes = ['first', 'second'];
  const rehash = (one: typeof db, next: string) => one.users.rehash(id, 'hash of rehash@example.com', next);
  const done = await Promise.all([rehash(db, 'first'), rehash(other, 'second')]);
  t.same(done.toSorted(), [false, true]);
  t.equal(await db.users.passwordHash(id), hashes[done.indexOf(true)]);
  t.equal(await rehash(db, 'third'), false);
  t.equal(await db.users.rehash(newId(), 'a', 'b'), false, 'nobody');
  t.same(await query('SELECT count(*)::int AS sessions FROM sessions WHERE user_id = $1', [id]), [
    { sessions: 1 },
  ]);
});

t.test('an address is taken once, whatever its capitals, however many ask at the same time', async (t) => {
  const made = await Promise.all(
    turns(12).map((one, index) =>
      one.users.create(newPerson(index % 3 === 0 ? 'RACE@example.com' : 'race@example.com')),
    ),
  );
  const persons = made.filter((row) => row !== undefined);
  t.equal(persons.length, 1);
  t.equal(await db.users.create(newPerson('Race@Example.Com')), undefined);
  t.same(
    await query(
      `SELECT id FROM tenants WHERE name LIKE 'user:%' AND id NOT IN (SELECT tenant_id FROM users)`,
    ),
    [],
    'no tenant is left of those who came late',
  );
});

t.test('an unknown plan is an error, and leaves nothing', async (t) => {
  const error = await db.users
    .create({ ...newPerson('plan@example.com'), planName: 'none' })
    .catch((error: unknown) => error);
  t.ok(isDataError(error));
  t.equal(await db.users.findByEmail('plan@example.com'), undefined);
});

t.test('a tenant without a person can be given to one, once', async (t) => {
  const tenantId = await db.allApiKeys.ensureTenant('orphan');
  const person = await db.users.create({ ...newPerson('heir@example.com'), tenantId });
  t.match(person, { tenantId, planName: 'free' });
  t.equal(await db.users.create({ ...newPerson('second@example.com'), tenantId }), undefined);
  t.equal(
    await db.users.create({ ...newPerson('third@example.com'), tenantId: newId() }),
    undefined,
    'unknown',
  );
  t.same(await query('SELECT name, plan FROM tenants WHERE id = $1', [tenantId]), [
    { name: 'orphan', plan: 'free' },
  ]);
});

t.test('ensureSubject: two first logins at once make one person', async (t) => {
  const told = {
    issuer: 'https://issuer.example',
    subject: 's-1',
    email: 'o@example.com',
    name: 'O',
    planName: 'pro',
  };
  const persons = await Promise.all(turns(12).map((one) => one.users.ensureSubject(told)));
  t.equal(new Set(persons.map(({ id }) => id)).size, 1);
  t.equal(new Set(persons.map(({ tenantId }) => tenantId)).size, 1);
  t.match(persons[0], {
    email: 'o@example.com',
    name: 'O',
    planName: 'pro',
    hasPassword: false,
    issuer: told.issuer,
  });
  t.same(
    await query(`SELECT FROM tenants WHERE plan = 'pro' AND id NOT IN (SELECT tenant_id FROM users)`),
    [],
  );
  t.match(await db.principals.ofSubject(told.issuer, 's-1'), { userId: persons[0]?.id });
});

t.test('ensureSubject: email and name follow the provider, where it tells them', async (t) => {
  const person = { issuer: 'https://issuer.example', subject: 's-2', planName: 'free' };
  const first = await db.users.ensureSubject({ ...person, email: 'old@example.com', name: 'Old' });
  t.match(await db.users.ensureSubject({ ...person, email: null, name: 'New', planName: 'pro' }), {
    id: first.id,
    email: 'old@example.com',
    name: 'New',
    planName: 'free',
  });
  t.match(await db.users.ensureSubject({ ...person, email: null, name: null }), {
    id: first.id,
    name: 'New',
  });
});

t.test('an address joins nobody: neither people of two providers, nor one with a password', async (t) => {
  const email = 'same@example.com';
  const ids = new Set([await makePerson(email)]);
  for (const [issuer, subject] of [
    ['https://a.example', 'x'],
    ['https://b.example', 'x'],
    ['https://a.example', 'y'],
  ] as const)
    ids.add((await db.users.ensureSubject({ issuer, subject, email, name: null, planName: 'free' })).id);
  t.equal(ids.size, 4);
  t.equal((await db.users.findByEmail(email))?.issuer, null, 'who logs in with a password');
  t.equal((await db.users.list({ email: email.toUpperCase(), limit: 10 })).length, 4);
});

t.test('setPassword ends all sessions but one', async (t) => {
  const userId = await makePerson('pw@example.com');
  const login = () =>
    db.sessions.create({
      userId,
      tokenSha256: randomBytes(32),
      userAgent: null,
      expiresAt: new Date(Date.now() + 60_000),
    });
  const sessions = async () =>
    (await query<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1', [userId])).map(({ id }) => id);
  const kept = (await login())?.id ?? '';
  await login();
  t.equal(await db.users.setPassword(userId, 'second', kept), true);
  t.same(await sessions(), [kept]);
  t.equal(await db.users.passwordHash(userId), 'second');
  t.equal(await db.users.setPassword(userId, 'third'), true);
  t.same(await sessions(), []);
  t.equal(await db.users.setPassword(newId(), 'x'), false);
  const elsewhere = await db.users.ensureSubject({
    issuer: 'i',
    subject: 's',
    email: 'pw@example.com',
    name: null,
    planName: 'free',
  });
  t.equal(await db.users.setPassword(elsewhere.id, 'x'), false, 'who logs in elsewhere gets none');
});

t.test('loggedIn is remembered', async (t) => {
  const id = await makePerson('login@example.com');
  await db.users.loggedIn(id);
  t.type((await db.users.get(id))?.lastLoginAt, Date);
});

t.test('list: newest first, in pages', async (t) => {
  const ids: string[] = [];
  for (const name of ['l1', 'l2', 'l3']) ids.unshift(await makePerson(`${name}@example.com`));
  const first = await db.users.list({ limit: 2 });
  t.same(
    first.map(({ id }) => id),
    ids.slice(0, 2),
  );
  const second = await db.users.list({ limit: 1, after: first[1]?.id });
  t.same(
    second.map(({ id }) => id),
    ids.slice(2),
  );
  t.same(
    (await db.users.list({ email: 'L2@Example.com', limit: 5 })).map(({ id }) => id),
    [ids[1]],
  );
});

t.test('update: each thing by itself', async (t) => {
  const id = await makePerson('change@example.com');
  const before = await db.users.get(id);
  t.same(await db.users.update(id, {}), before);
  t.same(await db.users.update(id, { planName: 'pro' }), { ...before, planName: 'pro' });
  t.match(await db.users.update(id, { isAdmin: true, name: 'N' }), {
    isAdmin: true,
    name: 'N',
    planName: 'pro',
  });
  t.match(await db.users.update(id, { name: null }), { isAdmin: true, name: null });
  t.match(await db.users.update(id, { filesPrefix: 'photos/' }), { filesPrefix: 'photos/', planName: 'pro' });
  t.match(await db.users.update(id, { name: 'N' }), { filesPrefix: 'photos/' });
  t.match(await db.users.update(id, { filesPrefix: null }), { filesPrefix: null });
  const suspended = await db.users.update(id, { suspended: true });
  t.type(suspended?.suspendedAt, Date);
  await query(`UPDATE tenants SET suspended_at = 'epoch' WHERE id = $1`, [before?.tenantId]);
  t.same((await db.users.update(id, { suspended: true }))?.suspendedAt, new Date(0), 'the first time stays');
  t.match(await db.users.update(id, { suspended: false, isAdmin: false }), {
    suspendedAt: null,
    isAdmin: false,
  });
  t.equal(await db.users.update(newId(), { isAdmin: true }), undefined);
  t.ok(isDataError(await db.users.update(id, { planName: 'none' }).catch((error: unknown) => error)));
});
