import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addDeliveries, addDelivery, addTenant, aFailure, claimed, LEASE } from './webhook-fixtures.ts';

// These look at every row, so each test has the table for itself.
const { url, db, query } = await createTestDatabase();
const tenantId = await addTenant(query);
t.beforeEach(async () => {
  await query('TRUNCATE webhook_deliveries CASCADE');
});

t.test('a delivery whose lease ran out waits again, in its place of the schedule', async (t) => {
  const id = await addDelivery(query, tenantId, { failures: 2 });
  await claimed(db, id);
  t.equal(await db.sending.expireLeases({ limit: 10 }), 0, 'not while the lease lives');
  await query(`UPDATE webhook_deliveries SET lease_until = now() - interval '1 s' WHERE id = $1`, [id]);
  t.equal(await db.sending.expireLeases({ limit: 10 }), 1);
  t.match(await db.webhookDeliveries.get(tenantId, id), {
    status: 'pending',
    lastStatus: null,
    lastError: /disappeared/,
  });
  t.same(
    await db.sending.takeQuiet({ quietMs: 3_600_000, limit: 10 }),
    [{ id, generation: 1, fresh: true }],
    'at once',
  );
  t.match(await db.sending.claim(id, LEASE), { attempt: 2, failures: 2 });
});

t.test('no more than the limit at a time', async (t) => {
  await addDeliveries(query, tenantId, 5, { status: 'sending', lease_until: new Date(0) });
  const freed: number[] = [];
  for (let round = 0; round < 4; round += 1) freed.push(await db.sending.expireLeases({ limit: 2 }));
  t.same(freed, [2, 2, 1, 0]);
});

const QUIET: Record<string, { change: string; fresh?: boolean }> = {
  'quiet and due': { change: `nudged_at = now() - interval '1 minute'`, fresh: false },
  'never looked after': { change: `nudged_at = '-infinity'`, fresh: true },
  'nudged just now': { change: 'nudged_at = now()' },
  'not due yet': { change: `nudged_at = '-infinity', run_after = now() + interval '1 minute'` },
  'being sent': { change: `nudged_at = '-infinity', status = 'sending', lease_until = now()` },
  delivered: { change: `nudged_at = '-infinity', status = 'delivered', finished_at = now()` },
  dead: { change: `nudged_at = '-infinity', status = 'dead', finished_at = now()` },
  canceled: { change: `nudged_at = '-infinity', status = 'canceled', finished_at = now()` },
};

for (const [name, { change, fresh }] of Object.entries(QUIET)) {
  t.test(`a delivery that is ${name} is ${fresh === undefined ? 'not taken' : 'taken once'}`, async (t) => {
    const id = await addDelivery(query, tenantId);
    await query(`UPDATE webhook_deliveries SET generation = 4, ${change} WHERE id = $1`, [id]);
    const expected = fresh === undefined ? [] : [{ id, generation: 4, fresh }];
    t.same(await db.sending.takeQuiet({ quietMs: 30_000, limit: 10 }), expected);
    t.same(await db.sending.takeQuiet({ quietMs: 30_000, limit: 10 }), [], 'it is marked');
  });
}

t.test('every round in the queue has a name of its own', async (t) => {
  const id = await addDelivery(query, tenantId);
  const names: unknown[] = [];
  const take = async () => names.push(...(await db.sending.takeQuiet({ quietMs: 30_000, limit: 10 })));
  await take();
  await db.sending.fail(aFailure(await claimed(db, id), { retryAfterMs: 0 }));
  await take();
  await db.sending.release([await claimed(db, id)]);
  await take();
  await db.webhookDeliveries.redeliver(tenantId, id);
  await query(`UPDATE webhook_deliveries SET nudged_at = now() - interval '1 hour' WHERE id = $1`, [id]);
  await take();
  t.same(names, [
    { id, generation: 0, fresh: true },
    { id, generation: 1, fresh: true },
    { id, generation: 2, fresh: true },
    { id, generation: 3, fresh: false },
  ]);
});

t.test('two reconcilers at once take disjoint sets, and together everything', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const ids = await addDeliveries(query, tenantId, 60);
  const taken: string[] = [];
  for (let found = 1; found > 0; ) {
    const rounds = [db, other, db, other].map((one) => one.sending.takeQuiet({ quietMs: 30_000, limit: 8 }));
    const nudges = (await Promise.all(rounds)).flat();
    found = nudges.length;
    taken.push(...nudges.map(({ id }) => id));
  }
  t.same(taken.sort(), ids.sort());
});

t.test('renew gives waiting deliveries the next generation', async (t) => {
  const [first, second, gone, held] = await addDeliveries(query, tenantId, 4);
  await query('UPDATE webhook_deliveries SET generation = 7 WHERE id = $1', [second]);
  await query(`UPDATE webhook_deliveries SET status = 'delivered', finished_at = now() WHERE id = $1`, [
    gone,
  ]);
  await claimed(db, held ?? '');
  const renewed = await db.sending.renew([first, second, gone, held, newId()].map((id) => id ?? ''));
  t.same(
    new Map(renewed.map(({ id, generation }) => [id, generation])),
    new Map([
      [first, 1],
      [second, 8],
    ]),
  );
  t.same(await db.sending.renew([]), []);
});
