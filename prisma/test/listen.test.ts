import t from 'tap';
import { type FinishedJobs, listenForFinishedJobs } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { queueJob } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();
const LONG = { timeoutMs: 50_000 };

/** Backends of this database that listen by now. */
async function listeners(): Promise<number[]> {
  const rows = await query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tintype-listen' AND query LIKE 'LISTEN%' AND state = 'idle'`,
  );
  return rows.map((row) => row.pid);
}

async function listen(onError: (error: Error) => void = () => undefined): Promise<FinishedJobs> {
  const finished = listenForFinishedJobs(url, onError);
  await eventually(async () => (await listeners()).length === 1);
  return finished;
}

async function claimJob(): Promise<{ id: string; attempt: number }> {
  const { jobId } = await queueJob(db);
  return (await db.work.claim(jobId, { worker: 'w', leaseMs: 60_000 })) ?? { id: jobId, attempt: 0 };
}

function complete({ id, attempt }: { id: string; attempt: number }): Promise<boolean> {
  const facts = {
    format: 'jpeg',
    width: 1,
    height: 1,
    metadata: {},
    schemaVersion: 1,
    extractorVersion: '1',
    takenAt: null,
    latitude: null,
    longitude: null,
    phash: null,
    dominantColor: null,
    camera: null,
    caption: null,
    keywords: [],
  };
  return db.work.complete({ id, attempt, fetchMs: 1, inspectMs: 1, ...facts });
}

const FAILURE = { errorCode: 'INTERNAL', errorMessage: 'No.', errorRetryable: false, counts: true };

const ENDINGS: Record<string, (job: { id: string; attempt: number }) => Promise<unknown>> = {
  'it completes': complete,
  'it fails for good': (job) => db.work.fail({ ...job, ...FAILURE, retryAfterMs: null }),
  'its worker was lost for the last time': async ({ id }) => {
    await query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    await db.reconcile.expireLeases({ maxAttempts: 1, limit: 10 });
  },
};

for (const [name, end] of Object.entries(ENDINGS)) {
  t.test(`all who wait for a job hear when ${name}; others do not`, async (t) => {
    const finished = await listen();
    t.teardown(() => finished.close());
    const [job, other] = [await claimJob(), await claimJob()];
    const heard = [finished.wait(job.id, LONG), finished.wait(job.id, LONG)];
    const unheard = finished.wait(other.id, LONG);
    await end(job);
    t.same(await Promise.all(heard), [true, true]);
    await finished.close();
    t.equal(await unheard, false);
  });
}

t.test('many jobs that end in one batch are all heard', async (t) => {
  const finished = await listen();
  t.teardown(() => finished.close());
  const jobs = await Promise.all(Array.from({ length: 120 }, claimJob));
  const heard = jobs.map(({ id }) => finished.wait(id, LONG));
  await Promise.all(jobs.map(complete));
  t.ok((await Promise.all(heard)).every(Boolean));
});

t.test('a failure that will be tried again is not announced', async (t) => {
  const finished = await listen();
  t.teardown(() => finished.close());
  const [retried, ended] = [await claimJob(), await claimJob()];
  const unheard = finished.wait(retried.id, LONG);
  await db.work.fail({ ...retried, ...FAILURE, retryAfterMs: 0 });
  const heard = finished.wait(ended.id, LONG);
  await complete(ended);
  t.equal(await heard, true, 'by now the other would have been heard too');
  await finished.close();
  t.equal(await unheard, false);
});

t.test('time and the caller end the waiting', async (t) => {
  const finished = await listen();
  t.teardown(() => finished.close());
  const { id } = await claimJob();
  t.equal(await finished.wait(id, { timeoutMs: 10 }), false);
  const caller = new AbortController();
  const waiting = finished.wait(id, { ...LONG, signal: caller.signal });
  caller.abort();
  t.equal(await waiting, false);
  t.equal(await finished.wait(id, { ...LONG, signal: AbortSignal.abort() }), false);
});

t.test('a broken connection wakes the waiters and is rebuilt', async (t) => {
  const errors: Error[] = [];
  const finished = await listen((error) => errors.push(error));
  t.teardown(() => finished.close());
  const job = await claimJob();
  const woken = finished.wait(job.id, LONG);
  const [pid] = await listeners();
  await query('SELECT pg_terminate_backend($1)', [pid]);
  t.equal(await woken, true, 'news may have been lost: look at the row');
  t.match(errors, [{ message: /terminat/ }]);

  await eventually(async () => (await listeners()).some((listener) => listener !== pid));
  const heard = finished.wait(job.id, LONG);
  await complete(job);
  t.equal(await heard, true);
});

t.test('close ends every wait, now and later, and leaves no connection', async (t) => {
  const finished = await listen();
  const { id } = await claimJob();
  const waiting = [finished.wait(id, LONG), finished.wait(id, LONG)];
  t.equal(finished.closed, false);
  await finished.close();
  t.equal(finished.closed, true);
  t.same(await Promise.all(waiting), [false, false]);
  t.equal(await finished.wait(id, LONG), false);
  await eventually(async () => (await listeners()).length === 0);
});

t.test('closing while it connects is quiet', async (t) => {
  const errors: Error[] = [];
  const finished = listenForFinishedJobs(url, (error) => errors.push(error));
  await finished.close();
  await eventually(async () => (await listeners()).length === 0);
  t.same(errors, []);
});
