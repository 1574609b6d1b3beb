import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJob, queueJobs } from './queued-job.ts';

// The reconciler looks at every row, so each test has the table for itself.
const { url, db, query } = await createTestDatabase();
t.beforeEach(async () => {
  await query('TRUNCATE jobs, images, events CASCADE');
});

/** A job whose worker has said nothing for longer than its lease. */
async function loseJob(attempt: number): Promise<string> {
  const { jobId } = await queueJob(db);
  await query(
    `UPDATE jobs SET status = 'processing', attempt = $2, failures = $2 - 1, lease_until = now() - interval '1 second' WHERE id = $1`,
    [jobId, attempt],
  );
  return jobId;
}

t.test('a job whose lease ran out is queued again, with the reason and without an event', async (t) => {
  const id = await loseJob(2);
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 3, limit: 10 }), 1);
  const rows = await query(
    'SELECT status, attempt, lease_until, finished_at, error_code, error_retryable FROM jobs WHERE id = $1',
    [id],
  );
  t.same(rows, [
    {
      status: 'queued',
      attempt: 2,
      lease_until: null,
      finished_at: null,
      error_code: 'WORKER_LOST',
      error_retryable: true,
    },
  ]);
  t.same(await query('SELECT type FROM events WHERE job_id = $1', [id]), [{ type: 'job.queued' }]);
  t.same(await db.reconcile.takeQuiet({ quietMs: 3_600_000, limit: 10 }), [{ id, generation: 1 }], 'at once');
  t.match(await db.work.claim(id, { worker: 'w', leaseMs: 1000 }), { attempt: 3 });
});

t.test('after its last attempt it has failed, with an event', async (t) => {
  const id = await loseJob(3);
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 3, limit: 10 }), 1);
  const rows = await query(
    `SELECT status, lease_until, finished_at IS NOT NULL AS finished, error_code FROM jobs WHERE id = $1`,
    [id],
  );
  t.same(rows, [{ status: 'failed', lease_until: null, finished: true, error_code: 'WORKER_LOST' }]);
  const events = await query('SELECT type FROM events WHERE job_id = $1 ORDER BY seq', [id]);
  t.same(events, [{ type: 'job.queued' }, { type: 'job.failed' }]);
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 3, limit: 10 }), 0);
});

t.test('living leases and other states are left alone', async (t) => {
  const [living] = await queueJobs(db, 2);
  await db.work.claim(living?.jobId ?? '', { worker: 'w', leaseMs: 60_000 });
  const before = await query('SELECT * FROM jobs ORDER BY id');
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 1, limit: 10 }), 0);
  t.same(await query('SELECT * FROM jobs ORDER BY id'), before);
});

t.test('no more than the limit at a time', async (t) => {
  for (let count = 0; count < 5; count += 1) await loseJob(1);
  const freed: number[] = [];
  for (let round = 0; round < 4; round += 1)
    freed.push(await db.reconcile.expireLeases({ maxAttempts: 3, limit: 2 }));
  t.same(freed, [2, 2, 1, 0]);
});

const QUIET: Record<string, { change: string; taken: boolean }> = {
  'quiet and due': { change: `nudged_at = now() - interval '1 minute'`, taken: true },
  'never looked after': { change: `nudged_at = '-infinity'`, taken: true },
  'nudged just now': { change: `nudged_at = now()`, taken: false },
  'not due yet': { change: `nudged_at = '-infinity', run_after = now() + interval '1 minute'`, taken: false },
  'being processed': { change: `nudged_at = '-infinity', status = 'processing'`, taken: false },
  completed: { change: `nudged_at = '-infinity', status = 'completed'`, taken: false },
  failed: { change: `nudged_at = '-infinity', status = 'failed'`, taken: false },
  canceled: { change: `nudged_at = '-infinity', status = 'canceled'`, taken: false },
};

for (const [name, { change, taken }] of Object.entries(QUIET)) {
  t.test(`a job that is ${name} is ${taken ? 'taken once' : 'not taken'}`, async (t) => {
    const { jobId: id } = await queueJob(db);
    await query(`UPDATE jobs SET generation = 4, ${change} WHERE id = $1`, [id]);
    const expected = taken ? [{ id, generation: 4 }] : [];
    t.same(await db.reconcile.takeQuiet({ quietMs: 30_000, limit: 10 }), expected);
    t.same(await db.reconcile.takeQuiet({ quietMs: 30_000, limit: 10 }), [], 'it is marked');
  });
}

t.test('two reconcilers at once take disjoint sets, and together everything', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const ids = (await queueJobs(db, 60)).map((image) => image.jobId);
  await query(`UPDATE jobs SET nudged_at = '-infinity'`);
  const taken: string[] = [];
  for (let found = 1; found > 0; ) {
    const rounds = [db, other, db, other].map((one) =>
      one.reconcile.takeQuiet({ quietMs: 30_000, limit: 8 }),
    );
    const nudges = (await Promise.all(rounds)).flat();
    found = nudges.length;
    taken.push(...nudges.map(({ id }) => id));
  }
  t.same(taken.sort(), ids.sort());
});

t.test('renew gives queued jobs the next generation', async (t) => {
  const [first, second, gone] = await queueJobs(db, 3);
  await query(`UPDATE jobs SET generation = 7 WHERE id = $1`, [second?.jobId]);
  await query(`UPDATE jobs SET status = 'completed' WHERE id = $1`, [gone?.jobId]);
  const ids = [first, second, gone].map((image) => image?.jobId ?? '');
  const renewed = await db.reconcile.renew([...ids, newId()]);
  t.same(
    new Map(renewed.map(({ id, generation }) => [id, generation])),
    new Map([
      [first?.jobId, 1],
      [second?.jobId, 8],
    ]),
  );
  t.same(await db.reconcile.renew([]), []);
});
