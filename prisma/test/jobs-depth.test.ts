import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJobs } from './queued-job.ts';

// Counts go over all rows: this file has a database without any.
const { db, query } = await createTestDatabase();

t.test('an empty queue', async (t) => {
  t.same(await db.jobs.depth(), { queued: 0, processing: 0, oldestQueuedAgeMs: 0 });
});

t.test('position counts the queued jobs that are older, up to a bound', async (t) => {
  const tenantId = newId();
  const ids = (await queueJobs(db, 6, { tenantId })).map((image) => image.jobId).sort();
  const positions = (tenant = tenantId) => Promise.all(ids.map((id) => db.jobs.position(tenant, id)));
  t.same(await positions(), [0, 1, 2, 3, 4, 5]);
  await db.work.claim(ids[1] ?? '', { worker: 'w', leaseMs: 60_000 });
  t.same(await positions(), [0, 1, 1, 2, 3, 4]);
  t.equal(await db.jobs.position(tenantId, ids[5] ?? '', 3), 3);
  t.same(await positions(newId()), [0, 0, 0, 0, 0, 0], 'another tenant learns nothing');
});

t.test('who is run again, or has to wait, is behind those that are due before', async (t) => {
  await query('TRUNCATE jobs CASCADE');
  const tenantId = newId();
  const jobs = (await queueJobs(db, 4, { tenantId })).sort((a, b) => (a.jobId < b.jobId ? -1 : 1));
  const [again, waits, third, last] = jobs.map(({ jobId }) => jobId) as [string, string, string, string];
  await db.jobs.cancel(tenantId, again);
  await query(`UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = $1`, [waits]);
  await db.jobs.retry(tenantId, again);
  t.same(
    await Promise.all([third, last, again, waits].map((id) => db.jobs.position(tenantId, id))),
    [0, 1, 2, 3],
  );
});

t.test('depth counts what is unfinished', async (t) => {
  await query('TRUNCATE jobs CASCADE');
  const [first, second, third, fourth] = (await queueJobs(db, 4)).map((image) => image.jobId);
  await query(`UPDATE jobs SET created_at = now() - interval '1 hour' WHERE id = $1`, [first]);
  await query(`UPDATE jobs SET created_at = now() - interval '1 day', status = 'processing' WHERE id = $1`, [
    second,
  ]);
  await query(`UPDATE jobs SET created_at = now() - interval '1 day', status = 'failed' WHERE id = $1`, [
    third,
  ]);
  const { queued, processing, oldestQueuedAgeMs } = await db.jobs.depth();
  t.same({ queued, processing }, { queued: 2, processing: 1 });
  t.ok(oldestQueuedAgeMs >= 3_600_000 && oldestQueuedAgeMs < 2 * 3_600_000, String(oldestQueuedAgeMs));
  t.ok(fourth);
});
