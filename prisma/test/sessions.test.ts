import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createTestDatabase } from './database.ts';

const { db, query } = await createTestDatabase();

async function makePerson(email: string): Promise<string> {
  const row = await db.users.create({ email, name: null, passwordHash: 'hash', planName: 'free' });
  return row?.id ?? '';
}

const inAnHour = () => new Date(Date.now() + 3_600_000);
const newSession = (userId: string) => ({
  userId,
  tokenSha256: randomBytes(32),
  userAgent: null,
  expiresAt: inAnHour(),
});

t.test('a session is found by the digest of its token, with its owner', async (t) => {
  const userId = await makePerson('a@example.com');
  const session = { ...newSession(userId), userAgent: 'curl/8' };
  const made = await db.sessions.create(session);
  const { tokenSha256, expiresAt } = session;
  t.match(await db.principals.ofSession(tokenSha256), {
    sessionId: made?.id,
    userId,
    expiresAt,
    isAdmin: false,
    isSuspended: false,
    planName: 'free',
  });
  t.equal(await db.principals.ofSession(randomBytes(32)), undefined);
  t.same(await query('SELECT user_agent FROM sessions WHERE id = $1', [made?.id]), [
    { user_agent: 'curl/8' },
  ]);
});

t.test('the newest hundred of a person are kept, and all of others', async (t) => {
  const [userId, other] = [await makePerson('many@example.com'), await makePerson('other@example.com')];
  const others = await db.sessions.create(newSession(other));
  const made: string[] = [];
  for (let count = 0; count < 103; count += 1)
    made.push((await db.sessions.create(newSession(userId)))?.id ?? '');
  t.same(
    await query('SELECT id FROM sessions WHERE user_id = $1 ORDER BY id', [userId]),
    made
      .slice(3)
      .sort()
      .map((id) => ({ id })),
  );
  t.same(await query('SELECT id FROM sessions WHERE user_id = $1', [other]), [{ id: others?.id }]);
});

t.test('one that has expired is not there', async (t) => {
  const session = {
    ...newSession(await makePerson('b@example.com')),
    expiresAt: new Date(Date.now() - 1000),
  };
  await db.sessions.create(session);
  t.equal(await db.principals.ofSession(session.tokenSha256), undefined);
});

t.test('remove ends one, once; removeAllOf the rest', async (t) => {
  const userId = await makePerson('c@example.com');
  const other = newSession(await makePerson('d@example.com'));
  await db.sessions.create(other);
  const sessions = Array.from({ length: 3 }, () => newSession(userId));
  const [first] = await Promise.all(sessions.map((session) => db.sessions.create(session)));
  t.equal(await db.sessions.remove(first?.id ?? ''), true);
  t.equal(await db.sessions.remove(first?.id ?? ''), false);
  t.equal(await db.principals.ofSession(sessions[0]?.tokenSha256 ?? randomBytes(32)), undefined);
  t.equal(await db.sessions.removeAllOf(userId), 2);
  t.ok(await db.principals.ofSession(other.tokenSha256), 'of nobody else');
});

t.test('nobody logs in with a password that was changed meanwhile, or as somebody who is gone', async (t) => {
  const userId = await makePerson('e@example.com');
  t.ok(await db.sessions.create({ ...newSession(userId), passwordHash: 'hash' }));
  await db.users.setPassword(userId, 'other');
  t.equal(await db.sessions.create({ ...newSession(userId), passwordHash: 'hash' }), undefined);
  await db.users.remove(userId);
  t.equal(await db.sessions.create(newSession(userId)), undefined);
});

t.test('the same, in the same moment', async (t) => {
  const userId = await makePerson('f@example.com');
  for (let round = 0; round < 20; round += 1) {
    const [before, after] = [`hash ${round}`, `hash ${round + 1}`];
    await db.users.setPassword(userId, before);
    await Promise.all([
      db.users.setPassword(userId, after),
      db.sessions.create({ ...newSession(userId), passwordHash: before }),
      db.sessions.create({ ...newSession(userId), passwordHash: before }),
    ]);
    t.same(await query('SELECT FROM sessions WHERE user_id = $1', [userId]), [], `round ${round}`);
  }
});
