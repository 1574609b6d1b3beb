import { randomBytes } from 'node:crypto';
import pg from 'pg';
import t, { type Test } from 'tap';
import { makeApiKey, newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { url, db } = await createTestDatabase();

/** How many statements `ask` sends. */
async function statementsOf(t: Test, ask: () => Promise<unknown>): Promise<number> {
  const calls = t.capture(pg.Client.prototype, 'query', pg.Client.prototype.query);
  await ask();
  const count = calls().length;
  calls.restore();
  return count;
}

t.test('who it is, is asked by one statement: nobody is seen half changed', async (t) => {
  const issuer = 'https://issuer.example.com';
  const [subject, planName] = [newId(), 'free'];
  const person = await db.users.ensureSubject({ issuer, subject, email: null, name: null, planName });
  const { id, secretSha256 } = makeApiKey();
  await db.apiKeys.create(person.tenantId, { id, name: 'test', secretSha256, planName: 'pro' });
  const tokenSha256 = randomBytes(32);
  const expiresAt = new Date(Date.now() + 3_600_000);
  await db.sessions.create({ userId: person.id, tokenSha256, userAgent: null, expiresAt });
  const other = openDatabase({ url, poolSize: 1 });
  t.teardown(other.close);
  await other.principals.ofKey('connects');
  const { principals } = other;
  const ways = [
    () => principals.ofKey(id),
    () => principals.ofSession(tokenSha256),
    () => principals.ofSubject(issuer, subject),
  ];
  const owner = {
    tenantId: person.tenantId,
    userId: person.id,
    isAdmin: false,
    isSuspended: false,
    planName,
  };
  for (const way of ways) {
    t.match(await way(), { ...owner, limits: { requestsPerSecond: 10, storedBytes: 1_000_000_000 } });
    t.equal(await statementsOf(t, way), 1);
  }
  t.match(await principals.ofKey(id), { keyPlanName: 'pro', keyLimits: { requestsPerSecond: 100 } });
});

t.test('a key without a person and without a plan of its own', async (t) => {
  const tenantId = await db.allApiKeys.ensureTenant('press');
  const { id, secretSha256 } = makeApiKey();
  await db.apiKeys.create(tenantId, { id, name: 'test', secretSha256 });
  t.match(await db.principals.ofKey(id), {
    ...{ tenantId, userId: null, isAdmin: false, keyPlanName: null, keyLimits: null },
    limits: { requestsPerSecond: null, requestsPerDay: null, storedBytes: null },
  });
});
