import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { makeDerivative } from './derivative-fixtures.ts';
import { claimAgain, endJob, FAILURE, someFacts } from './finish-job.ts';
import { anImage, anImageToFetch, beginUpload, queueJob } from './queued-job.ts';
import { addEndpoint, anAnswer, claimed } from './webhook-fixtures.ts';

const { url, db, query } = await createTestDatabase();

const DAY_MS = 86_400_000;
/** By whom, and what, is kept for its own time: see the request log's retention. */
const KEPT = ['request_logs'];

async function countOwned(tenantId: string): Promise<Record<string, number>> {
  const tables = await query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1`,
  );
  const counts = tables
    .filter(({ name }) => !KEPT.includes(name))
    .map(async ({ name }) => {
      const [row] = await query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${name} WHERE tenant_id = $1`,
        [tenantId],
      );
      return [name, row?.count ?? 0] as const;
    });
  return Object.fromEntries(await Promise.all(counts));
}

async function makePerson(email: string): Promise<{ id: string; tenantId: string }> {
  const person = await db.users.create({ email, name: null, passwordHash: 'hash', planName: 'free' });
  if (person === undefined) throw new Error(`${email} is taken.`);
  return person;
}

/** Something in every table that has owners. */
async function fill(tenantId: string): Promise<void> {
  await addEndpoint(db, tenantId);
  await db.deliveryKeys.current(tenantId);
  const { imageId } = await endJob(db, 'completed', {
    tenantId,
    contentDigestHex: 'ab'.repeat(32),
    tags: ['wet'],
  });
  await makeDerivative(db, { tenantId, imageId }, { objectKey: `${tenantId}/derived/1` });
  await makeDerivative(db, { tenantId }, { objectKey: `${tenantId}/derived/2` });
  await endJob(db, 'failed', { tenantId });
  await queueJob(db, { tenantId });
  const { jobId } = await queueJob(db, { tenantId });
  await claimAgain(db, jobId);
  await db.uploads.acceptUrl(anImageToFetch({ tenantId }));
  await db.idempotency.begin({ tenantId, key: 'k', owner: newId() }, { leaseMs: 60_000, keepMs: 60_000 });
  await db.usage.add([{ tenantId, day: '2026-11-21', principal: 'session', requests: 1, bytes: 1, jobs: 1 }]);
  await db.rateWindows.take([{ subject: `tenant:${tenantId}`, seconds: 86_400, limit: 10 }]);
  const [delivery] = await query<{ id: string }>('SELECT id FROM webhook_deliveries WHERE tenant_id = $1', [
    tenantId,
  ]);
  await db.sending.succeed(anAnswer(await claimed(db, delivery?.id ?? '')));
  const { secretSha256, id } = { id: newId().slice(-12), secretSha256: Buffer.alloc(32) };
  await db.apiKeys.create(tenantId, { id, name: 'k', secretSha256 });
}

async function purgeAll(graceMs: number, limit = 1000): Promise<number[]> {
  const slices: number[] = [];
  do slices.push(await db.purge.next({ graceMs, limit }));
  while (slices.at(-1) !== 0);
  return slices.slice(0, -1);
}

/** Answers what the sweep removed of a tenant. */
async function sweep(tenantId: string): Promise<string[]> {
  const swept: string[] = [];
  const remove = async (key: string) => {
    swept.push(key);
  };
  await db.sweep.abandonedUploads({ olderThanMs: 365 * DAY_MS, limit: 1000, remove });
  return swept.filter((key) => key.startsWith(tenantId));
}

t.test('nothing of a deleted tenant is left, and all is left of its neighbor', async (t) => {
  const [person, neighbor] = [await makePerson('a@example.com'), await makePerson('b@example.com')];
  const { tenantId } = person;
  for (const owner of [person, neighbor]) {
    await fill(owner.tenantId);
    await beginUpload(db, anImage({ tenantId: owner.tenantId }));
  }
  const owned = await countOwned(tenantId);
  t.strictSame(
    Object.keys(owned).filter((table) => owned[table] === 0),
    [],
    'the test knows every table',
  );
  const ofNeighbor = await countOwned(neighbor.tenantId);
  const objectKeys = (
    await query<{ key: string }>(
      `SELECT object_key AS key FROM images WHERE tenant_id = $1 AND bytes IS NOT NULL
       UNION SELECT object_key FROM derivatives WHERE tenant_id = $1`,
      [tenantId],
    )
  ).map(({ key }) => key);
  t.equal(objectKeys.length, 6);
  const [last] = await query<{ seq: string }>('SELECT max(seq) AS seq FROM events');

  t.same(await purgeAll(0), [], 'who lives has nothing to fear');
  await db.users.remove(person.id);
  t.same(await purgeAll(60_000), [], 'nor who has just been deleted');
  t.ok((await purgeAll(0)).length > 0);
  t.match(await countOwned(tenantId), {
    images: 0,
    jobs: 0,
    events: 0,
    webhook_deliveries: 0,
    uploads: 7,
    derivatives: 0,
    tenant_usage: 1,
  });
  t.same(
    await query('SELECT FROM tenants WHERE id = $1', [tenantId]).then((rows) => rows.length),
    1,
    'its uploads are not gone',
  );

  t.same(
    (await sweep(tenantId)).sort(),
    objectKeys.sort(),
    'every object, and not the one that is being uploaded',
  );
  await query('DELETE FROM uploads WHERE tenant_id = $1', [tenantId]);
  t.same(await purgeAll(0), [1], 'the tenant itself');
  t.same(
    Object.entries(await countOwned(tenantId)).filter(([, count]) => count > 0),
    [],
  );
  t.same(await query('SELECT FROM tenants WHERE id = $1', [tenantId]), []);
  t.same(await query('SELECT FROM rate_windows WHERE subject = $1', [`tenant:${tenantId}`]), []);
  t.same(await countOwned(neighbor.tenantId), ofNeighbor);
  t.same(await query('SELECT FROM webhook_attempts').then((rows) => rows.length), 1, 'of the neighbor');
  t.same(await query('SELECT FROM events WHERE seq > $1', [last?.seq]), [], 'nobody was told');
});

