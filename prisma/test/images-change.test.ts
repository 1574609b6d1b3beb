import t from 'tap';
import { type ImageUpdate, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages } from './library-fixtures.ts';
import { queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();

const HAD = { title: 'Old', tags: ['a'], path: null as string | null, isPublic: false };

/** What is changed, and whether the image still answers for uploads like it. */
const CHANGES: [what: string, change: ImageUpdate, isStillKnown: boolean][] = [
  ['nothing', {}, true],
  ['a title', { title: 'New' }, false],
  ['the same title', { title: 'Old' }, true],
  ['no title', { title: null }, false],
  ['tags', { tags: ['b', 'a'] }, false],
  ['the same tags', { tags: ['a'] }, true],
  ['no tags', { tags: [] }, false],
  ['a path', { path: 'a/b.jpg' }, false],
  ['no path, as before', { path: null }, true],
  ['public', { isPublic: true }, false],
  ['not public, as before', { isPublic: false }, true],
  ['all at once', { title: 'New', tags: ['x'], path: 'c.jpg', isPublic: true }, false],
];

for (const [what, change, isStillKnown] of CHANGES)
  t.test(`changed: ${what}`, async (t) => {
    const { tenantId, imageId } = await queueJob(db, { ...HAD, contentDigestHex: 'ab'.repeat(32) });
    t.equal(await db.images.update(newId(), imageId, change), undefined);
    t.equal(await db.images.update(tenantId, newId(), change), undefined);
    t.match(await db.images.get(tenantId, imageId), HAD);
    const row = await db.images.update(tenantId, imageId, change);
    t.match(row, { ...HAD, ...change, id: imageId });
    t.same(row, await db.images.get(tenantId, imageId), 'without what is heavy');
    const known = await query('SELECT FROM contents WHERE image_id = $1', [imageId]);
    t.equal(known.length, isStillKnown ? 1 : 0);
  });

const imageAt = async (tenantId: string, path: string) => (await db.files.find(tenantId, path)).image;

t.test('a path belongs to one image of a tenant', async (t) => {
  const { tenantId, imageId } = await queueJob(db, { path: 'a.jpg' });
  const other = await queueJob(db, { tenantId, title: 'b' });
  const stranger = await queueJob(db);
  t.equal(await db.images.update(tenantId, other.imageId, { path: 'a.jpg', title: 'c' }), 'path-taken');
  t.match(await db.images.get(tenantId, other.imageId), { path: null, title: 'b' }, 'nothing was changed');
  t.match(await db.images.update(tenantId, imageId, { path: 'a.jpg' }), { path: 'a.jpg' });
  t.match(await db.images.update(stranger.tenantId, stranger.imageId, { path: 'a.jpg' }), { path: 'a.jpg' });
  t.match(await imageAt(tenantId, 'a.jpg'), { id: imageId });
  t.match(await imageAt(stranger.tenantId, 'a.jpg'), { id: stranger.imageId });
  t.equal(await imageAt(tenantId, 'A.jpg'), undefined);
  t.equal(await imageAt(newId(), 'a.jpg'), undefined);
  t.match(await db.images.update(tenantId, imageId, { path: null }), { path: null });
  t.equal(await imageAt(tenantId, 'a.jpg'), undefined);
  t.match(await db.images.update(tenantId, other.imageId, { path: 'a.jpg' }), { path: 'a.jpg' });
  t.notOk('metadata' in ((await imageAt(tenantId, 'a.jpg')) ?? {}));
});

t.test('a rejected image is changed no more', async (t) => {
  const tenantId = newId();
  const [image] = await addImages(query, tenantId, [{ rejectedAt: '2026-01-01T00:00:00Z' }]);
  t.equal(await db.images.update(tenantId, image?.id ?? '', { title: 'x' }), undefined);
});

t.test('many are removed in one go, with their events', async (t) => {
  const { tenantId, imageId, jobId } = await queueJob(db, { contentDigestHex: 'ab'.repeat(32), tags: ['x'] });
  const second = await queueJob(db, { tenantId });
  const kept = await queueJob(db, { tenantId });
  const theirs = await queueJob(db);
  t.equal(await db.jobs.cancel(tenantId, second.jobId), 'canceled');
  const ids = [second.imageId, theirs.imageId, newId(), imageId, imageId];
  const { deleted, objects } = await db.images.removeMany(tenantId, ids);
  t.same(deleted, [imageId, second.imageId].sort());
  t.same(
    objects.map(({ objectKey }) => objectKey).sort(),
    deleted.map((id) => `${tenantId}/original/${id}`),
  );
  const left = await query<{ id: string }>('SELECT id FROM images WHERE id = ANY ($1)', [ids]);
  t.same(left, [{ id: theirs.imageId }]);
  t.ok(await db.images.get(tenantId, kept.imageId));
  t.same(await query('SELECT FROM contents WHERE image_id = $1', [imageId]), []);
  const events = await query<{ type: string; about: string }>(
    `SELECT type, coalesce(job_id, image_id) AS about FROM events WHERE tenant_id = $1 AND type <> 'job.queued' ORDER BY type, about`,
    [tenantId],
  );
  t.same(events, [
    ...deleted.map((id) => ({ type: 'image.deleted', about: id })),
    ...[jobId, second.jobId].sort().map((id) => ({ type: 'job.canceled', about: id })),
  ]);
  const uploads = await query<{ id: string }>(
    `SELECT id FROM uploads WHERE tenant_id = $1 AND created_at = 'epoch' ORDER BY id`,
    [tenantId],
  );
  t.same(
    uploads.map(({ id }) => id),
    objects.map(({ uploadId }) => uploadId).sort(),
  );
  t.same(await db.images.removeMany(tenantId, ids), { deleted: [], objects: [] });
  t.same(await db.images.removeMany(tenantId, []), { deleted: [], objects: [] });
});
