import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJob, queueJobs } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();
const LEASE = { worker: 'w-1', leaseMs: 60_000 };

t.test('a claim tells the worker all it needs and marks the row', async (t) => {
  const image = await queueJob(db, { options: { profile: 'full' }, traceparent: '00-ab-cd-01' });
  const { imageId, jobId, tenantId, bytes, sha256Hex, fileName, declaredMimeType, format, requestId } = image;
  const { queuedMs, ...claimed } = (await db.work.claim(jobId, LEASE)) ?? {};
  t.ok(Number(queuedMs) >= 0 && Number(queuedMs) < 60_000, `${queuedMs} ms`);
  t.same(claimed, {
    id: jobId,
    attempt: 1,
    failures: 0,
    tenantId,
    imageId,
    requestId,
    objectKey: `${tenantId}/original/${imageId}`,
    stored: { bytes, sha256Hex, format },
    sourceUrl: null,
    fileName,
    declaredMimeType,
    traceparent: '00-ab-cd-01',
    options: { profile: 'full' },
  });
  const [row] = await query(
    `SELECT status, attempt, worker, started_at IS NOT NULL AS started,
            lease_until BETWEEN now() + '30 s' AND now() + '60 s' AS leased FROM jobs WHERE id = $1`,
    [jobId],
  );
  t.same(row, { status: 'processing', attempt: 1, worker: 'w-1', started: true, leased: true });
});

t.test('two claims in one batch: one owner', async (t) => {
  const { jobId } = await queueJob(db);
  const claims = await Promise.all([db.work.claim(jobId, LEASE), db.work.claim(jobId, LEASE)]);
  t.equal(claims.filter((claim) => claim !== undefined).length, 1);
});

t.test('two workers race for fifty jobs: each has one owner', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  await other.ping();
  const ids = (await queueJobs(db, 50)).map((image) => image.jobId);
  const claims = await Promise.all(
    ids.flatMap((id, index) => {
      const racers = index % 2 === 0 ? [db, other] : [other, db];
      return racers.map((racer) => racer.work.claim(id, LEASE));
    }),
  );
  const won = claims.flatMap((claim) => claim ?? []);
  t.same(won.map((claim) => claim.id).sort(), ids.sort());
  t.ok(won.every((claim) => claim.attempt === 1));
});

const NOT_CLAIMABLE: Record<string, string> = {
  completed: `status = 'completed', finished_at = now()`,
  failed: `status = 'failed', finished_at = now()`,
  canceled: `status = 'canceled', finished_at = now()`,
  'held by another': `status = 'processing', attempt = 1, lease_until = now() + interval '1 minute'`,
  'not due yet': `run_after = now() + interval '1 minute'`,
};

for (const [name, change] of Object.entries(NOT_CLAIMABLE)) {
  t.test(`a job that is ${name} is not claimed and not touched`, async (t) => {
    const { jobId } = await queueJob(db);
    const [before] = await query(`UPDATE jobs SET ${change} WHERE id = $1 RETURNING *`, [jobId]);
    t.equal(await db.work.claim(jobId, LEASE), undefined);
    t.same(await query('SELECT * FROM jobs WHERE id = $1', [jobId]), [before]);
  });
}

t.test('an unknown job is nobody’s, and does not disturb its batch', async (t) => {
  const { jobId } = await queueJob(db);
  const [unknown, known] = await Promise.all([db.work.claim(newId(), LEASE), db.work.claim(jobId, LEASE)]);
  t.equal(unknown, undefined);
  t.equal(known?.id, jobId);
});

t.test('an id that is no UUID fails alone', async (t) => {
  const { jobId } = await queueJob(db);
  const claims = await Promise.allSettled(['17', jobId].map((id) => db.work.claim(id, LEASE)));
  t.match(claims, [{ status: 'rejected' }, { status: 'fulfilled', value: { id: jobId } }]);
});

t.test('a lease that ran out and was expired can be claimed, and the attempt grows', async (t) => {
  const { jobId } = await queueJob(db);
  for (const attempt of [1, 2, 3]) {
    t.match(await db.work.claim(jobId, LEASE), { attempt });
    await query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [jobId]);
    t.equal(await db.work.claim(jobId, LEASE), undefined, 'not before the reconciler counted it');
    await db.reconcile.expireLeases({ maxAttempts: 5, limit: 10 });
  }
});

t.test('a heartbeat prolongs what is still ours and answers nothing else', async (t) => {
  const [ours, retaken, done, released] = await queueJobs(db, 4);
  const claims = await Promise.all(
    [ours, retaken, done, released].map((image) => db.work.claim(image?.jobId ?? '', LEASE)),
  );
  const held = claims.map((claim) => ({ id: claim?.id ?? '', attempt: claim?.attempt ?? 0 }));
  await query('UPDATE jobs SET attempt = 2 WHERE id = $1', [retaken?.jobId]);
  await query(`UPDATE jobs SET status = 'completed', lease_until = NULL WHERE id = $1`, [done?.jobId]);
  await db.work.release(held.slice(3));

  const kept = await db.work.heartbeat([...held, { id: newId(), attempt: 1 }], 3_600_000);
  t.same([...kept], [ours?.jobId]);
  const prolonged = await query(`SELECT id FROM jobs WHERE lease_until > now() + interval '30 minutes'`);
  t.same(prolonged, [{ id: ours?.jobId }]);
  t.same(await db.work.heartbeat([], 1000), new Set());
});
