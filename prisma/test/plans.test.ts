import t from 'tap';
import { isDataError, makeApiKey, NO_LIMITS } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { db, query } = await createTestDatabase();

const LIMITS = {
  requestsPerSecond: 5,
  requestsPerDay: 4_000_000_000,
  storedBytes: 9_000_000_000_000,
  uploadBytes: 5_000_000_000,
  concurrentJobs: 7,
};

t.test('those that every installation begins with', async (t) => {
  const plans = await db.plans.list();
  t.same(
    plans.map(({ name }) => name),
    ['free', 'pro', 'unlimited'],
  );
  t.match(plans[2], NO_LIMITS);
  t.match(await db.plans.get('free'), plans[0] ?? {});
  t.equal(await db.plans.get('none'), undefined);
});

t.test('put makes a plan, and replaces all of it', async (t) => {
  const made = await db.plans.put({ name: 'gold', description: 'Much.', ...LIMITS });
  t.match(made, { name: 'gold', description: 'Much.', ...LIMITS, updatedAt: Date });
  t.same(await db.plans.get('gold'), made);
  await query(`UPDATE plans SET updated_at = 'epoch' WHERE name = 'gold'`);
  const less = await db.plans.put({ name: 'gold', description: '', ...NO_LIMITS, requestsPerSecond: 1 });
  t.match(less, { name: 'gold', description: '', ...NO_LIMITS, requestsPerSecond: 1 });
  t.ok(less.updatedAt.getTime() > 0);
});

t.test('put: many at the same time make one', async (t) => {
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      db.plans.put({ name: 'race', description: '', ...NO_LIMITS, concurrentJobs: index }),
    ),
  );
  t.equal(made.length, 8);
  t.equal((await db.plans.list()).filter(({ name }) => name === 'race').length, 1);
});

t.test('what is no name is refused by the table', async (t) => {
  for (const name of ['', 'Gold', '9', 'a b', 'x'.repeat(41)]) {
    const error = await db.plans
      .put({ name, description: '', ...NO_LIMITS })
      .catch((error: unknown) => error);
    t.ok(isDataError(error), name);
  }
});

t.test('remove: not while somebody has it', async (t) => {
  const put = (name: string) => db.plans.put({ name, description: '', ...NO_LIMITS });
  t.equal(await db.plans.remove('none'), undefined);
  await put('spare');
  t.equal(await db.plans.remove('spare'), 'removed');
  t.equal(await db.plans.get('spare'), undefined);
  t.equal(await db.plans.remove('unlimited'), 'in-use', 'the default of the table, before anybody has it');

  await put('keyed');
  const tenantId = await db.allApiKeys.ensureTenant('a');
  const { id, secretSha256 } = makeApiKey();
  await db.apiKeys.create(tenantId, { id, name: 'k', secretSha256, planName: 'keyed' });
  t.equal(await db.plans.remove('keyed'), 'in-use', 'a key has it');
  await put('owned');
  await query(`UPDATE tenants SET plan = 'owned' WHERE id = $1`, [tenantId]);
  t.equal(await db.plans.remove('owned'), 'in-use', 'a tenant has it');
  await query(`UPDATE tenants SET plan = 'free' WHERE id = $1`, [tenantId]);
  t.equal(await db.plans.remove('owned'), 'removed');
});

t.test('remove: never under the hands of somebody who takes it', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const name = `fleeting-${round}`;
    await db.plans.put({ name, description: '', ...NO_LIMITS });
    const person = { email: `${name}@example.com`, name: null, passwordHash: 'x', planName: name };
    const [removed, made] = await Promise.allSettled([db.plans.remove(name), db.users.create(person)]);
    t.equal(removed.status, 'fulfilled');
    const isThere = (await db.plans.get(name)) !== undefined;
    t.equal(made.status === 'fulfilled' && made.value?.planName === name, isThere, `round ${round}`);
  }
});
