import t from 'tap';
import { makeApiKey, newId, openDatabase, SESSION_PRINCIPAL } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { endJob } from './finish-job.ts';
import { anImageToFetch, queueJobs } from './queued-job.ts';

const { db, url, query } = await createTestDatabase();
const other = openDatabase({ url, poolSize: 4 });
t.teardown(other.close);

const count = (tenantId: string, day: string, principal: string) => ({
  ...{ tenantId, day, principal, requests: 1, bytes: 10, jobs: 2 },
});

async function stored(tenantId: string): Promise<object | undefined> {
  const [row] = await query(
    'SELECT images::int, stored_bytes::int AS bytes FROM tenant_usage WHERE tenant_id = $1',
    [tenantId],
  );
  return row;
}

t.test('days', async (t) => {
  const [tenantId, stranger] = [newId(), newId()];
  const { id: keyId, secretSha256 } = makeApiKey();
  await query(`INSERT INTO tenants (id, name) VALUES ($1, 'test')`, [tenantId]);
  await query(`INSERT INTO api_keys (id, tenant_id, name, secret_sha256) VALUES ($1, $2, 'camera', $3)`, [
    keyId,
    tenantId,
    secretSha256,
  ]);
  await db.usage.add([
    count(tenantId, '2026-03-02', SESSION_PRINCIPAL),
    count(tenantId, '2026-03-01', keyId),
    count(tenantId, '2026-03-03', keyId),
    count(tenantId, '2026-02-28', 'gone'),
    count(stranger, '2026-03-02', keyId),
  ]);
  const all = await db.usage.days(tenantId, { from: '2026-01-01', to: '2026-12-31' });
  const one = { requests: 1, bytes: 10, jobs: 2 };
  t.same(all, [
    { day: '2026-03-03', principal: keyId, ...one, keyName: 'camera' },
    { day: '2026-03-02', principal: SESSION_PRINCIPAL, ...one, keyName: null },
    { day: '2026-03-01', principal: keyId, ...one, keyName: 'camera' },
    { day: '2026-02-28', principal: 'gone', ...one, keyName: null },
  ]);
  const some = await db.usage.days(tenantId, { from: '2026-03-01', to: '2026-03-02' });
  t.same(some, all.slice(1, 3), 'both ends are included');
});

t.test('many processes add to the same days', async (t) => {
  const tenants = Array.from({ length: 20 }, newId);
  const counts = tenants.map((tenantId) => count(tenantId, '2026-03-01', SESSION_PRINCIPAL));
  await Promise.all(
    Array.from({ length: 50 }, (_, nth) =>
      (nth % 2 === 0 ? db : other).usage.add(nth % 4 < 2 ? counts : counts.toReversed()),
    ),
  );
  const sums = await query(
    'SELECT DISTINCT requests::int, bytes::int, jobs::int FROM usage_days WHERE tenant_id = ANY($1)',
    [tenants],
  );
  t.same(sums, [{ requests: 50, bytes: 500, jobs: 100 }]);
});

t.test('now', async (t) => {
  const tenantId = newId();
  t.same(await db.usage.now(tenantId), { images: 0, storedBytes: 0, unfinishedJobs: 0, requestsToday: 0 });
  await queueJobs(db, 2, { tenantId, bytes: 100 });
  await endJob(db, 'failed', { tenantId, bytes: 100 });
  await query(
    `INSERT INTO usage_days (tenant_id, day, principal, requests)
     SELECT $1, (now() AT TIME ZONE 'UTC')::date - ago, principal, 5
     FROM generate_series(-1, 1) ago, unnest(ARRAY['session', 'key']) principal`,
    [tenantId],
  );
  t.same(await db.usage.now(tenantId), { images: 3, storedBytes: 300, unfinishedJobs: 2, requestsToday: 10 });
});

t.test('what is stored follows the images', async (t) => {
  const tenantId = newId();
  const images = await queueJobs(db, 3, { tenantId, bytes: 100 });
  t.same(await stored(tenantId), { images: 3, bytes: 300 }, 'taken in');
  const toFetch = anImageToFetch({ tenantId });
  await db.uploads.acceptUrl(toFetch);
  t.same(await stored(tenantId), { images: 4, bytes: 300 }, 'to be fetched');
  await query('UPDATE images SET bytes = 50 WHERE id = $1', [toFetch.imageId]);
  t.same(await stored(tenantId), { images: 4, bytes: 350 }, 'fetched');
  await query(`UPDATE images SET title = 'a title', bytes = bytes WHERE tenant_id = $1`, [tenantId]);
  t.same(await stored(tenantId), { images: 4, bytes: 350 }, 'written without a change');
  for (const { imageId } of images) await db.images.remove(tenantId, imageId);
  t.same(await stored(tenantId), { images: 1, bytes: 50 }, 'removed');
});

t.test('statements over images of many tenants, at once and in other orders', async (t) => {
  const tenants = Array.from({ length: 20 }, newId);
  const write = async (order: string[]) => {
    const ids = order.map(newId);
    await query(
      `INSERT INTO images (id, tenant_id, object_key, bytes) SELECT id, tenant, id::text, 10 FROM unnest($1::uuid[], $2::uuid[]) AS r(id, tenant)`,
      [ids, order],
    );
    await query('DELETE FROM images WHERE id = ANY($1)', [ids.slice(1)]);
    return order[0];
  };
  const turned = tenants.toReversed();
  const rounds = Array.from({ length: 30 }, (_, nth) => write(nth % 2 === 0 ? tenants : turned));
  await Promise.all(rounds);
  const sums = await query(
    `SELECT images::int, stored_bytes::int AS bytes, count(*)::int AS tenants FROM tenant_usage
     WHERE tenant_id = ANY($1) GROUP BY images, stored_bytes ORDER BY images`,
    [tenants],
  );
  t.same(sums, [
    { images: 0, bytes: 0, tenants: 18 },
    { images: 15, bytes: 150, tenants: 2 },
  ]);
});
