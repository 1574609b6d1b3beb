// Those who write the same rows at the same moment wait for each other in one order: nobody waits in a ring.
import pg from 'pg';
import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { aWish, PLENTY, wantDerivative } from './derivative-fixtures.ts';
import { eventually } from './eventually.ts';
import { claimAgain, claimJob, someFacts } from './finish-job.ts';
import { anImage, beginUpload, queueJob, queueJobs } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();

/** Somebody else, in a transaction that is open until told. */
async function begin(test: { teardown: (end: () => Promise<void>) => void }): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, lock_timeout: 500 });
  await client.connect();
  test.teardown(() => client.end());
  await client.query('BEGIN');
  return client;
}

async function waiting(): Promise<number> {
  const [row] = await query<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
}

const lockImage = (client: pg.Client, id: string) =>
  client.query('SELECT FROM images WHERE id = $1 FOR NO KEY UPDATE', [id]);

t.test('jobs that end together lock their images by id, not in the order of the jobs', async (t) => {
  const [first, second] = [newId(), newId()].sort() as [string, string];
  const [earlier, later] = [newId(), newId()].sort() as [string, string];
  await queueJob(db, { imageId: second, jobId: earlier });
  await queueJob(db, { imageId: first, jobId: later });
  const jobs = [await claimAgain(db, earlier), await claimAgain(db, later)];
  const tagger = await begin(t);
  await tagger.query(`UPDATE images SET tags = '{sea}' WHERE id = $1`, [first]);
  const completed = Promise.all(jobs.map((job) => db.work.complete(someFacts(job))));
  await eventually(async () => (await waiting()) === 1);
  await t.resolves(lockImage(tagger, second), 'the second is nobody’s who waits for the first');
  await tagger.query('COMMIT');
  t.same(await completed, [true, true]);
  t.same(
    await query('SELECT width, tags FROM images WHERE id = ANY ($1) ORDER BY id', [[first, second]]),
    [
      { width: 640, tags: ['sea'] },
      { width: 640, tags: [] },
    ],
    'and nothing of the other is lost',
  );
});

t.test('images that come together take their paths in one order', async (t) => {
  const tenantId = newId();
  const images = ['b', 'a'].map((path) => anImage({ tenantId, path }));
  await Promise.all(images.map((image) => beginUpload(db, image)));
  const other = await begin(t);
  const take = (path: string) =>
    other.query('INSERT INTO images (id, tenant_id, object_key, path) VALUES ($1, $2, $3, $4)', [
      newId(),
      tenantId,
      `elsewhere/${path}`,
      path,
    ]);
  await take('a');
  const accepted = Promise.all(images.map((image) => db.uploads.accept(image)));
  await eventually(async () => (await waiting()) === 1);
  await t.resolves(take('b'), 'who waits for the first has not taken the second');
  await other.query('COMMIT');
  t.same(
    (await accepted).map(({ outcome }) => outcome),
    ['path-taken', 'path-taken'],
  );
});

t.test('nothing is wanted of an image that is being rejected', async (t) => {
  const job = await claimJob(db);
  const { tenantId, imageId } = job;
  const { id } = await wantDerivative(db, { tenantId, imageId });
  const other = await begin(t);
  await other.query('SELECT FROM derivatives WHERE id = $1 FOR UPDATE', [id]);
  const errorMessage = 'It is there already.';
  const rejected = db.work.reject({ ...job, fetchMs: 1, inspectMs: 1, duplicateOf: newId(), errorMessage });
  await eventually(async () => (await waiting()) === 1);
  let isAnswered = false;
  const wanted = db.derivatives.want(tenantId, aWish({ imageId }), PLENTY).finally(() => {
    isAnswered = true;
  });
  await eventually(async () => isAnswered || (await waiting()) === 2);
  await other.query('COMMIT');
  t.equal(await rejected, true);
  t.equal(await wanted, undefined);
  t.same(await query('SELECT FROM derivatives WHERE image_id = $1', [imageId]), []);
});

t.test('many images are removed a few at a time', async (t) => {
  const tenantId = newId();
  const ids = (await queueJobs(db, 60, { tenantId })).map(({ imageId }) => imageId);
  const last = ids.at(-1) ?? '';
  const other = await begin(t);
  await lockImage(other, last);
  const removed = db.images.removeMany(tenantId, ids);
  await eventually(async () => (await waiting()) === 1);
  const left = await query<{ id: string }>('SELECT id FROM images WHERE tenant_id = $1', [tenantId]);
  t.ok(left.length < 60, 'those before are gone, and what their tenant uses is nobody’s');
  t.ok(left.some(({ id }) => id === last));
  await other.query('COMMIT');
  const { deleted, objects } = await removed;
  t.same(deleted.sort(), ids.sort());
  t.equal(objects.length, 60);
});
