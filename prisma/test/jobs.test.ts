import t from 'tap';
import { firstIdAt, type JobQuery, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJob, queueJobs } from './queued-job.ts';

const { db, query } = await createTestDatabase();

t.test('a job belongs to its tenant alone', async (t) => {
  const { tenantId, jobId, imageId } = await queueJob(db);
  const stranger = newId();
  t.match(await db.jobs.get(tenantId, jobId), { id: jobId, status: 'queued', image: { id: imageId } });
  t.equal(await db.jobs.get(stranger, jobId), undefined);
  t.equal(await db.jobs.get(tenantId, newId()), undefined);
  t.same(await db.jobs.list(stranger, { limit: 10 }), []);
  t.same(
    (await db.jobs.list(tenantId, { limit: 10 })).map(({ id }) => id),
    [jobId],
  );
});

t.test('a row that was never nudged can be read', async (t) => {
  const { tenantId, jobId } = await queueJob(db);
  await query(`UPDATE jobs SET nudged_at = '-infinity' WHERE id = $1`, [jobId]);
  t.match(await db.jobs.get(tenantId, jobId), { id: jobId });
  t.match(await db.jobs.list(tenantId, { limit: 1 }), [{ id: jobId }]);
});

t.test('pages go from new to old and meet every job once', async (t) => {
  const tenantId = newId();
  const ids = (await queueJobs(db, 23, { tenantId })).map((image) => image.jobId);
  const seen: string[][] = [];
  for (let after: string | undefined; ; after = seen.at(-1)?.at(-1)) {
    const page = await db.jobs.list(tenantId, { limit: 5, after });
    if (page.length === 0) break;
    seen.push(page.map((job) => job.id));
  }
  t.same(
    seen.map((page) => page.length),
    [5, 5, 5, 5, 3],
  );
  t.same(seen.flat(), ids.sort().reverse());
});

t.test('a list carries images without their metadata', async (t) => {
  const { tenantId, imageId } = await queueJob(db, { title: 'Plate' });
  const [job] = await db.jobs.list(tenantId, { limit: 1 });
  t.match(job?.image, { id: imageId, title: 'Plate' });
  t.notOk(job !== undefined && 'metadata' in job.image);
});

const tenantId = newId();
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const STATES = ['queued', 'processing', 'completed', 'failed', 'canceled'] as const;

t.before(async () => {
  // A job a day, from the 1st, each in the next state.
  for (const [index, status] of STATES.entries()) {
    const { jobId } = await queueJob(db, { tenantId, jobId: firstIdAt(day(index + 1)) });
    await query('UPDATE jobs SET status = $2 WHERE id = $1', [jobId, status]);
  }
});

const FILTERS: [Partial<JobQuery>, number[]][] = [
  [{}, [5, 4, 3, 2, 1]],
  ...STATES.map((status, index): [Partial<JobQuery>, number[]] => [{ status }, [index + 1]]),
  [{ createdAfter: day(3) }, [5, 4, 3]],
  [{ createdBefore: day(3) }, [2, 1]],
  [{ createdAfter: day(2), createdBefore: day(4) }, [3, 2]],
  [{ createdAfter: day(6) }, []],
  [{ createdBefore: new Date(0) }, []],
  [{ after: firstIdAt(day(3)) }, [2, 1]],
  [{ after: firstIdAt(day(4)), createdBefore: day(3) }, [2, 1]],
  [{ after: firstIdAt(day(2)), createdBefore: day(5) }, [1]],
  [{ after: firstIdAt(day(5)), status: 'failed' }, [4]],
  [{ after: firstIdAt(day(4)), status: 'failed' }, []],
  [{ limit: 2 }, [5, 4]],
];

for (const [filter, days] of FILTERS) {
  t.test(`list ${JSON.stringify(filter)}`, async (t) => {
    const jobs = await db.jobs.list(tenantId, { limit: 100, ...filter });
    t.same(
      jobs.map((job) => job.id),
      days.map((number) => firstIdAt(day(number))),
    );
  });
}

t.test('isFinished: by the row; who is unknown will not change any more', async (t) => {
  const { jobId } = await queueJob(db, { tenantId });
  t.equal(await db.jobs.isFinished(tenantId, jobId), false);
  t.equal(await db.jobs.isFinished(newId(), jobId), true, 'unknown to another tenant');
  await query(`UPDATE jobs SET status = 'failed', finished_at = now() WHERE id = $1`, [jobId]);
  t.equal(await db.jobs.isFinished(tenantId, jobId), true);
  t.equal(await db.jobs.isFinished(tenantId, newId()), true);
});
