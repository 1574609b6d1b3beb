import t from 'tap';
import { newId, openDatabase, type RetryFilter } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import {
  claimAgain,
  claimJob,
  type Ended,
  endJob,
  FAILURE,
  idOfDay,
  LEASE,
  someFacts,
} from './finish-job.ts';
import { queueJob, queueJobs } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();
const other = openDatabase({ url, poolSize: 4 });
t.teardown(() => other.close());

async function eventTypes(id: string): Promise<string[]> {
  const rows = await query<{ type: string }>('SELECT type FROM events WHERE job_id = $1 ORDER BY seq', [id]);
  return rows.map((row) => row.type);
}

t.test('cancel ends a job that waits', async (t) => {
  const { tenantId, jobId } = await queueJob(db);
  t.equal(await db.jobs.cancel(newId(), jobId), undefined, 'another tenant');
  t.equal(await db.jobs.cancel(tenantId, newId()), undefined);
  t.equal(await db.jobs.cancel(tenantId, jobId), 'canceled');
  t.match(await db.jobs.get(tenantId, jobId), { status: 'canceled', finishedAt: Date, errorCode: null });
  t.equal(await db.jobs.cancel(tenantId, jobId), 'finished');
  t.equal(await db.work.claim(jobId, LEASE), undefined);
  t.same(await eventTypes(jobId), ['job.queued', 'job.canceled']);
});

t.test('cancel takes a job from its worker, who writes nothing more', async (t) => {
  const job = await claimJob(db);
  t.equal(await db.jobs.cancel(job.tenantId, job.id), 'canceled');
  t.same(await db.work.heartbeat([job], 1000), new Set());
  t.equal(await db.work.complete(someFacts(job)), false);
  t.equal(await db.work.fail({ ...job, ...FAILURE, options: {}, retryAfterMs: 0 }), false);
  await db.work.release([job]);
  await query(`UPDATE jobs SET run_after = '-infinity', nudged_at = '-infinity' WHERE id = $1`, [job.id]);
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 1, limit: 10 }), 0);
  t.match(await db.jobs.get(job.tenantId, job.id), { status: 'canceled', failures: 0 });
  t.same(await eventTypes(job.id), ['job.queued', 'job.canceled']);
});

for (const ended of ['completed', 'failed'] as const) {
  t.test(`cancel is too late for a job that ${ended}`, async (t) => {
    const { tenantId, id } = await endJob(db, ended);
    t.equal(await db.jobs.cancel(tenantId, id), 'finished');
    t.same(await eventTypes(id), ['job.queued', `job.${ended}`]);
  });
}

t.test('cancel and complete at once: one of them', async (t) => {
  const jobs = await Promise.all(Array.from({ length: 60 }, () => claimJob(db)));
  const results = await Promise.all(
    jobs.map(async (job) => {
      const [canceled, completed] = await Promise.all([
        other.jobs.cancel(job.tenantId, job.id),
        db.work.complete(someFacts(job)),
      ]);
      return { id: job.id, canceled: canceled === 'canceled', completed };
    }),
  );
  t.ok(results.every(({ canceled, completed }) => canceled !== completed));
  for (const { id, completed } of results)
    t.same(await eventTypes(id), ['job.queued', completed ? 'job.completed' : 'job.canceled']);
});

t.test(
  'retry begins anew with all attempts, and keeps what was learnt of the image but one thing',
  async (t) => {
    const job = await claimJob(db, { options: { profile: 'fast' } });
    await db.work.fail({ ...job, ...FAILURE, options: { pixelsGivenUp: true }, retryAfterMs: null });
    t.same(await db.jobs.retry(job.tenantId, job.id), { id: job.id, generation: 1 });
    const row = await db.jobs.get(job.tenantId, job.id);
    t.match(row, {
      status: 'queued',
      failures: 0,
      attempt: 1,
      finishedAt: null,
      errorCode: null,
      errorMessage: null,
      errorRetryable: null,
    });
    t.same(row?.options, { profile: 'fast' });
    t.match(row?.pastAttempts, [{ attempt: 1, code: FAILURE.errorCode }]);
    t.same(await eventTypes(job.id), ['job.queued', 'job.failed', 'job.queued']);
    t.same(await db.reconcile.takeQuiet({ quietMs: 30_000, limit: 10 }), [], 'the caller nudges');
    const again = await claimAgain(db, job.id);
    t.match(again, { attempt: 2, failures: 0 });
    t.equal(await db.work.complete(someFacts(job)), false, 'the old attempt is fenced off');
    t.equal(await db.work.complete(someFacts(again)), true);
    t.same(await eventTypes(job.id), ['job.queued', 'job.failed', 'job.queued', 'job.completed']);
  },
);

t.test('retry of a canceled job whose worker still runs', async (t) => {
  const job = await claimJob(db);
  await db.jobs.cancel(job.tenantId, job.id);
  t.match(await db.jobs.retry(job.tenantId, job.id), { generation: 1 });
  t.equal(await db.work.complete(someFacts(job)), false);
  t.match(await claimAgain(db, job.id), { attempt: 2 });
});

