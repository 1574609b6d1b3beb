import t from 'tap';
import { isDataError, makeApiKey, newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { url, db, query } = await createTestDatabase();

async function makeKey(given: { name?: string; expiresAt?: Date | null } = {}): Promise<string> {
  const { id, secretSha256 } = makeApiKey();
  await db.apiKeys.create({ id, name: 'test', secretSha256, tenantId: await tenant, ...given });
  return id;
}

const tenant = db.apiKeys.ensureTenant('plates');

t.test('a key is found as it was made', async (t) => {
  const { id, secretSha256 } = makeApiKey();
  const tenantId = await tenant;
  await db.apiKeys.create({ id, name: 'camera', secretSha256, tenantId });
  const { secretSha256: digest, ...row } = (await db.apiKeys.find(id)) ?? {};
  t.same(row, { id, tenantId, scopes: [], expiresAt: null, revokedAt: null });
  t.same(Buffer.from(digest ?? []), secretSha256);
});

t.test('an expiry is kept; an unknown key is not found', async (t) => {
  const expiresAt = new Date('2027-01-02T03:04:05.678Z');
  t.same((await db.apiKeys.find(await makeKey({ expiresAt })))?.expiresAt, expiresAt);
  t.equal(await db.apiKeys.find('nobody'), undefined);
  t.equal(await db.apiKeys.find(''), undefined);
});

t.test('a key needs a tenant and an id of its own', async (t) => {
  const { id, secretSha256 } = makeApiKey();
  const create = (tenantId: string) => db.apiKeys.create({ id, name: 'x', secretSha256, tenantId });
  const outcomes = await Promise.allSettled([create(newId())]);
  await create(await tenant);
  outcomes.push(...(await Promise.allSettled([create(await tenant)])));
  t.same(
    outcomes.map((outcome) => outcome.status === 'rejected' && isDataError(outcome.reason)),
    [true, true],
  );
});

t.test('revoke works once', async (t) => {
  const id = await makeKey();
  t.equal(await db.apiKeys.revoke(id), true);
  const revokedAt = (await db.apiKeys.find(id))?.revokedAt;
  t.type(revokedAt, Date);
  t.equal(await db.apiKeys.revoke(id), false);
  t.same((await db.apiKeys.find(id))?.revokedAt, revokedAt, 'the first time stays');
  t.equal(await db.apiKeys.revoke('nobody'), false);
});

t.test('touch writes at most once a minute', async (t) => {
  const id = await makeKey();
  const lastUsed = async () =>
    (await query<{ at: Date | null }>('SELECT last_used_at AS at FROM api_keys WHERE id = $1', [id]))[0]?.at;
  t.equal(await lastUsed(), null);
  await db.apiKeys.touch(id);
  t.type(await lastUsed(), Date);
  const used = async (ago: string) => {
    await query('UPDATE api_keys SET last_used_at = now() - $2::interval WHERE id = $1', [id, ago]);
    const before = await lastUsed();
    await db.apiKeys.touch(id);
    return (await lastUsed())?.getTime() !== before?.getTime();
  };
  t.equal(await used('20 seconds'), false);
  t.equal(await used('61 seconds'), true);
  await db.apiKeys.touch('nobody');
});

t.test('the list holds no digest', async (t) => {
  const id = await makeKey({ name: 'listed' });
  const row = (await db.apiKeys.list()).find((one) => one.id === id);
  t.match(row, { id, name: 'listed', tenantId: await tenant, revokedAt: null, createdAt: Date });
  t.same(Object.keys(row ?? {}).sort(), [
    'createdAt',
    'expiresAt',
    'id',
    'name',
    'revokedAt',
    'scopes',
    'tenantId',
  ]);
});

t.test('ensureTenant makes a tenant once', async (t) => {
  const id = await db.apiKeys.ensureTenant('twice');
  t.equal(await db.apiKeys.ensureTenant('twice'), id);
  t.not(await db.apiKeys.ensureTenant('other'), id);
  t.same(await query('SELECT id FROM tenants WHERE name = $1', ['twice']), [{ id }]);
});

t.test('ensureTenant makes a tenant once, however many ask at the same time', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const asked = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? db : other));
  const ids = await Promise.all(asked.map((one) => one.apiKeys.ensureTenant('race')));
  t.equal(new Set(ids).size, 1);
  t.equal((await query('SELECT id FROM tenants WHERE name = $1', ['race'])).length, 1);
});
