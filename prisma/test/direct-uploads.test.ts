import t from 'tap';
import { type AcceptedImage, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { anImage, beginUpload } from './queued-job.ts';
import { addTenant } from './webhook-fixtures.ts';

const { db, query } = await createTestDatabase();

const ROOM = { storedBytes: 1000, concurrentJobs: null };

async function promise(tenantId: string) {
  const id = newId();
  const upload = {
    ...{ id, objectKey: `${tenantId}/incoming/${id}`, bytes: 600, contentType: 'image/png' },
    ...{ fileName: 'plate.png', expiresAt: new Date('2026-01-01T00:00:00Z') },
  };
  await db.directUploads.promise(tenantId, upload);
  return upload;
}

/** An image that the promise is to become, its bytes stored. */
async function arrive(tenantId: string, promiseId: string, given: Partial<AcceptedImage> = {}) {
  const image = anImage({ tenantId, promiseId, bytes: 600, ...given });
  await beginUpload(db, image);
  return image;
}

t.test('what was promised is found by its tenant, also when it has expired', async (t) => {
  const tenantId = await addTenant(query);
  const promised = await promise(tenantId);
  t.same(await db.directUploads.find(tenantId, promised.id), { ...promised, isAdmitted: false });
  t.equal(await db.directUploads.find(await addTenant(query), promised.id), undefined);
  t.equal(await db.directUploads.find(tenantId, newId()), undefined);
  const plain = anImage({ tenantId });
  await beginUpload(db, plain);
  t.equal(
    await db.directUploads.find(tenantId, plain.imageId),
    undefined,
    'an upload that goes through the API',
  );
});

t.test('it has room until it is an image, and is counted once', async (t) => {
  const tenantId = await addTenant(query);
  const { id } = await promise(tenantId);
  const admit = (uploadId: string, bytes: number, jobs: number) =>
    db.admissions.admit({ tenantId, uploadId, bytes, jobs, limits: ROOM });
  t.equal(await admit(id, 600, 0), 'admitted');
  t.match(await db.directUploads.find(tenantId, id), { isAdmitted: true });
  t.equal(
    await admit((await arrive(tenantId, id)).imageId, 600, 1),
    'storage',
    'a second time there is none',
  );
  const image = await arrive(tenantId, id);
  t.equal(await admit(image.imageId, 0, 1), 'admitted');
  t.same(await db.admissions.held(tenantId), { bytes: 600, jobs: 1 });
  t.match(await db.uploads.accept(image), { outcome: 'accepted' });
  t.same(await db.admissions.held(tenantId), { bytes: 600, jobs: 1 });
});

const NOTHING_MORE = { images: 1, jobs: 1, promised: 0 };

async function traces(tenantId: string) {
  const [row] = await query(
    `SELECT (SELECT count(*)::int FROM images WHERE tenant_id = $1) AS images, (SELECT count(*)::int FROM jobs WHERE tenant_id = $1) AS jobs,
       (SELECT count(*)::int FROM uploads WHERE tenant_id = $1 AND promised_bytes IS NOT NULL) AS promised`,
    [tenantId],
  );
  return row;
}

for (const [name, digests] of Object.entries({
  'each to be an image of its own': [null, null, null],
  'with contents of their own': ['aa', 'bb', 'cc'],
})) {
  t.test(`three at the same moment, ${name}: one image`, async (t) => {
    const tenantId = await addTenant(query);
    const { id } = await promise(tenantId);
    const images = await Promise.all(
      digests.map((digest) => arrive(tenantId, id, { contentDigestHex: digest })),
    );
    const answers = await Promise.all(images.map(db.uploads.accept));
    t.same(answers.map(({ outcome }) => outcome).sort(), ['accepted', 'expired', 'expired']);
    t.same(await traces(tenantId), NOTHING_MORE);
    t.equal(await db.directUploads.find(tenantId, id), undefined);
    const late = await arrive(tenantId, id);
    t.same(await db.uploads.accept(late), { outcome: 'expired' });
  });
}

t.test('with the same content: one image, which answers for the others', async (t) => {
  const tenantId = await addTenant(query);
  const { id } = await promise(tenantId);
  const images = await Promise.all([1, 2].map(() => arrive(tenantId, id, { contentDigestHex: 'dd' })));
  const answers = await Promise.all(images.map(db.uploads.accept));
  t.same(answers.map(({ outcome }) => outcome).sort(), ['accepted', 'duplicate']);
  t.same(await traces(tenantId), NOTHING_MORE);
});

t.test('who is not written leaves the promise as it is', async (t) => {
  const tenantId = await addTenant(query);
  const { id } = await promise(tenantId);
  const first = await arrive(tenantId, (await promise(tenantId)).id, {
    contentDigestHex: 'ee',
    path: 'a.png',
  });
  t.match(await db.uploads.accept(first), { outcome: 'accepted' });
  const lost = { key: 'k', owner: newId(), fingerprintHex: 'ab' };
  for (const [given, outcome] of [
    [{ contentDigestHex: 'ee' }, 'duplicate'],
    [{ path: 'a.png' }, 'path-taken'],
    [{ idempotency: lost }, 'key-lost'],
  ] as const) {
    t.match(await db.uploads.accept(await arrive(tenantId, id, given)), { outcome });
    t.match(await db.directUploads.find(tenantId, id), { id }, outcome);
  }
  t.match(await db.uploads.accept(await arrive(tenantId, id)), { outcome: 'accepted' });
});

t.test('another tenant takes nothing in, and a swept one is gone', async (t) => {
  const tenantId = await addTenant(query);
  const { id } = await promise(tenantId);
  const stranger = await addTenant(query);
  t.same(await db.uploads.accept(await arrive(stranger, id)), { outcome: 'expired' });
  t.match(await db.directUploads.find(tenantId, id), { id });
  await query('UPDATE uploads SET swept_at = now() WHERE id = $1', [id]);
  t.equal(await db.directUploads.find(tenantId, id), undefined);
  t.same(await db.uploads.accept(await arrive(tenantId, id)), { outcome: 'expired' });
});

t.test('what was sent goes with the next sweep; what never came with a later one', async (t) => {
  const tenantId = await addTenant(query);
  const [taken, waiting, old] = [await promise(tenantId), await promise(tenantId), await promise(tenantId)];
  await db.uploads.accept(await arrive(tenantId, taken.id));
  await query(`UPDATE uploads SET created_at = now() - interval '2 hours' WHERE id = $1`, [old.id]);
  const removed: string[] = [];
  const remove = async (key: string) => void removed.push(key);
  const sweep = { olderThanMs: 3_600_000, limit: 100, remove };
  await db.sweep.abandonedUploads(sweep);
  const ours = removed.filter((key) => key.startsWith(tenantId));
  t.same(ours.sort(), [taken.objectKey, old.objectKey].sort());
  t.match(await db.directUploads.find(tenantId, waiting.id), { id: waiting.id });
});
