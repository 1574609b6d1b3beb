import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();

t.test('an image belongs to its tenant alone', async (t) => {
  const { tenantId, imageId, sha256Hex } = await queueJob(db, { title: 'Plate', tags: ['wet'] });
  await query(`UPDATE images SET metadata = '{"a":1}' WHERE id = $1`, [imageId]);
  const row = await db.images.get(tenantId, imageId);
  t.match(row, { id: imageId, tenantId, title: 'Plate', tags: ['wet'], bytes: 1234n, createdAt: Date });
  t.equal(Buffer.from(row?.sha256 ?? []).toString('hex'), sha256Hex);
  t.notOk(row !== undefined && 'metadata' in row, 'the document is asked for by itself');
  t.same(await db.images.metadata(tenantId, imageId), { a: 1 });
  for (const [tenant, id] of [
    [newId(), imageId],
    [tenantId, newId()],
  ] as const) {
    t.equal(await db.images.get(tenant, id), undefined);
    t.equal(await db.images.metadata(tenant, id), undefined);
  }
});

t.test('metadata is null until a worker has seen the image', async (t) => {
  const { tenantId, imageId } = await queueJob(db);
  t.equal(await db.images.metadata(tenantId, imageId), null);
});

const ENDED: Record<string, boolean> = {
  queued: false,
  processing: false,
  completed: false,
  failed: true,
  canceled: true,
};

for (const [status, failed] of Object.entries(ENDED)) {
  t.test(`an image whose last job is ${status} has ${failed ? '' : 'not '}failed`, async (t) => {
    const { tenantId, imageId, jobId } = await queueJob(db);
    const finished = ['completed', 'failed', 'canceled'].includes(status);
    await query('UPDATE jobs SET status = $2, finished_at = CASE WHEN $3 THEN now() END WHERE id = $1', [
      jobId,
      status,
      finished,
    ]);
    t.equal(await db.images.isFailed(tenantId, imageId), failed);
  });
}

t.test('only the last job of an image counts', async (t) => {
  const { tenantId, imageId, jobId } = await queueJob(db);
  await query(`UPDATE jobs SET status = 'failed', finished_at = now() WHERE id = $1`, [jobId]);
  await query('INSERT INTO jobs (id, tenant_id, image_id, request_id) VALUES ($1, $2, $3, $4)', [
    newId(),
    tenantId,
    imageId,
    'req-2',
  ]);
  t.equal(await db.images.isFailed(tenantId, imageId), false);
  t.equal(await db.images.isFailed(tenantId, newId()), false);
});
