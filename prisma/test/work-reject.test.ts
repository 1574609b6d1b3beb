import t from 'tap';
import { type ClaimedJob, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { claimAgain, claimJob, someFacts } from './finish-job.ts';
import { queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();
const other = newId();

const rejection = ({ id, attempt }: { id: string; attempt: number }) => ({
  id,
  attempt,
  fetchMs: 1.5,
  inspectMs: 20.25,
  duplicateOf: other,
  errorMessage: `It is ${other}.`,
});

async function usageOf({ tenantId }: ClaimedJob): Promise<{ images: number; bytes: number } | undefined> {
  const rows = await query<{ images: number; bytes: number }>(
    'SELECT images::int, stored_bytes::int AS bytes FROM tenant_usage WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0];
}

/** Keys of the objects that the next sweep removes. */
async function toBeSwept({ tenantId }: ClaimedJob): Promise<string[]> {
  const rows = await query<{ key: string }>(
    `SELECT object_key AS key FROM uploads WHERE tenant_id = $1 AND created_at = 'epoch' AND swept_at IS NULL ORDER BY 1`,
    [tenantId],
  );
  return rows.map(({ key }) => key);
}

async function addDerivative({ tenantId, imageId }: ClaimedJob, objectKey: string | null): Promise<void> {
  await query(
    `INSERT INTO derivatives (id, tenant_id, image_id, source_key, digest, transform, status, object_key, bytes, request_id)
     VALUES ($1, $2, $3, 'source', sha256($1::uuid::text::bytea), '{}', $5, $4, $6, 'request-1')`,
    [newId(), tenantId, imageId, objectKey, objectKey === null ? 'waiting' : 'ready', objectKey && 10],
  );
}

t.test('a rejected image has its job failed, its event written and its bytes given up', async (t) => {
  const job = await claimJob(db, { contentDigestHex: 'cd'.repeat(32), bytes: 1234 });
  const contents = () => query('SELECT 1 FROM contents WHERE image_id = $1', [job.imageId]);
  t.equal((await contents()).length, 1);
  t.same(await usageOf(job), { images: 1, bytes: 1234 });
  await query(`UPDATE images SET path = 'a/b.jpg' WHERE id = $1`, [job.imageId]);

  t.equal(await db.work.reject(rejection(job)), true);

  const row = await db.jobs.get(job.tenantId, job.id);
  t.match(row, {
    status: 'failed',
    errorCode: 'DUPLICATE_IMAGE',
    errorMessage: `It is ${other}.`,
    errorRetryable: false,
    failures: 1,
    fetchMs: 1.5,
    inspectMs: 20.25,
    finishedAt: Date,
    pastAttempts: [{ attempt: 1, code: 'DUPLICATE_IMAGE', message: `It is ${other}.` }],
  });
  t.match(row?.image, { duplicateOf: other, rejectedAt: Date, bytes: null, path: null, metadata: null });
  t.same(await usageOf(job), { images: 1, bytes: 0 });
  t.same(await toBeSwept(job), [job.objectKey]);
  t.same(await contents(), []);
  const events = await query(
    `SELECT type, data #>> '{job,error,code}' AS code FROM events WHERE job_id = $1 ORDER BY seq`,
    [job.id],
  );
  t.same(events, [
    { type: 'job.queued', code: null },
    { type: 'job.failed', code: 'DUPLICATE_IMAGE' },
  ]);
});

t.test('what was made of a rejected image goes with it', async (t) => {
  const job = await claimJob(db);
  await addDerivative(job, `${job.tenantId}/derived/one`);
  await addDerivative(job, null);
  t.equal(await db.work.reject(rejection(job)), true);
  t.same(await query('SELECT id FROM derivatives WHERE image_id = $1', [job.imageId]), []);
  t.same(await toBeSwept(job), [`${job.tenantId}/derived/one`, job.objectKey]);
});

t.test('whoever lost the job rejects nothing', async (t) => {
  const job = await claimJob(db);
  t.equal(await db.work.reject(rejection({ ...job, attempt: 2 })), false);
  t.equal(await db.work.complete(someFacts(job)), true);
  t.equal(await db.work.reject(rejection(job)), false);
  t.match(await db.jobs.get(job.tenantId, job.id), {
    status: 'completed',
    image: { rejectedAt: null, duplicateOf: null, bytes: 1234n },
  });
  t.same(await toBeSwept(job), []);
});

t.test('the job of a rejected image is never run again', async (t) => {
  const job = await claimJob(db);
  await db.work.reject(rejection(job));
  t.equal(await db.jobs.retry(job.tenantId, job.id), 'unfit');
  t.same(await db.jobs.retryMany(job.tenantId, { errorCode: 'DUPLICATE_IMAGE' }, 10), []);
  t.same(await db.jobs.retryMany(job.tenantId, {}, 10), []);
  t.match(await db.jobs.get(job.tenantId, job.id), { status: 'failed' });
});

t.test('the jobs beside it are', async (t) => {
  const job = await claimJob(db);
  const { tenantId } = job;
  const neighbour = await queueJob(db, { tenantId });
  const { id, attempt } = await claimAgain(db, neighbour.jobId);
  const failure = { errorCode: 'INTERNAL', errorMessage: 'No.', errorRetryable: true, counts: true };
  await db.work.fail({ id, attempt, ...failure, retryAfterMs: null });
  await db.work.reject(rejection(job));
  t.match(await db.jobs.retryMany(tenantId, {}, 10), [{ id: neighbour.jobId }]);
});