t.test('who can not be retried', async (t) => {
  const queued = await queueJob(db);
  t.equal(await db.jobs.retry(queued.tenantId, queued.jobId), 'unfit');
  const processing = await claimJob(db);
  t.equal(await db.jobs.retry(processing.tenantId, processing.id), 'unfit');
  const completed = await endJob(db, 'completed');
  t.equal(await db.jobs.retry(completed.tenantId, completed.id), 'unfit');
  const failed = await endJob(db, 'failed');
  t.equal(await db.jobs.retry(newId(), failed.id), undefined);
  t.equal(await db.jobs.retry(failed.tenantId, newId()), undefined);
  t.match(await db.jobs.get(failed.tenantId, failed.id), { status: 'failed' });
});

t.test('many who retry the same job at once: one nudge', async (t) => {
  const { tenantId, id } = await endJob(db, 'failed');
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => (index % 2 ? db : other).jobs.retry(tenantId, id)),
  );
  t.same(
    answers.filter((answer) => answer !== 'unfit'),
    [{ id, generation: 1 }],
  );
  t.same(await eventTypes(id), ['job.queued', 'job.failed', 'job.queued']);
});

const tenantId = newId();
const DEAD: [number, Ended, string?][] = [
  [1, 'failed'],
  [2, 'canceled'],
  [3, 'failed', 'DECODER_TIMEOUT'],
  [4, 'completed'],
  [5, 'failed'],
  [6, 'canceled'],
];
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const FILTERS: [Partial<RetryFilter>, number, number[]][] = [
  [{}, 100, [1, 2, 3, 5, 6]],
  [{}, 2, [1, 2]],
  [{ status: 'failed' }, 100, [1, 3, 5]],
  [{ status: 'canceled' }, 100, [2, 6]],
  [{ errorCode: FAILURE.errorCode }, 100, [1, 5]],
  [{ errorCode: 'DECODER_TIMEOUT', status: 'failed' }, 100, [3]],
  [{ errorCode: 'DECODER_TIMEOUT', status: 'canceled' }, 100, []],
  [{ createdAfter: day(3) }, 100, [3, 5, 6]],
  [{ createdBefore: day(3) }, 100, [1, 2]],
  [{ createdAfter: day(2), createdBefore: day(5), status: 'failed' }, 1, [3]],
];

for (const [filter, limit, days] of FILTERS) {
  t.test(`retryMany ${JSON.stringify(filter)}, at most ${limit}`, async (t) => {
    await query('TRUNCATE jobs, images, events CASCADE');
    for (const [number, ended, errorCode] of DEAD) {
      const { id } = await endJob(db, ended, { tenantId, jobId: idOfDay(number) });
      if (errorCode !== undefined)
        await query('UPDATE jobs SET error_code = $2 WHERE id = $1', [id, errorCode]);
    }
    await queueJob(db, { tenantId });
    t.same(await db.jobs.retryMany(newId(), filter, limit), [], 'another tenant');
    const nudges = await db.jobs.retryMany(tenantId, filter, limit);
    const expected = days.map((number) => ({ id: idOfDay(number), generation: 1 }));
    t.same(nudges, expected);
    const queued = await db.jobs.list(tenantId, { status: 'queued', limit: 100 });
    t.equal(queued.length, days.length + 1);
  });
}

t.test('list by error code, and of the dead', async (t) => {
  await query('TRUNCATE jobs, images, events CASCADE');
  for (const [number, ended] of DEAD) await endJob(db, ended, { tenantId, jobId: idOfDay(number) });
  const days = async (filter: object) =>
    (await db.jobs.list(tenantId, { limit: 10, ...filter })).map(({ createdAt: _, id }) => id);
  t.same(await days({ errorCode: FAILURE.errorCode }), [5, 3, 1].map(idOfDay));
  t.same(await days({ status: 'failed', errorCode: 'OTHER' }), []);
  t.same(await days({ status: 'canceled' }), [6, 2].map(idOfDay));
});

t.test('many retryMany at once, with claims between them: every job once', async (t) => {
  const tenantId = newId();
  const jobs = await queueJobs(db, 60, { tenantId });
  await Promise.all(jobs.map(({ jobId }) => db.jobs.cancel(tenantId, jobId)));
  const found: string[] = [];
  for (let more = true; more; ) {
    const rounds = [db, other, db, other].map((one) => one.jobs.retryMany(tenantId, {}, 7));
    const nudges = (await Promise.all(rounds)).flat();
    found.push(...nudges.map(({ id }) => id));
    await Promise.all(nudges.map(({ id }) => db.work.claim(id, LEASE)));
    more = nudges.length > 0;
  }
  t.same(found.sort(), jobs.map(({ jobId }) => jobId).sort());
});
