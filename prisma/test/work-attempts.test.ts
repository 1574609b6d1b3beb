import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { claimAgain, claimJob, FAILURE, LEASE, someFacts } from './finish-job.ts';
import { anImageToFetch } from './queued-job.ts';

const { db, query } = await createTestDatabase();

type Job = { id: string; attempt: number };
const expire = (id: string) =>
  query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
const fail = (job: Job, retryAfterMs: number | null) =>
  db.work.fail({ ...job, ...FAILURE, options: {}, retryAfterMs });

async function pastAttempts(id: string): Promise<unknown> {
  const [row] = await query<{ past: unknown }>('SELECT past_attempts AS past FROM jobs WHERE id = $1', [id]);
  return row?.past;
}

const NO = { code: FAILURE.errorCode, message: FAILURE.errorMessage };
const LOST = { code: 'WORKER_LOST', message: /disappeared/ };
const ENDS: Record<string, { end: (job: Job) => Promise<unknown>; past: object[] }> = {
  'failed and queued again': { end: (job) => fail(job, 0), past: [NO] },
  'failed for good': { end: (job) => fail(job, null), past: [NO] },
  'given back': { end: (job) => db.work.release([job]), past: [{ code: null, message: 'given back' }] },
  'lost with its worker': {
    end: async ({ id }) => {
      await expire(id);
      await db.reconcile.expireLeases({ maxAttempts: 5, limit: 100 });
    },
    past: [LOST],
  },
  'lost with its worker for the last time': {
    end: async ({ id }) => {
      await expire(id);
      await db.reconcile.expireLeases({ maxAttempts: 1, limit: 100 });
    },
    past: [LOST],
  },
  completed: { end: (job) => db.work.complete(someFacts(job)), past: [] },
};

for (const [name, { end, past }] of Object.entries(ENDS)) {
  t.test(`an attempt that was ${name} leaves ${past.length} line`, async (t) => {
    const job = await claimJob(db);
    await end(job);
    const lines = (await pastAttempts(job.id)) as { startedAt: string; endedAt: string }[];
    t.equal(lines.length, past.length);
    t.match(
      lines,
      past.map((line) => ({ attempt: 1, worker: LEASE.worker, ...line })),
    );
    for (const { startedAt, endedAt } of lines) {
      t.match(startedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      t.ok(
        Math.abs(Date.parse(endedAt) - Date.now()) < 60_000 && startedAt <= endedAt,
        `${startedAt} ${endedAt}`,
      );
    }
  });
}

t.test('the last twenty are kept, the oldest first', async (t) => {
  const { id } = await claimJob(db);
  for (let attempt = 1; attempt <= 23; attempt += 1) {
    await fail({ id, attempt }, 0);
    await claimAgain(db, id);
  }
  const lines = (await pastAttempts(id)) as { attempt: number }[];
  t.same(
    lines.map(({ attempt }) => attempt),
    Array.from({ length: 20 }, (_, index) => index + 4),
  );
});

t.test('with a grace a lease that ran out counts a while longer', async (t) => {
  const job = await claimJob(db);
  await expire(job.id);
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 5, limit: 10, graceMs: 60_000 }), 0);
  t.same(await db.work.heartbeat([job], 1000), new Set([job.id]), 'its holder can renew it');
  await expire(job.id);
  t.equal(await db.reconcile.expireLeases({ maxAttempts: 5, limit: 10, graceMs: 500 }), 1);
});

const FILE = {
  bytes: 5_000_000_000,
  sha256Hex: 'ab'.repeat(32),
  format: 'png',
  fileName: 'a.png',
  declaredMimeType: 'image/png',
};

async function fetchingJob() {
  const image = anImageToFetch();
  await db.uploads.acceptUrl(image);
  const { id, attempt, tenantId, imageId } = await claimAgain(db, image.jobId);
  const uploadId = newId();
  const objectKey = `${tenantId}/original/${imageId}-${attempt}`;
  await db.uploads.begin({ id: uploadId, tenantId, objectKey });
  return { id, attempt, tenantId, imageId, uploadId, objectKey };
}

t.test('what was fetched is the image’s, for this attempt and those after it', async (t) => {
  const { id, attempt, tenantId, imageId, uploadId, objectKey } = await fetchingJob();
  t.equal(await db.work.fetched({ id, attempt, uploadId, ...FILE }), true);
  t.match(await db.images.get(tenantId, imageId), {
    objectKey,
    bytes: 5_000_000_000n,
    format: 'png',
    fileName: 'a.png',
  });
  t.same(await query('SELECT 1 FROM uploads WHERE id = $1', [uploadId]), []);
  await db.work.release([{ id, attempt }]);
  const { bytes, sha256Hex, format, ...told } = FILE;
  t.match(await claimAgain(db, id), { objectKey, stored: { bytes, sha256Hex, format }, ...told });
});

type Fetching = Awaited<ReturnType<typeof fetchingJob>>;
const UNFIT: Record<string, (job: Fetching) => Promise<unknown>> = {
  'whose lease was lost': async ({ id }) => {
    await expire(id);
    await db.reconcile.expireLeases({ maxAttempts: 5, limit: 100 });
  },
  'which another works on': async ({ id, attempt }) => {
    await db.work.release([{ id, attempt }]);
    await claimAgain(db, id);
  },
  'that was canceled': ({ tenantId, id }) => db.jobs.cancel(tenantId, id),
  'that was removed': ({ tenantId, imageId }) => db.images.remove(tenantId, imageId),
};

for (const [name, spoil] of Object.entries(UNFIT)) {
  t.test(`nothing is fetched for a job ${name}`, async (t) => {
    const job = await fetchingJob();
    await spoil(job);
    t.equal(
      await db.work.fetched({ id: job.id, attempt: job.attempt, uploadId: job.uploadId, ...FILE }),
      false,
    );
    t.equal((await db.images.get(job.tenantId, job.imageId))?.bytes ?? null, null);
    t.equal(
      (await query('SELECT 1 FROM uploads WHERE id = $1', [job.uploadId])).length,
      1,
      'the sweep removes it',
    );
  });
}

t.test(
  'an upload that was swept, or of another tenant, is not taken; nor are bytes that are there replaced',
  async (t) => {
    const job = await fetchingJob();
    const file = { id: job.id, attempt: job.attempt, ...FILE };
    t.equal(await db.work.fetched({ ...file, uploadId: newId() }), false);
    const foreign = newId();
    await db.uploads.begin({ id: foreign, tenantId: newId(), objectKey: 'theirs' });
    t.equal(await db.work.fetched({ ...file, uploadId: foreign }), false);
    t.equal(await db.work.fetched({ ...file, uploadId: job.uploadId }), true);
    const second = newId();
    await db.uploads.begin({ id: second, tenantId: job.tenantId, objectKey: 'second' });
    t.equal(await db.work.fetched({ ...file, uploadId: second }), false);
    t.match(await db.images.get(job.tenantId, job.imageId), { objectKey: job.objectKey });
  },
);