t.test('in slices', async (t) => {
  const { id, tenantId } = await makePerson('slices@example.com');
  for (let made = 0; made < 7; made += 1) await endJob(db, 'completed', { tenantId });
  await db.users.remove(id);
  const slices = await purgeAll(0, 3);
  t.same(slices.slice(0, 2), [3, 3], 'images');
  t.equal(
    slices.reduce((sum, removed) => sum + removed, 0),
    21,
    'with two events each',
  );
  t.match(await countOwned(tenantId), { images: 0, jobs: 0, events: 0 });
});

t.test('a worker that had a job of it loses it', async (t) => {
  const { id, tenantId } = await makePerson('worker@example.com');
  const jobs = [await queueJob(db, { tenantId }), await queueJob(db, { tenantId })];
  const [first, second] = await Promise.all(jobs.map(({ jobId }) => claimAgain(db, jobId)));
  await db.users.remove(id);
  await purgeAll(0);
  t.equal(await db.work.complete(someFacts(first ?? { id: '', attempt: 0 })), false);
  t.match(
    await db.work.fail({
      ...second,
      ...FAILURE,
      id: second?.id ?? '',
      attempt: 1,
      options: {},
      retryAfterMs: null,
    }),
    false,
  );
  t.match(await countOwned(tenantId), { jobs: 0, events: 0 });
});

t.test('what comes late is removed too: the tenant is remembered for a while', async (t) => {
  const { id, tenantId } = await makePerson('late@example.com');
  const image = anImage({ tenantId });
  await db.users.remove(id);
  await query(`UPDATE tenants SET deleted_at = now() - interval '2 minutes' WHERE id = $1`, [tenantId]);
  t.same(await purgeAll(60_000), []);
  await beginUpload(db, image);
  t.match(await db.uploads.accept(image), { outcome: 'accepted' });
  t.ok((await purgeAll(60_000)).length > 0);
  t.match(await countOwned(tenantId), { images: 0, jobs: 0, events: 0, uploads: 1 });
  t.same(await sweep(tenantId), [`${tenantId}/original/${image.imageId}`]);
  t.same(await purgeAll(60_000), []);
  await query(`UPDATE tenants SET deleted_at = now() - interval '61 minutes' WHERE id = $1`, [tenantId]);
  t.same(await purgeAll(60_000), [1]);
  t.same(
    Object.entries(await countOwned(tenantId)).filter(([, count]) => count > 0),
    [],
  );
});

t.test('several at the same time, while workers work', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const { id, tenantId } = await makePerson('many@example.com');
  const jobs = await Promise.all(Array.from({ length: 40 }, () => queueJob(db, { tenantId })));
  await db.users.remove(id);
  const purge = async (one: typeof db) => {
    while ((await one.purge.next({ graceMs: 0, limit: 5 })) > 0);
  };
  const work = jobs.map(async ({ jobId }) => {
    const job = await db.work.claim(jobId, { worker: 'w', leaseMs: 60_000 });
    return job && db.work.complete(someFacts(job));
  });
  const outcomes = await Promise.allSettled([purge(db), purge(other), ...work]);
  t.same(
    outcomes.filter(({ status }) => status === 'rejected'),
    [],
    'nobody waits for the other in a circle',
  );
  await purgeAll(0);
  t.match(await countOwned(tenantId), { images: 0, jobs: 0, events: 0 });
  const keys = new Set(await sweep(tenantId));
  t.equal(jobs.filter(({ imageId }) => keys.has(`${tenantId}/original/${imageId}`)).length, 40);
});

t.test('events of one moment, however many there are of others', async (t) => {
  const [person, neighbor] = [await makePerson('m@example.com'), await makePerson('n@example.com')];
  const add = (tenantId: string, count: number) =>
    query(
      `INSERT INTO events (tenant_id, type, job_id, image_id, created_at)
       SELECT $1, 'job.queued', gen_random_uuid(), gen_random_uuid(), date_trunc('hour', now()) FROM generate_series(1, $2)`,
      [tenantId, count],
    );
  await query(`UPDATE tenants SET created_at = date_trunc('hour', now()) WHERE id = $1`, [person.tenantId]);
  await add(neighbor.tenantId, 5001);
  await add(person.tenantId, 1);
  await db.users.remove(person.id);
  await purgeAll(0);
  t.same(await query('SELECT FROM events WHERE tenant_id = $1', [person.tenantId]), []);
  t.equal((await query('SELECT FROM events WHERE tenant_id = $1', [neighbor.tenantId])).length, 5001);
});
