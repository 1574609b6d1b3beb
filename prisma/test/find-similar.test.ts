import { randomBytes } from 'node:crypto';
import t from 'tap';
import { connect } from '../src/client.ts';
import { findNearest } from '../src/find-similar.ts';
import { MAX_SIMILAR_DISTANCE, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages, type LibraryImage } from './library-fixtures.ts';

const { url, db, query } = await createTestDatabase();
const prisma = connect({ url, poolSize: 2 });
t.teardown(() => prisma.$disconnect());

const bits = (hash: string) => BigInt(`0x${hash}`);
const hex = (hash: bigint) => hash.toString(16).padStart(16, '0');

function distanceOf(one: string, other: string): number {
  return [...(bits(one) ^ bits(other)).toString(2)].filter((bit) => bit === '1').length;
}

/** With so many bits the other way round, wherever they are. */
function turned(hash: string, count: number): string {
  const places = new Set<number>();
  while (places.size < count) places.add(randomBytes(1).readUInt8() % 64);
  return hex([...places].reduce((turned, place) => turned ^ (1n << BigInt(place)), bits(hash)));
}

const tenantId = newId();
const hash = randomBytes(8).toString('hex');
const near = Array.from({ length: 400 }, (_, index) => turned(hash, index % 16));
const others = Array.from({ length: 2000 }, () => randomBytes(8).toString('hex'));
const images = await addImages(
  query,
  tenantId,
  [hash, ...near, ...others].map((phash) => ({ phash })),
);
const [asked] = images;
const id = asked?.id ?? '';
await addImages(query, newId(), [{ phash: hash }]);
await addImages(query, tenantId, [{ phash: hash, rejectedAt: '2026-01-01T00:00:00Z' }]);

/** Looks at every image there is. */
function bruteForce(of: LibraryImage, maxDistance: number): { id: string; distance: number }[] {
  return images
    .filter((image) => image !== of)
    .map((image) => ({ id: image.id, distance: distanceOf(image.phash ?? '', of.phash ?? '') }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((one, other) => one.distance - other.distance || (one.id < other.id ? -1 : 1));
}

for (let maxDistance = 0; maxDistance <= MAX_SIMILAR_DISTANCE; maxDistance += 1)
  t.test(`within ${maxDistance} bits: what looking at all of them finds`, async (t) => {
    const found = await db.findImages.similar(tenantId, id, { maxDistance, limit: 1000 });
    if (!Array.isArray(found) || asked === undefined) return t.fail('there is a hash');
    const expected = bruteForce(asked, maxDistance);
    t.ok(expected.length >= 25 * (maxDistance + 1), 'there is something to find');
    t.same(
      found.map(({ image, distance }) => ({ id: image.id, distance })),
      expected,
    );
  });

t.test('the nearest ones, where there are more', async (t) => {
  const found = await db.findImages.similar(tenantId, id, { maxDistance: 11, limit: 3 });
  t.match(found, [{ distance: 0 }, { distance: 0 }, { distance: 0 }]);
  t.equal(Array.isArray(found) && found.length, 3);
  t.notOk(Array.isArray(found) && found.some(({ image }) => 'metadata' in image));
});

t.test('hashes at both ends', async (t) => {
  const own = newId();
  const [zero, ones] = ['0'.repeat(16), 'f'.repeat(16)];
  const rows = await addImages(
    query,
    own,
    [zero, zero, ones, '8'.padEnd(16, '0')].map((phash) => ({ phash })),
  );
  const ids = rows.map((row) => row.id);
  const ask = (image = '') => db.findImages.similar(own, image, { maxDistance: 2, limit: 10 });
  t.match(await ask(ids[0]), [
    { image: { id: ids[1] }, distance: 0 },
    { image: { id: ids[3] }, distance: 1 },
  ]);
  t.same(await ask(ids[2]), []);
});

t.test('an image without a hash, and none at all', async (t) => {
  const options = { maxDistance: 4, limit: 10 };
  const [bare, rejected] = await addImages(query, tenantId, [
    {},
    { phash: hash, rejectedAt: '2026-01-01T00:00:00Z' },
  ]);
  t.equal(await db.findImages.similar(tenantId, bare?.id ?? '', options), 'no-hash');
  t.equal(await db.findImages.similar(tenantId, rejected?.id ?? '', options), undefined);
  t.equal(await db.findImages.similar(tenantId, newId(), options), undefined);
  t.equal(await db.findImages.similar(newId(), id, options), undefined);
});

t.test('thousands that look the same', async (t) => {
  const own = newId();
  const rows = await addImages(
    query,
    own,
    Array.from({ length: 3000 }, () => ({ phash: hash })),
  );
  const found = await db.findImages.similar(own, rows[5]?.id ?? '', { maxDistance: 11, limit: 20 });
  t.equal(Array.isArray(found) && found.length, 20);
});

t.test('the nearest for a worker: of equal ones the first, never itself', async (t) => {
  const own = newId();
  const [one, two] = [newId(), newId()].sort();
  const [far, first, second] = await addImages(query, own, [
    { phash: turned(hash, 3) },
    { phash: turned(hash, 1), ...(one && { id: one }) },
    { phash: turned(hash, 1), ...(two && { id: two }) },
  ]);
  const ask = (given: object) =>
    findNearest(prisma, own, { phash: hash, exceptId: newId(), maxDistance: 4, ...given });
  t.equal(await ask({}), first?.id);
  t.equal(await ask({ exceptId: first?.id }), second?.id);
  t.equal(await ask({ maxDistance: 0 }), undefined);
  t.equal(await ask({ phash: far?.phash, maxDistance: 0 }), far?.id);
  t.equal(await findNearest(prisma, newId(), { phash: hash, exceptId: newId(), maxDistance: 4 }), undefined);
});
