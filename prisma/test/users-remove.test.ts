import { randomBytes } from 'node:crypto';
import t from 'tap';
import { makeApiKey, newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addDelivery, addEndpoint, LEASE, writeEvent } from './webhook-fixtures.ts';

const { url, db, query } = await createTestDatabase();

const newPerson = (email: string) => ({ email, name: null, passwordHash: 'hash', planName: 'free' });

async function makePerson(email: string): Promise<{ id: string; tenantId: string }> {
  const person = await db.users.create(newPerson(email));
  if (person === undefined) throw new Error(`${email} is taken.`);
  return person;
}

t.test('nobody is let in any more, and the address is free', async (t) => {
  const person = await makePerson('gone@example.com');
  const { id, tenantId } = person;
  const { id: keyId, secretSha256 } = makeApiKey();
  await db.apiKeys.create(tenantId, { id: keyId, name: 'k', secretSha256 });
  const tokenSha256 = randomBytes(32);
  const expiresAt = new Date(Date.now() + 60_000);
  await db.sessions.create({ userId: id, tokenSha256, userAgent: null, expiresAt });
  t.ok((await db.principals.ofKey(keyId)) && (await db.principals.ofSession(tokenSha256)), 'before');

  t.equal(await db.users.remove(id), true);
  t.equal(await db.principals.ofKey(keyId), undefined);
  t.equal(await db.principals.ofSession(tokenSha256), undefined);
  t.equal(await db.users.get(id), undefined);
  t.equal(await db.users.findByEmail('gone@example.com'), undefined);
  t.same(await db.users.list({ email: 'gone@example.com', limit: 1 }), []);
  t.equal(await db.users.update(id, { suspended: false }), undefined);
  const left = `SELECT (SELECT count(*)::int FROM users WHERE tenant_id = $1) AS users,
    (SELECT count(*)::int FROM api_keys WHERE tenant_id = $1) AS keys,
    (SELECT count(*)::int FROM sessions WHERE user_id = $2) AS sessions,
    (SELECT deleted_at IS NOT NULL FROM tenants WHERE id = $1) AS deleted`;
  t.same(await query(left, [tenantId, id]), [{ users: 0, keys: 0, sessions: 0, deleted: true }]);
  const again = await makePerson('gone@example.com');
  t.not(again.tenantId, tenantId, 'whoever has the address now begins with nothing');
  t.equal(await db.users.remove(id), false, 'once');
  t.equal(await db.users.remove(newId()), false);
});

t.test('several at the same time: one of them did it', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const { id } = await makePerson('race@example.com');
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? db : other).users.remove(id)),
  );
  t.equal(answers.filter(Boolean).length, 1);
});

t.test('no key is left that was made in the same moment', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const { id, tenantId } = await makePerson(`moment-${round}@example.com`);
    const create = () => {
      const { id: keyId, secretSha256 } = makeApiKey();
      return db.apiKeys.create(tenantId, { id: keyId, name: 'k', secretSha256 });
    };
    await Promise.all([create(), db.users.remove(id), create()]);
    t.same(await db.apiKeys.list(tenantId), [], `round ${round}`);
  }
});

t.test('no webhook is sent any more', async (t) => {
  const { id, tenantId } = await makePerson('hooks@example.com');
  const neighbor = await makePerson('neighbor@example.com');
  const endpoint = await addEndpoint(db, tenantId);
  await addEndpoint(db, neighbor.tenantId);
  for (const owner of [tenantId, neighbor.tenantId]) await writeEvent(query, { tenantId: owner });
  const ofJob = await addDelivery(query, tenantId);
  t.equal(await db.users.remove(id), true);
  const statuses = (owner: string) =>
    query('SELECT status FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id IS NOT NULL', [owner]);
  t.same(await statuses(tenantId), [{ status: 'canceled' }]);
  t.same(await statuses(neighbor.tenantId), [{ status: 'pending' }], 'those of nobody else');
  t.equal(await db.webhookEndpoints.get(tenantId, endpoint.id), undefined);
  t.equal(
    await db.sending.claim(ofJob, LEASE),
    undefined,
    'what goes to the address of a job ends at its claim',
  );
  t.same(await query('SELECT status FROM webhook_deliveries WHERE id = $1', [ofJob]), [
    { status: 'canceled' },
  ]);
});
