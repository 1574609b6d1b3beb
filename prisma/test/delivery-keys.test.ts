import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { queueJob } from './queued-job.ts';
import { addTenant } from './webhook-fixtures.ts';

const { url, db, query } = await createTestDatabase();

t.test('a tenant has one key that signs, however many ask first', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const tenantId = await addTenant(query);
  const keys = await Promise.all(
    [db, other, db, other].map(({ deliveryKeys }) => deliveryKeys.current(tenantId)),
  );
  t.equal(new Set(keys.map(({ id }) => id)).size, 1);
  t.match(keys[0], { id: /^dk_[\w-]{12}$/, secret: /^[\w-]{43}$/ });
  const theirs = await db.deliveryKeys.current(await addTenant(query));
  t.not(theirs.secret, keys[0]?.secret);
});

t.test('a new key signs, and the old one counts as long as it overlaps', async (t) => {
  const tenantId = await addTenant(query);
  const first = await db.deliveryKeys.current(tenantId);
  const second = await db.deliveryKeys.rotate(tenantId, 600);
  t.same(await db.deliveryKeys.current(tenantId), second);
  t.match(await db.deliveryOwners.ofKey(first.id), { tenantId, secret: first.secret, retiredAt: Date });
  const third = await db.deliveryKeys.rotate(tenantId, 0);
  t.equal(await db.deliveryOwners.ofKey(first.id), undefined, 'an overlap ends when a later one is shorter');
  t.equal(await db.deliveryOwners.ofKey(second.id), undefined);
  t.match(await db.deliveryOwners.ofKey(third.id), { tenantId, keyId: third.id, retiredAt: null });
  await db.deliveryKeys.rotate(tenantId, 600);
  await db.deliveryKeys.rotate(tenantId, 6000);
  const [{ seconds } = { seconds: 0 }] = await query<{ seconds: number }>(
    `SELECT extract(epoch FROM retired_at - now())::float8 AS seconds FROM delivery_keys WHERE id = $1`,
    [third.id],
  );
  t.ok(seconds > 0 && seconds <= 600, 'and is not made longer by one that is longer');
});

t.test('whose a key is', async (t) => {
  const tenantId = await addTenant(query);
  const { id, secret } = await db.deliveryKeys.current(tenantId);
  t.match(await db.deliveryOwners.ofKey(id), {
    ...{ tenantId, secret, isSuspended: false, userId: null, planName: 'unlimited' },
    limits: { requestsPerSecond: null },
  });
  for (const unknown of ['', 'dk_unknown', `${id}\0`, "'", 'x'.repeat(65)])
    t.equal(await db.deliveryOwners.ofKey(unknown), undefined, JSON.stringify(unknown));
  await query('UPDATE tenants SET suspended_at = now() WHERE id = $1', [tenantId]);
  t.match(await db.deliveryOwners.ofKey(id), { isSuspended: true });
  await query('UPDATE tenants SET deleted_at = now() WHERE id = $1', [tenantId]);
  t.equal(await db.deliveryOwners.ofKey(id), undefined);
});

t.test('whose an image is that everybody may see', async (t) => {
  const tenantId = await addTenant(query);
  const seen = await queueJob(db, { tenantId, isPublic: true });
  const hidden = await queueJob(db, { tenantId });
  t.match(await db.deliveryOwners.ofPublicImage(seen.imageId), { tenantId, planName: 'unlimited' });
  t.equal(await db.deliveryOwners.ofPublicImage(hidden.imageId), undefined);
  t.equal(await db.deliveryOwners.ofPublicImage(newId()), undefined);
  await query('UPDATE images SET rejected_at = now() WHERE id = $1', [seen.imageId]);
  t.equal(await db.deliveryOwners.ofPublicImage(seen.imageId), undefined, 'one that was not wanted');
});

t.test('path and derivatives are written with the image, and a path has one image', async (t) => {
  const tenantId = await addTenant(query);
  const derivatives = { thumb: { width: 320 } };
  const image = await queueJob(db, { tenantId, path: 'a/b.jpg', isPublic: true, options: { derivatives } });
  t.match(await db.images.get(tenantId, image.imageId), { path: 'a/b.jpg', isPublic: true, derivatives });
  const plain = await queueJob(db, { tenantId });
  t.match(await db.images.get(tenantId, plain.imageId), { path: null, isPublic: false, derivatives: {} });

  const otherTenantId = await addTenant(query);
  const others = await Promise.allSettled([
    queueJob(db, { tenantId, path: 'a/b.jpg' }),
    queueJob(db, { tenantId, path: 'a/c.jpg' }),
    queueJob(db, { tenantId: otherTenantId, path: 'a/b.jpg' }),
  ]);
  t.same(
    others.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
    'and no other fails by it',
  );
});
