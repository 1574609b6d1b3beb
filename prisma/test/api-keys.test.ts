import t from 'tap';
import { isDataError, makeApiKey, newId, openDatabase, type Scope, USER_SCOPES } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { url, db, query } = await createTestDatabase();
const tenant = await db.allApiKeys.ensureTenant('plates');
const stranger = await db.allApiKeys.ensureTenant('stranger');

const newKey = (
  given: { name?: string; expiresAt?: Date | null; scopes?: Scope[]; planName?: string } = {},
) => {
  const { id, secretSha256 } = makeApiKey();
  return { id, name: 'test', secretSha256, ...given };
};

async function makeKey(given: Parameters<typeof newKey>[0] = {}, owner = tenant): Promise<string> {
  const key = newKey(given);
  await db.apiKeys.create(owner, key);
  return key.id;
}

const inAnHour = () => new Date(Date.now() + 3_600_000);

t.test('a key is answered as it was made, without its digest', async (t) => {
  const given = {
    name: 'camera',
    scopes: ['images:read'] as Scope[],
    planName: 'pro',
    expiresAt: inAnHour(),
  };
  const key = newKey(given);
  const row = await db.apiKeys.create(tenant, key);
  const want = { id: key.id, tenantId: tenant, ...given, revokedAt: null, lastUsedAt: null };
  const { createdAt, ...rest } = row ?? {};
  t.same(rest, want);
  t.type(createdAt, Date);
  t.same(await db.apiKeys.get(tenant, key.id), row);
  const plain = await db.apiKeys.get(tenant, await makeKey());
  t.match(plain, { scopes: [...USER_SCOPES], planName: null, expiresAt: null });
});

t.test('a key needs a tenant, a plan and an id of its own', async (t) => {
  const key = newKey();
  await db.apiKeys.create(tenant, key);
  const outcomes = await Promise.allSettled([
    db.apiKeys.create(newId(), newKey()),
    db.apiKeys.create(tenant, newKey({ planName: 'none' })),
    db.apiKeys.create(tenant, key),
  ]);
  t.same(
    outcomes.map((outcome) => outcome.status === 'rejected' && isDataError(outcome.reason)),
    [true, true, true],
  );
});

t.test('what belongs to another tenant is not there', async (t) => {
  const id = await makeKey();
  t.equal(await db.apiKeys.get(stranger, id), undefined);
  t.equal(await db.apiKeys.revoke(stranger, id), false);
  t.equal(await db.apiKeys.rotate(stranger, id, { ...makeApiKey(), overlapMs: 0 }), undefined);
  t.notOk((await db.apiKeys.list(stranger)).some((row) => row.id === id));
  t.match(await db.apiKeys.get(tenant, id), { revokedAt: null, expiresAt: null }, 'and stays as it was');
});

t.test('list: newest first, the dead ones too', async (t) => {
  const owner = await db.allApiKeys.ensureTenant('lister');
  const ids = [
    await makeKey({}, owner),
    await makeKey({ expiresAt: new Date(0) }, owner),
    await makeKey({}, owner),
  ];
  await query(
    `UPDATE api_keys SET created_at = now() - array_position($1, id) * interval '1 hour' WHERE id = ANY($1)`,
    [ids],
  );
  await db.apiKeys.revoke(owner, ids[0] ?? '');
  t.same(
    (await db.apiKeys.list(owner)).map(({ id }) => id),
    ids,
  );
});

t.test('revoke works once', async (t) => {
  const id = await makeKey();
  t.equal(await db.apiKeys.revoke(tenant, id), true);
  const revokedAt = (await db.apiKeys.get(tenant, id))?.revokedAt;
  t.type(revokedAt, Date);
  t.equal(await db.apiKeys.revoke(tenant, id), false);
  t.same((await db.apiKeys.get(tenant, id))?.revokedAt, revokedAt, 'the first time stays');
  t.equal(await db.apiKeys.revoke(tenant, 'nobody'), false);
});

t.test('list: all that are live, and the newest of those that are not', async (t) => {
  const owner = await db.allApiKeys.ensureTenant('hoarder');
  await makeKey({ name: 'the oldest' }, owner);
  await query(
    `INSERT INTO api_keys (id, tenant_id, name, secret_sha256, created_at, revoked_at, expires_at)
     SELECT lpad(n::text, 12, '0'), $1, n::text, sha256(n::text::bytea), now() + n * interval '1 second',
       CASE WHEN n % 2 = 0 THEN now() END, CASE WHEN n % 2 = 1 THEN now() END
     FROM generate_series(1, 1200) AS n`,
    [owner],
  );
  const names = (await db.apiKeys.list(owner)).map(({ name }) => name);
  t.same(names, [...Array.from({ length: 1000 }, (_, index) => String(1200 - index)), 'the oldest']);
});

