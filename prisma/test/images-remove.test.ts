import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { claimAgain, claimJob, endJob, FAILURE, someFacts } from './finish-job.ts';
import { anImage, anImageToFetch, beginUpload, queueJob } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();

async function events(imageId: string): Promise<object[]> {
  return query('SELECT type, job_id AS "jobId", data FROM events WHERE image_id = $1 ORDER BY seq', [
    imageId,
  ]);
}

async function rows(imageId: string): Promise<object | undefined> {
  const [row] = await query(
    `SELECT (SELECT count(*)::int FROM images WHERE id = $1) AS images,
            (SELECT count(*)::int FROM jobs WHERE image_id = $1) AS jobs,
            (SELECT count(*)::int FROM contents WHERE image_id = $1) AS contents`,
    [imageId],
  );
  return row;
}

const NOTHING = { images: 0, jobs: 0, contents: 0 };

t.test('nothing is left but events, and an upload for the sweep', async (t) => {
  const { tenantId, imageId, objectKey, id } = await endJob(db, 'completed', {
    contentDigestHex: 'ab'.repeat(32),
  });
  t.equal(await db.images.remove(newId(), imageId), undefined, 'another tenant');
  t.equal(await db.images.remove(tenantId, newId()), undefined);
  t.same(await rows(imageId), { images: 1, jobs: 1, contents: 1 });
  const objects = await db.images.remove(tenantId, imageId);
  t.match(objects, [{ uploadId: String, objectKey }]);
  t.equal(objects?.length, 1);
  t.same(await rows(imageId), NOTHING);
  t.equal(await db.jobs.get(tenantId, id), undefined);
  t.match(await events(imageId), [
    { type: 'job.queued' },
    { type: 'job.completed', jobId: id },
    {
      type: 'image.deleted',
      jobId: null,
      data: { image: { id: imageId, format: 'webp', width: 640, bytes: 1234 } },
    },
  ]);
  const swept: string[] = [];
  const remove = async (key: string) => {
    swept.push(key);
  };
  t.equal(await db.sweep.abandonedUploads({ olderThanMs: 365 * 86_400_000, limit: 10, remove }), 1);
  t.same(swept, [objectKey]);
  t.equal(await db.images.remove(tenantId, imageId), undefined, 'once');
});

t.test('unfinished jobs are canceled, those called back are called back', async (t) => {
  const job = await claimJob(db, { webhookUrl: 'https://example.com/hook' });
  const { tenantId, imageId } = job;
  const second = newId();
  await query('INSERT INTO jobs (id, tenant_id, image_id, request_id) VALUES ($1, $2, $3, $4)', [
    second,
    tenantId,
    imageId,
    'r',
  ]);
  await db.images.remove(tenantId, imageId);
  t.same(await rows(imageId), NOTHING);
  const told = await events(imageId);
  t.same(told.map((event) => (event as { type: string }).type).sort(), [
    'image.deleted',
    'job.canceled',
    'job.canceled',
    'job.queued',
  ]);
  t.match(
    await query('SELECT url, event_type, payload FROM webhook_deliveries WHERE tenant_id = $1', [tenantId]),
    [
      {
        url: 'https://example.com/hook',
        event_type: 'job.canceled',
        payload: { data: { job: { id: job.id, status: 'canceled' } } },
      },
    ],
  );
  t.equal(await db.work.complete(someFacts(job)), false);
  t.equal(await db.work.fail({ ...job, ...FAILURE, options: {}, retryAfterMs: 0 }), false);
  t.same(await db.work.heartbeat([job], 1000), new Set());
});

t.test(
  'an image that was not fetched yet has no object; what its worker stores is left to the sweep',
  async (t) => {
    const image = anImageToFetch();
    const { tenantId, imageId, jobId } = image;
    await db.uploads.acceptUrl(image);
    const { attempt } = await claimAgain(db, jobId);
    const upload = { id: newId(), tenantId, objectKey: `${tenantId}/original/${imageId}-1` };
    await db.uploads.begin(upload);
    t.same(await db.images.remove(tenantId, imageId), []);
    const file = {
      bytes: 1,
      sha256Hex: 'ab'.repeat(32),
      format: 'png',
      fileName: null,
      declaredMimeType: null,
    };
    t.equal(await db.work.fetched({ id: jobId, attempt, uploadId: upload.id, ...file }), false);
    t.same(await query('SELECT id FROM uploads WHERE tenant_id = $1', [tenantId]), [{ id: upload.id }]);
  },
);

t.test('the object of a fetched image is that of the attempt that fetched it', async (t) => {
  const image = anImageToFetch();
  const { tenantId, imageId, jobId } = image;
  await db.uploads.acceptUrl(image);
  const { attempt } = await claimAgain(db, jobId);
  const upload = { id: newId(), tenantId, objectKey: `${tenantId}/original/${imageId}-1` };
  await db.uploads.begin(upload);
  const file = {
    bytes: 1,
    sha256Hex: 'ab'.repeat(32),
    format: 'png',
    fileName: null,
    declaredMimeType: null,
  };
  t.equal(await db.work.fetched({ id: jobId, attempt, uploadId: upload.id, ...file }), true);
  t.match(await db.images.remove(tenantId, imageId), [{ objectKey: upload.objectKey }]);
});

t.test('remove meets completion, cancel and a second remove: no deadlock, and all or nothing', async (t) => {
  const other = openDatabase({ url, poolSize: 6 });
  t.teardown(() => other.close());
  for (let round = 0; round < 5; round += 1) {
    const jobs = await Promise.all(Array.from({ length: 12 }, () => claimJob(db)));
    const removals = jobs.flatMap(({ tenantId, imageId }) => [
      other.images.remove(tenantId, imageId),
      other.images.remove(tenantId, imageId),
    ]);
    const [removed, completed, canceled] = await Promise.all([
      Promise.all(removals),
      Promise.all(jobs.map((job) => db.work.complete(someFacts(job)))),
      Promise.all(jobs.map(({ tenantId, id }) => db.jobs.cancel(tenantId, id))),
    ]);
    t.equal(removed.filter((objects) => objects !== undefined).length, 12);
    for (const [index, { imageId }] of jobs.entries()) {
      const types = ((await events(imageId)) as { type: string }[]).map(({ type }) => type);
      const end = completed[index] === true ? 'job.completed' : 'job.canceled';
      t.same(types.sort(), ['image.deleted', end, 'job.queued']);
      t.not(completed[index] === true && canceled[index] === 'canceled', true);
    }
  }
});

t.test('the same content can be taken in anew', async (t) => {
  const contentDigestHex = 'ef'.repeat(32);
  const { tenantId, imageId } = await queueJob(db, { contentDigestHex });
  await db.images.remove(tenantId, imageId);
  const next = anImage({ tenantId, contentDigestHex });
  await beginUpload(db, next);
  t.match(await db.uploads.accept(next), { outcome: 'accepted' });
});
