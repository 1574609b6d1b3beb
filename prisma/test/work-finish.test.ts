import t from 'tap';
import { type CompletedJob, isDataError, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { claimJob as claim, someFacts } from './finish-job.ts';

const { db, query } = await createTestDatabase();
const LEASE = { worker: 'w-1', leaseMs: 60_000 };
const SHOWN = { errorCode: 'DECODER_TIMEOUT', errorMessage: 'Too slow.', errorRetryable: true };
const FAILURE = { ...SHOWN, counts: true };

const claimJob = () => claim(db);

function facts(job: { id: string; attempt: number }): CompletedJob {
  return {
    ...someFacts(job),
    metadata: { image: { width: 640 }, note: 'Ærø 👩‍👧 "\\' },
    extractorVersion: 'test-1',
    takenAt: '2026-11-01T17:42:10',
    latitude: 50.06,
    longitude: -5.74,
    phash: 'ffeeddccbbaa9988',
    dominantColor: '#336699',
    camera: 'Fujifilm X-T5',
    caption: 'Ærø 👩‍👧, at noon',
    keywords: ['harbour', 'two words', '"{}\\'],
  };
}

/** Everything the database knows of a job. */
async function everything(id: string): Promise<object[]> {
  return query(
    `SELECT to_jsonb(j) AS job, to_jsonb(i) AS image,
            (SELECT jsonb_agg(to_jsonb(e) ORDER BY seq) FROM events e WHERE e.job_id = j.id) AS events
     FROM jobs j JOIN images i ON i.id = j.image_id WHERE j.id = $1`,
    [id],
  );
}

async function eventTypes(id: string): Promise<string[]> {
  const rows = await query<{ type: string }>('SELECT type FROM events WHERE job_id = $1 ORDER BY seq', [id]);
  return rows.map((row) => row.type);
}

t.test('complete writes facts, state and event', async (t) => {
  const job = await claimJob();
  t.equal(await db.work.complete(facts(job)), true);
  const row = await db.jobs.get(job.tenantId, job.id);
  t.match(row, { status: 'completed', fetchMs: 1.5, inspectMs: 20.25, finishedAt: Date, errorCode: null });
  t.match(row?.image, {
    format: 'webp',
    width: 640,
    height: 480,
    schemaVersion: 1,
    extractorVersion: 'test-1',
    takenAt: new Date('2026-11-01T17:42:10Z'),
    latitude: 50.06,
    longitude: -5.74,
    phash: BigInt.asIntN(64, 0xffeeddccbbaa9988n),
    dominantColor: '#336699',
    camera: 'Fujifilm X-T5',
    caption: 'Ærø 👩‍👧, at noon',
    keywords: ['harbour', 'two words', '"{}\\'],
    duplicateOf: null,
    rejectedAt: null,
  });
  t.same(row?.image.metadata, facts(job).metadata);
  t.same(await query('SELECT lease_until FROM jobs WHERE id = $1', [job.id]), [{ lease_until: null }]);
  t.same(await eventTypes(job.id), ['job.queued', 'job.completed']);
});

t.test('complete names what the image nearly is, and leaves a name where it has none to say', async (t) => {
  const job = await claimJob();
  const duplicateOf = newId();
  t.equal(await db.work.complete({ ...facts(job), duplicateOf }), true);
  const named = () => query('SELECT duplicate_of FROM images WHERE id = $1', [job.imageId]);
  t.same(await named(), [{ duplicate_of: duplicateOf }]);
  const again = newId();
  await query(
    `INSERT INTO jobs (id, tenant_id, image_id, request_id) SELECT $1, tenant_id, image_id, 'r' FROM jobs WHERE id = $2`,
    [again, job.id],
  );
  await db.work.claim(again, LEASE);
  t.equal(await db.work.complete({ ...facts({ id: again, attempt: 1 }), caption: null, keywords: [] }), true);
  t.same(await named(), [{ duplicate_of: duplicateOf }]);
  t.match(await db.jobs.get(job.tenantId, job.id), { image: { caption: null, keywords: [] } });
});

t.test('complete forgets the error of an earlier attempt', async (t) => {
  const { id } = await claimJob();
  await db.work.fail({ id, attempt: 1, ...FAILURE, retryAfterMs: 0 });
  t.match(await db.work.claim(id, LEASE), { attempt: 2 });
  t.equal(await db.work.complete(facts({ id, attempt: 2 })), true);
  const [row] = await query('SELECT error_code, error_message, error_retryable FROM jobs WHERE id = $1', [
    id,
  ]);
  t.same(row, { error_code: null, error_message: null, error_retryable: null });
});

t.test('whoever lost the job writes nothing', async (t) => {
  const { id } = await claimJob();
  await query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
  await db.reconcile.expireLeases({ maxAttempts: 5, limit: 10 });
  const second = await db.work.claim(id, LEASE);
  const before = await everything(id);
  t.equal(await db.work.complete(facts({ id, attempt: 1 })), false);
  t.equal(await db.work.fail({ id, attempt: 1, ...FAILURE, retryAfterMs: null }), false);
  t.equal(await db.work.fail({ id, attempt: 1, ...FAILURE, retryAfterMs: 0 }), false);
  await db.work.release([{ id, attempt: 1 }]);
  t.same(await everything(id), before);
  t.equal(await db.work.complete(facts({ id, attempt: second?.attempt ?? 0 })), true);
});

t.test('a finished job stays as it is', async (t) => {
  const job = await claimJob();
  t.equal(await db.work.complete(facts(job)), true);
  const before = await everything(job.id);
  t.equal(await db.work.complete({ ...facts(job), width: 1 }), false);
  t.equal(await db.work.fail({ ...job, ...FAILURE, retryAfterMs: null }), false);
  await db.work.release([job]);
  t.same(await everything(job.id), before);
});

t.test('in one batch the stale and the unwritable fail alone', async (t) => {
  const [good, stale, bad] = [await claimJob(), await claimJob(), await claimJob()];
  const outcomes = await Promise.allSettled([
    db.work.complete(facts(good)),
    db.work.complete({ ...facts(stale), attempt: 7 }),
    db.work.complete({ ...facts(bad), metadata: { nul: '\0' } }),
    db.work.complete({ ...facts({ id: newId(), attempt: 1 }) }),
  ]);
  t.same(
    outcomes.map((one) => (one.status === 'fulfilled' ? one.value : isDataError(one.reason) && 'bad data')),
    [true, false, 'bad data', false],
  );
  t.same(await eventTypes(stale.id), ['job.queued']);
  t.match(await db.jobs.get(bad.tenantId, bad.id), { status: 'processing', attempt: 1 });
});

t.test('a permanent failure ends the job, with an event', async (t) => {
  const job = await claimJob();
  t.equal(await db.work.fail({ ...job, ...FAILURE, retryAfterMs: null }), true);
  t.match(await db.jobs.get(job.tenantId, job.id), {
    status: 'failed',
    finishedAt: Date,
    failures: 1,
    ...SHOWN,
  });
  t.same(await eventTypes(job.id), ['job.queued', 'job.failed']);
  t.equal(await db.work.claim(job.id, LEASE), undefined);
});

t.test('a failure to be tried again waits its time, without an event', async (t) => {
  const job = await claimJob();
  t.equal(await db.work.fail({ ...job, ...FAILURE, retryAfterMs: 3_600_000 }), true);
  t.match(await db.jobs.get(job.tenantId, job.id), { status: 'queued', finishedAt: null, ...SHOWN });
  t.same(await eventTypes(job.id), ['job.queued']);
  t.equal(await db.work.claim(job.id, LEASE), undefined, 'not due yet');
  await query('UPDATE jobs SET run_after = run_after - $2::interval WHERE id = $1', [job.id, '1 hour']);
  t.match(await db.work.claim(job.id, LEASE), { attempt: 2 });
});

t.test('a released job is there for others at once', async (t) => {
  const jobs = [await claimJob(), await claimJob()];
  await db.work.release(jobs);
  const quiet = await db.reconcile.takeQuiet({ quietMs: 3_600_000, limit: 10 });
  t.same(quiet.map(({ id }) => id).sort(), jobs.map(({ id }) => id).sort(), 'the reconciler need not wait');
  for (const { id } of jobs) t.match(await db.work.claim(id, { ...LEASE, worker: 'w-2' }), { attempt: 2 });
  t.same(await eventTypes(jobs[0]?.id ?? ''), ['job.queued']);
});

t.test('an outage does not count as a failure', async (t) => {
  const job = await claimJob();
  await db.work.fail({ ...job, ...FAILURE, counts: false, retryAfterMs: 0 });
  t.match(await db.jobs.get(job.tenantId, job.id), { status: 'queued', failures: 0 });
});

t.test('heartbeats and completions that meet on the same rows never stand in each other’s way', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const jobs = await Promise.all(Array.from({ length: 24 }, claimJob));
    const backwards = [...jobs].reverse();
    const beating = [db.work.heartbeat(jobs, 60_000), db.work.heartbeat(backwards, 60_000)];
    const done = await Promise.all(
      backwards.filter((_, index) => index % 2 === 0).map((job) => db.work.complete(facts(job))),
    );
    t.ok(done.every((one) => one));
    await Promise.all(beating);
  }
});

t.test('jobs given back in any order do not stand in the way of heartbeats', async (t) => {
  const jobs = await Promise.all(Array.from({ length: 60 }, claimJob));
  for (let round = 0; round < 30; round += 1) {
    const ids = jobs.map(({ id }) => id);
    await query(
      `UPDATE jobs SET status = 'processing', lease_until = now() + interval '1 minute' WHERE id = ANY($1)`,
      [ids],
    );
    const given = [...jobs].reverse();
    await Promise.all([
      db.work.release(given),
      db.work.heartbeat(jobs, 60_000),
      db.work.heartbeat(jobs, 60_000),
    ]);
  }
  t.match(await db.jobs.get(jobs[0]?.tenantId ?? '', jobs[0]?.id ?? ''), { status: 'queued' });
});