t.test('rotate: a new key of the same kind, and the old one for a while', async (t) => {
  const expiresAt = inAnHour();
  const given = { name: 'camera', scopes: ['images:read'] as Scope[], planName: 'pro', expiresAt };
  const id = await makeKey(given);
  const next = makeApiKey();
  const row = await db.apiKeys.rotate(tenant, id, { ...next, overlapMs: 600_000 });
  t.match(row, { id: next.id, tenantId: tenant, ...given, revokedAt: null, lastUsedAt: null });
  t.same(Buffer.from((await db.principals.ofKey(next.id))?.secretSha256 ?? []), next.secretSha256);
  const until = (await db.apiKeys.get(tenant, id))?.expiresAt?.getTime() ?? 0;
  t.ok(until > Date.now() && until < Date.now() + 900_000, 'the old one works for ten minutes');

  t.equal(await db.apiKeys.rotate(tenant, id, { ...makeApiKey(), overlapMs: 0 }), undefined, 'once');
  const last = makeApiKey();
  t.match(await db.apiKeys.rotate(tenant, next.id, { ...last, overlapMs: 86_400_000 }), { expiresAt });
  t.same(
    (await db.apiKeys.get(tenant, next.id))?.expiresAt,
    expiresAt,
    'an overlap makes no key live longer',
  );
});

t.test('rotate: not what is dead, and once only, however many ask at the same time', async (t) => {
  const revoked = await makeKey();
  await db.apiKeys.revoke(tenant, revoked);
  for (const id of [revoked, await makeKey({ expiresAt: new Date(0) }), 'nobody'])
    t.equal(await db.apiKeys.rotate(tenant, id, { ...makeApiKey(), overlapMs: 1000 }), undefined, id);
  const id = await makeKey();
  const made = await Promise.all(
    Array.from({ length: 8 }, () => db.apiKeys.rotate(tenant, id, { ...makeApiKey(), overlapMs: 0 })),
  );
  t.equal(made.filter((row) => row !== undefined).length, 1);
  const ended = (await db.apiKeys.get(tenant, id))?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  t.ok(ended <= Date.now() + 1000, 'without an overlap the old one has ended');
});

t.test('at most so many live keys, however many are made at the same time', async (t) => {
  const owner = await db.allApiKeys.ensureTenant('collector');
  await makeKey({ expiresAt: new Date(0) }, owner);
  await db.apiKeys.revoke(owner, await makeKey({}, owner));
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const asked = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? db : other));
  const made = await Promise.all(asked.map((one) => one.apiKeys.create(owner, { ...newKey(), most: 5 })));
  t.equal(made.filter((row) => row !== undefined).length, 5, 'the dead ones are not counted');
});

t.test('nobody makes a key for a tenant that is being deleted', async (t) => {
  const owner = await db.allApiKeys.ensureTenant('leaving');
  await query('UPDATE tenants SET deleted_at = now() WHERE id = $1', [owner]);
  t.equal(await db.apiKeys.create(owner, newKey()), undefined);
});

t.test('for the command line: keys of all tenants', async (t) => {
  const ids = [await makeKey(), await makeKey({}, stranger)];
  const listed = (await db.allApiKeys.list()).filter(({ id }) => ids.includes(id));
  t.same(new Set(listed.map(({ tenantId }) => tenantId)), new Set([tenant, stranger]));
  t.notOk(Object.keys(listed[0] ?? {}).includes('secretSha256'));
  t.equal(await db.allApiKeys.revoke(ids[1] ?? ''), true);
  t.equal(await db.allApiKeys.revoke(ids[1] ?? ''), false);
});

t.test('ensureTenant makes a tenant once, however many ask at the same time', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const asked = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? db : other));
  const ids = await Promise.all(asked.map((one) => one.allApiKeys.ensureTenant('race')));
  t.equal(new Set(ids).size, 1);
  t.equal(await db.allApiKeys.ensureTenant('race'), ids[0]);
  t.not(await db.allApiKeys.ensureTenant('other'), ids[0]);
  t.equal((await query('SELECT id FROM tenants WHERE name = $1', ['race'])).length, 1);
});
