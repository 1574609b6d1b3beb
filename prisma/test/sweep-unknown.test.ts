// Orphans are told apart while a great many objects wait to be removed.
import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { url, query } = await createTestDatabase();

t.test('objects are told apart while a hundred thousand others wait to be removed', async (t) => {
  // So that what waits does not fit.
  await query(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''64kB''', current_database()); END $$`,
  );
  const db = openDatabase({ url, poolSize: 1 });
  t.teardown(() => db.close());
  const tenantId = newId();
  await query(
    `INSERT INTO uploads (id, tenant_id, object_key, created_at)
     SELECT gen_random_uuid(), $1::uuid, $1::uuid || '/incoming/' || gen_random_uuid(), 'epoch' FROM generate_series(1, 100000)`,
    [tenantId],
  );
  const waiting = await query<{ key: string }>('SELECT object_key AS key FROM uploads LIMIT 10');
  const unknown = Array.from({ length: 1000 }, () => `${tenantId}/derived/${newId()}/${newId()}-1`);
  // More often than the planner looks at the values.
  for (let round = 0; round < 7; round += 1)
    t.same(
      (await db.sweep.unknownObjects([...unknown, ...waiting.map(({ key }) => key)])).sort(),
      unknown.toSorted(),
    );
});
