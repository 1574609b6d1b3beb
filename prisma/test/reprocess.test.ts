import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();
t.beforeEach(async () => {
  await query('TRUNCATE jobs, images, events, reprocess_runs CASCADE');
});

/** An image that an extractor of this version has described. */
async function describedBy(version: string | null, format = 'jpeg', tenantId = newId()): Promise<string> {
  const { jobId, imageId } = await queueJob(db, { format, tenantId });
  await query(`UPDATE jobs SET status = 'completed', finished_at = now() WHERE id = $1`, [jobId]);
  await query('UPDATE images SET extractor_version = $2 WHERE id = $1', [imageId, version]);
  return imageId;
}

const start = (filter: object = {}, options: object = {}) =>
  db.reprocess.start({ filter: { olderThan: '0.10.0', ...filter }, options, requestId: 'req-1' });

const madeFor = async () =>
  (
    await query<{ image_id: string }>(
      'SELECT j.image_id FROM jobs j JOIN reprocess_jobs r ON r.job_id = j.id ORDER BY j.id',
    )
  ).map(({ image_id }) => image_id);

t.test('versions are compared as numbers; what was never described is old', async (t) => {
  const old = [
    await describedBy('0.2.0'),
    await describedBy('0.9.9'),
    await describedBy(null),
    await describedBy('odd'),
  ];
  for (const version of ['0.10.0', '0.10.1', '1.0.0']) await describedBy(version);
  await start();
  const nudges = await db.reprocess.makeJobs({ atOnce: 100, patienceMs: 0 });
  t.equal(nudges.length, 4);
  t.same((await madeFor()).sort(), old.sort());
});

const FILTERS: { name: string; filter: (about: { tenantId: string }) => object; count: number }[] = [
  { name: 'a format', filter: () => ({ format: 'png' }), count: 1 },
  { name: 'a tenant', filter: ({ tenantId }) => ({ tenantId }), count: 1 },
  { name: 'uploaded after now', filter: () => ({ uploadedAfter: '2999-01-01T00:00:00Z' }), count: 0 },
  { name: 'uploaded before then', filter: () => ({ uploadedBefore: '2999-01-01T00:00:00Z' }), count: 3 },
];

for (const { name, filter, count } of FILTERS) {
  t.test(`a run takes only ${name}`, async (t) => {
    const tenantId = newId();
    await describedBy('0.1.0', 'png');
    await describedBy('0.1.0', 'jpeg', tenantId);
    await describedBy('0.1.0', 'gif');
    await start(filter({ tenantId }));
    t.equal((await db.reprocess.makeJobs({ atOnce: 100, patienceMs: 0 })).length, count);
  });
}

t.test('no more jobs than allowed at once, and none while new work waits', async (t) => {
  for (let image = 0; image < 5; image += 1) await describedBy('0.1.0');
  const { id } = await start({}, { profile: 'full' });
  t.equal((await db.reprocess.makeJobs({ atOnce: 2, patienceMs: 0 })).length, 2);
  t.equal((await db.reprocess.makeJobs({ atOnce: 2, patienceMs: 0 })).length, 0, 'two are unfinished');
  t.match(
    await query(
      'SELECT j.options, j.request_id FROM jobs j JOIN reprocess_jobs r ON r.job_id = j.id WHERE r.run_id = $1',
      [id],
    ),
    [{ options: { profile: 'full' }, request_id: 'req-1' }, { options: { profile: 'full' } }],
  );
  const { jobId } = await queueJob(db);
  t.equal((await db.reprocess.makeJobs({ atOnce: 3, patienceMs: 0 })).length, 0, 'somebody waits');
  await query(`UPDATE jobs SET status = 'completed', finished_at = now() WHERE id = $1`, [jobId]);
  t.equal((await db.reprocess.makeJobs({ atOnce: 3, patienceMs: 0 })).length, 1);
});

t.test('a run goes through all images once, and tells how far it is', async (t) => {
  for (let image = 0; image < 5; image += 1) await describedBy('0.1.0');
  const { id } = await start();
  const made: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    for (const { id: job } of await db.reprocess.makeJobs({ atOnce: 2, patienceMs: 0 })) {
      made.push(job);
      await query(`UPDATE jobs SET status = 'completed', finished_at = now() WHERE id = $1`, [job]);
    }
  }
  t.equal(new Set(await madeFor()).size, 5);
  t.equal(made.length, 5);
  t.match(await db.reprocess.get(id), { jobs: { completed: 5 }, finishedAt: Date });
  t.equal((await db.reprocess.makeJobs({ atOnce: 2, patienceMs: 0 })).length, 0);
});

t.test('an image whose job is not finished is left to that job', async (t) => {
  const { imageId } = await queueJob(db);
  await query(
    `UPDATE jobs SET status = 'processing', lease_until = now() + interval '1 hour' WHERE image_id = $1`,
    [imageId],
  );
  await start();
  t.equal((await db.reprocess.makeJobs({ atOnce: 10, patienceMs: 0 })).length, 0);
});

t.test('an image that was never fetched has nothing to describe', async (t) => {
  const imageId = await describedBy(null);
  await query('UPDATE images SET bytes = NULL, sha256 = NULL, format = NULL WHERE id = $1', [imageId]);
  await start();
  t.same(await db.reprocess.makeJobs({ atOnce: 100, patienceMs: 0 }), []);
});

t.test('two workers make no job twice', async (t) => {
  for (let image = 0; image < 20; image += 1) await describedBy('0.1.0');
  await start();
  await Promise.all(Array.from({ length: 4 }, () => db.reprocess.makeJobs({ atOnce: 10, patienceMs: 0 })));
  for (let round = 0; round < 3; round += 1) await db.reprocess.makeJobs({ atOnce: 100, patienceMs: 0 });
  t.equal((await madeFor()).length, 20);
});

t.test('two runs make no two jobs for one image', async (t) => {
  for (let image = 0; image < 20; image += 1) await describedBy('0.1.0');
  await start();
  await start();
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(Array.from({ length: 4 }, () => db.reprocess.makeJobs({ atOnce: 50, patienceMs: 0 })));
  }
  t.equal((await madeFor()).length, 20);
});

t.test('a run goes on beside work that nobody waits for', async (t) => {
  await describedBy('0.1.0');
  await start();
  await queueJob(db);
  t.equal((await db.reprocess.makeJobs({ atOnce: 5, patienceMs: 60_000 })).length, 1);
});

t.test('a run that is stopped makes no more jobs', async (t) => {
  for (let image = 0; image < 3; image += 1) await describedBy('0.1.0');
  const { id } = await start();
  t.equal((await db.reprocess.makeJobs({ atOnce: 1, patienceMs: 0 })).length, 1);
  t.match(await db.reprocess.stop(id), { finishedAt: Date, jobs: { queued: 1 } });
  t.equal((await db.reprocess.makeJobs({ atOnce: 10, patienceMs: 0 })).length, 0);
  t.equal(await db.reprocess.stop(newId()), undefined);
});

t.test('an unknown run', async (t) => {
  t.equal(await db.reprocess.get(newId()), undefined);
});
