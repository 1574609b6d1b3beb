import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { claimAgain, someFacts } from './finish-job.ts';
import { addImages, countTags } from './library-fixtures.ts';
import { anImage, beginUpload, queueJob, queueJobs } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();

const countsOf = async (tenantId: string) =>
  Object.fromEntries((await db.tags.list(tenantId, { limit: 100 })).map(({ tag, images }) => [tag, images]));

t.test('whatever happens to an image, its tags are counted', async (t) => {
  const tenantId = newId();
  const { imageId, jobId } = await queueJob(db, { tenantId, tags: ['a', 'b'] });
  await queueJob(db, { tenantId, tags: ['b'] });
  t.same(await countsOf(tenantId), { a: 1, b: 2 });
  await db.work.complete(someFacts(await claimAgain(db, jobId)));
  t.same(await countsOf(tenantId), { a: 1, b: 2 }, 'facts change nothing');
  await query(`UPDATE images SET tags = '{c,c,b}' WHERE id = $1`, [imageId]);
  t.same(await countsOf(tenantId), { b: 2, c: 1 }, 'what is on no image is gone, what stands twice is one');
  await query('UPDATE images SET rejected_at = now() WHERE id = $1', [imageId]);
  t.same(await countsOf(tenantId), { b: 1 }, 'rejected');
  await query(`UPDATE images SET tags = '{d}' WHERE id = $1`, [imageId]);
  t.same(await countsOf(tenantId), { b: 1 }, 'changed while rejected');
  await query('UPDATE images SET rejected_at = NULL WHERE id = $1', [imageId]);
  t.same(await countsOf(tenantId), { b: 1, d: 1 }, 'and back');
  await query(`UPDATE images SET rejected_at = now(), tags = '{e}' WHERE id = $1`, [imageId]);
  t.same(await countsOf(tenantId), { b: 1 }, 'both at once');
  await db.images.remove(tenantId, imageId);
  t.same(await countsOf(tenantId), { b: 1 });
  await query('UPDATE images SET tags = NULL WHERE tenant_id = $1', [tenantId]);
  t.same(await countsOf(tenantId), {}, 'none at all');
  await query('DELETE FROM images WHERE tenant_id = $1', [tenantId]);
  t.same(await query('SELECT FROM library WHERE tenant_id = $1', [tenantId]), []);
});

t.test('many rows of several tenants in one statement', async (t) => {
  const tenants = [newId(), newId()];
  for (const tenantId of tenants)
    await addImages(
      query,
      tenantId,
      Array.from({ length: 30 }, (_, index) => ({ tags: ['all', `of-${index % 3}`] })),
    );
  await query(`UPDATE images SET tags = array_append(tags, 'more') WHERE tenant_id = ANY ($1)`, [tenants]);
  for (const tenantId of tenants)
    t.same(await countsOf(tenantId), { all: 30, more: 30, 'of-0': 10, 'of-1': 10, 'of-2': 10 });
  await query(`UPDATE images SET tags = '{}' WHERE tenant_id = ANY ($1) AND 'of-0' = ANY (tags)`, [tenants]);
  await query(`DELETE FROM images WHERE tenant_id = ANY ($1) AND 'of-1' = ANY (tags)`, [tenants]);
  for (const tenantId of tenants) t.same(await countsOf(tenantId), { all: 10, more: 10, 'of-2': 10 });
});

t.test('changes at the same time: no deadlock, and counts that a recount confirms', async (t) => {
  const other = openDatabase({ url, poolSize: 6 });
  t.teardown(() => other.close());
  const tenants = [newId(), newId(), newId()];
  const names = ['a', 'b', 'c', 'd', 'e'];
  const images = (
    await Promise.all(tenants.map((tenantId) => queueJobs(db, 12, { tenantId, tags: ['a', 'c'] })))
  ).flat();
  const idsOf = (tenantId: string) =>
    images.filter((one) => one.tenantId === tenantId).map((one) => one.imageId);

  const changes: (() => Promise<unknown>)[] = [];
  for (const [index, { tenantId, imageId, jobId }] of images.entries()) {
    const tag = names[index % names.length] ?? '';
    changes.push(
      () => other.tags.add(tenantId, imageId, [tag, 'new'], 100),
      () => db.tags.remove(tenantId, imageId, tag),
      () => other.tags.replace(tenantId, imageId, [...names].reverse().slice(index % 4)),
      () =>
        db.tags.change(tenantId, [...idsOf(tenantId)].reverse(), { add: [tag], remove: ['c'], most: 100 }),
      () => db.images.update(tenantId, imageId, { title: tag }),
      async () => db.work.complete(someFacts(await claimAgain(db, jobId))),
      async () => {
        const image = anImage({ tenantId, tags: [tag, 'uploaded'] });
        await beginUpload(other, image);
        return other.uploads.accept(image);
      },
    );
    if (index % 5 === 0)
      changes.push(() => other.images.removeMany(tenantId, [imageId, ...idsOf(tenantId).slice(0, 2)]));
  }
  // In an order of their own, the same in every run.
  const mixed = changes
    .map((change, index) => ({ change, place: (index * 7919) % 1009 }))
    .sort((one, two) => one.place - two.place);
  const failed: string[] = [];
  // As many at a time as there are connections.
  const work = async () => {
    for (let next = mixed.shift(); next !== undefined; next = mixed.shift())
      await next.change().catch((error: unknown) => failed.push(String(error)));
  };
  await Promise.all(Array.from({ length: 10 }, work));
  // Some jobs are gone with their images before anybody could claim them.
  t.same(
    failed.filter((message) => !message.includes('could not be claimed')),
    [],
  );
  const { counted, recounted } = await countTags(query);
  t.ok(counted.length > 10);
  t.same(counted, recounted);
  const shelved = await query('SELECT id FROM library ORDER BY id');
  t.same(shelved, await query('SELECT id FROM images WHERE rejected_at IS NULL ORDER BY id'));
});
