import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import {
  claimDerivative,
  FOR_GOOD,
  makeDerivative,
  storedBytes,
  wantDerivative,
} from './derivative-fixtures.ts';
import { endJob } from './finish-job.ts';
import { queueJob } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();
const DAY_MS = 86_400_000;

/** Answers what the sweep finds long abandoned. */
async function sweep(): Promise<string[]> {
  const swept: string[] = [];
  const remove = async (key: string) => void swept.push(key);
  await db.sweep.abandonedUploads({ olderThanMs: 365 * DAY_MS, limit: 10_000, remove });
  return swept.sort();
}

t.test('they go with their image, and their objects with its own', async (t) => {
  const { tenantId, imageId, objectKey, stored } = await endJob(db, 'completed');
  const kept = await makeDerivative(
    db,
    { tenantId, imageId, isKept: true },
    { objectKey: 'd/kept', bytes: 700 },
  );
  const other = await makeDerivative(db, { tenantId, imageId }, { objectKey: 'd/other', bytes: 50 });
  await wantDerivative(db, { tenantId, imageId });
  await claimDerivative(db, { tenantId, imageId });
  const ofFile = await makeDerivative(db, { tenantId }, { objectKey: 'd/file', bytes: 3 });
  t.equal(await storedBytes(query, tenantId), (stored?.bytes ?? 0) + 753);
  const objects = await db.images.remove(tenantId, imageId);
  t.same(
    objects?.map((object) => object.objectKey),
    [objectKey, 'd/kept', 'd/other'],
  );
  t.same(
    objects?.slice(1).map(({ uploadId }) => uploadId),
    [kept.id, other.id],
  );
  t.same(await query('SELECT id FROM derivatives WHERE tenant_id = $1', [tenantId]), [{ id: ofFile.id }]);
  t.equal(await storedBytes(query, tenantId), 3);
  t.same(await sweep(), [objectKey, 'd/kept', 'd/other'].sort());
});

t.test('whatever removes the image: the same', async (t) => {
  const { tenantId, imageId } = await queueJob(db, { bytes: 100 });
  const neighbor = await queueJob(db, { bytes: 10 });
  await makeDerivative(db, { tenantId, imageId }, { objectKey: 'c/1', bytes: 20 });
  await makeDerivative(
    db,
    { tenantId: neighbor.tenantId, imageId: neighbor.imageId },
    { objectKey: 'c/2', bytes: 2 },
  );
  t.equal(await storedBytes(query, tenantId), 120);
  await query('DELETE FROM images WHERE id = ANY ($1)', [[imageId, neighbor.imageId]]);
  t.equal(await storedBytes(query, tenantId), 0);
  t.equal(await storedBytes(query, neighbor.tenantId), 0);
  t.same(await sweep(), ['c/1', 'c/2'], 'the cascade knows nothing of the originals');
});

t.test('those that are not kept go when nobody asked for them for so long', async (t) => {
  const tenantId = newId();
  const old = async (bytes: number, isKept = false) => {
    const made = await makeDerivative(db, { tenantId, isKept }, { objectKey: `u/${bytes}`, bytes });
    await query(`UPDATE derivatives SET used_at = now() - interval '31 days' WHERE id = $1`, [made.id]);
    return made.id;
  };
  await old(1);
  await old(2);
  const kept = await old(4, true);
  const young = await makeDerivative(db, { tenantId }, { objectKey: 'u/8', bytes: 8 });
  const failed = await claimDerivative(db, { tenantId });
  await db.making.fail({ id: failed.id, attempt: failed.attempt, ...FOR_GOOD });
  await query(`UPDATE derivatives SET used_at = now() - interval '31 days' WHERE id = $1`, [failed.id]);
  const waiting = await wantDerivative(db, { tenantId });
  await query(`UPDATE derivatives SET used_at = now() - interval '31 days' WHERE id = $1`, [waiting.id]);
  t.equal(await storedBytes(query, tenantId), 15);
  const options = { unusedMs: 30 * DAY_MS, limit: 2 };
  t.equal(await db.making.forgetUnused(options), 2);
  t.equal(await db.making.forgetUnused(options), 1);
  t.equal(await db.making.forgetUnused(options), 0);
  const left = await query<{ id: string }>('SELECT id FROM derivatives WHERE tenant_id = $1', [tenantId]);
  t.same(left.map(({ id }) => id).sort(), [kept, young.id, waiting.id].sort());
  t.equal(await storedBytes(query, tenantId), 12);
  t.same(await sweep(), ['u/1', 'u/2']);
});

t.test('several forget at once, while others are finished: each once, no deadlock', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const tenants = Array.from({ length: 4 }, newId);
  const make = (index: number) =>
    makeDerivative(db, { tenantId: tenants[index % 4] ?? '' }, { objectKey: `s/${index}`, bytes: 1 });
  const made = await Promise.all(Array.from({ length: 80 }, (_, index) => make(index)));
  await query(`UPDATE derivatives SET used_at = now() - interval '31 days' WHERE id = ANY ($1)`, [
    made.map(({ id }) => id),
  ]);
  const forget = async (one: typeof db) => {
    let gone = 0;
    for (let last = 1; last > 0; gone += last)
      last = await one.making.forgetUnused({ unusedMs: DAY_MS, limit: 7 });
    return gone;
  };
  const [one, two] = await Promise.all([
    forget(db),
    forget(other),
    ...Array.from({ length: 40 }, (_, index) => make(100 + index)),
  ]);
  t.equal(Number(one) + Number(two), 80);
  for (const tenantId of tenants) t.equal(await storedBytes(query, tenantId), 10);
  t.equal((await sweep()).length, 80);
});

t.test('objects in the store that nobody knows', async (t) => {
  const { tenantId, imageId } = await queueJob(db);
  const ready = await claimDerivative(db, { tenantId, imageId });
  const key = (id: string, attempt: number) => `${tenantId}/derived/${imageId}/${id}-${attempt}`;
  await db.making.finish({
    ...ready,
    objectKey: key(ready.id, 1),
    format: 'png',
    width: 1,
    height: 1,
    bytes: 1,
    sha256Hex: 'ab'.repeat(32),
  });
  const making = await claimDerivative(db, { tenantId });
  const ofFile = (attempt: number) => `${tenantId}/derived/files/${making.id}-${attempt}`;
  const incoming = { id: newId(), tenantId, objectKey: `${tenantId}/incoming/${newId()}` };
  await db.uploads.begin(incoming);
  const known = [key(ready.id, 1), ofFile(1), incoming.objectKey, `${tenantId}/original/${imageId}`];
  const unknown = [
    key(ready.id, 2),
    key(newId(), 1),
    ofFile(2),
    `${tenantId}/incoming/${newId()}`,
    `${tenantId}/original/${newId()}`,
  ];
  const foreign = [`${tenantId}/files/a.jpg`, `${tenantId}/derived/x`, 'readme.txt'];
  t.same((await db.sweep.unknownObjects([...known, ...unknown, ...foreign])).sort(), unknown.sort());
});
