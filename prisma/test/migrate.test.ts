import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { MIGRATIONS_FOLDER, migrate, newId, openDatabase } from '../src/index.ts';
import { createEmptyDatabase, type TestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { queueJob } from './queued-job.ts';

type Query = TestDatabase['query'];

const ACCOUNTS = '20261121210000_accounts';
const LIBRARY = '20261121230000_library';
const DELIVERY = '20261121233000_delivery';

function ledger(query: Query): Promise<Record<string, unknown>[]> {
  return query(
    `SELECT migration_name AS name, checksum, applied_steps_count AS steps, logs, rolled_back_at AS "rolledBackAt",
            finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY started_at, migration_name`,
  );
}

/** A folder of migrations, and a way to write one more. */
async function makeFolder(): Promise<{ folder: string; write: (name: string, sql: string) => void }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-migrations-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    write: (name, sql) => {
      mkdirSync(path.join(folder, name), { recursive: true });
      writeFileSync(path.join(folder, name, 'migration.sql'), sql);
    },
  };
}

t.test('fills an empty database, leaves the ledger Prisma would, and has nothing to do again', async (t) => {
  const { url, query } = await createEmptyDatabase();
  const entries = await readdir(MIGRATIONS_FOLDER, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  t.ok(names.length > 0);
  t.same(await migrate(url), names.sort());
  const expected = names.map(async (name) => {
    const sql = await readFile(path.join(MIGRATIONS_FOLDER, name, 'migration.sql'));
    const checksum = createHash('sha256').update(sql).digest('hex');
    return { name, checksum, steps: 1, logs: null, rolledBackAt: null, finished: true };
  });
  t.same(await ledger(query), await Promise.all(expected));
  t.same(await migrate(url), []);
  t.equal((await ledger(query)).length, names.length);

  const db = openDatabase({ url });
  t.teardown(() => db.close());
  t.ok(await queueJob(db), 'and the tables serve');
});

t.test(
  'a database with rows of before goes on: what is old stays, what is new gets its numbers',
  async (t) => {
    const { url, query } = await createEmptyDatabase();
    const entries = (await readdir(MIGRATIONS_FOLDER)).sort();
    const folder = await mkdtemp(path.join(tmpdir(), 'tintype-migrations-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const before = entries.filter((name) => /^\d+_(intake|reprocess)$/.test(name));
    t.equal(before.length, 2);
    for (const name of before)
      await cp(path.join(MIGRATIONS_FOLDER, name), path.join(folder, name), { recursive: true });
    await migrate(url, folder);
    const tenantId = newId();
    const [imageId, jobId] = [newId(), newId()];
    await query(
      `INSERT INTO images (id, tenant_id, object_key, bytes, sha256, format)
     VALUES ($1, $2, 'a', 12, decode(repeat('ab', 32), 'hex'), 'jpeg')`,
      [imageId, tenantId],
    );
    await query(`INSERT INTO jobs (id, tenant_id, image_id, request_id) VALUES ($1, $2, $3, 'r')`, [
      jobId,
      tenantId,
      imageId,
    ]);
    const event = 'INSERT INTO events (tenant_id, type, job_id, image_id) VALUES ($1, $2, $3, $4)';
    await query(event, [tenantId, 'job.queued', jobId, imageId]);

    t.ok((await migrate(url)).length > 0);
    await query(event, [tenantId, 'job.failed', jobId, imageId]);
    const events = await query(
      'SELECT id IS NULL AS "noId", xact IS NULL AS "noXact", data FROM events ORDER BY seq',
    );
    t.same(
      events,
      [
        { noId: true, noXact: true, data: null },
        { noId: false, noXact: false, data: null },
      ],
      'as a process of before writes it, too',
    );
    const db = openDatabase({ url });
    t.teardown(() => db.close());
    t.match(await db.work.claim(jobId, { worker: 'w', leaseMs: 1000 }), {
      stored: { bytes: 12, format: 'jpeg' },
      sourceUrl: null,
    });
    t.same((await db.jobs.get(tenantId, jobId))?.pastAttempts, []);
    t.match(await db.usage.now(tenantId), { images: 1, storedBytes: 12, unfinishedJobs: 1 });
    t.ok(await queueJob(db));
  },
);

/** A database as it was before a migration, and somebody who is writing to it. */
async function databaseBefore(
  t: Test,
  migration: string,
): Promise<{ url: string; query: Query; writer: pg.Client }> {
  const { url, query } = await createEmptyDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-migrations-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const names = (await readdir(MIGRATIONS_FOLDER)).filter((name) => /^\d/.test(name) && name < migration);
  for (const name of names)
    await cp(path.join(MIGRATIONS_FOLDER, name), path.join(folder, name), { recursive: true });
  await migrate(url, folder);
  const writer = new pg.Client({ connectionString: url });
  await writer.connect();
  t.teardown(() => writer.end());
  return { url, query, writer };
}

async function isWaitedFor(query: Query, table: string): Promise<boolean> {
  const sql = 'SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
  return (await query(sql, [table])).length > 0;
}

t.test('accounts: while indexes are built, requests find their keys', async (t) => {
  const { url, query, writer } = await databaseBefore(t, ACCOUNTS);
  // What is changed when all that takes its time is done.
  await writer.query('BEGIN; LOCK TABLE idempotency_keys IN SHARE MODE');
  const migrated = migrate(url);
  await eventually(() => isWaitedFor(query, 'idempotency_keys'));
  const look = 'SELECT FROM api_keys k JOIN tenants t ON t.id = k.tenant_id';
  await t.resolves(query(`BEGIN; SET LOCAL lock_timeout = '5s'; ${look}; COMMIT`));
  await writer.query('COMMIT');
  t.equal((await migrated)[0], ACCOUNTS);
});

t.test(
  'accounts: somebody who locks tables in another order ends neither himself nor the migration',
  async (t) => {
    const { url, query, writer } = await databaseBefore(t, ACCOUNTS);
    await writer.query('BEGIN; LOCK TABLE jobs IN ROW EXCLUSIVE MODE');
    const migrated = migrate(url);
    migrated.catch(() => undefined);
    await eventually(() => isWaitedFor(query, 'jobs'));
    await t.resolves(writer.query('LOCK TABLE uploads IN ROW EXCLUSIVE MODE'));
    await writer.query('COMMIT');
    t.equal((await migrated)[0], ACCOUNTS);
  },
);

t.test('library: what was there before is found, and its tags are counted', async (t) => {
  const { url, query } = await databaseBefore(t, LIBRARY);
  const [tenantId, ids] = [newId(), [newId(), newId()]];
  await query(
    `INSERT INTO images (id, tenant_id, object_key, bytes, sha256, format, title, tags)
     SELECT id, $1, id::text, 12, decode(repeat('ab', 32), 'hex'), 'jpeg', 'Harbour ' || n, '{sea,sea}'
     FROM unnest($2::uuid[]) WITH ORDINALITY AS i(id, n)`,
    [tenantId, ids],
  );
  await query(`UPDATE images SET tags = NULL WHERE id = $1`, [ids[1]]);
  t.equal((await migrate(url))[0], LIBRARY);
  const db = openDatabase({ url });
  t.teardown(() => db.close());
  const found = await db.findImages.list(tenantId, { q: 'harb', maxBytes: 12, sort: 'title', limit: 10 });
  t.match(found.images, [{ id: ids[0], title: 'Harbour 1' }, { id: ids[1] }]);
  t.same(await db.tags.list(tenantId, { limit: 10 }), [{ tag: 'sea', images: 1 }]);
  await db.images.removeMany(tenantId, ids);
  t.same(await db.tags.list(tenantId, { limit: 10 }), []);
});

t.test(
  'delivery: somebody who locks tables in another order ends neither himself nor the migration',
  async (t) => {
    const { url, query, writer } = await databaseBefore(t, LIBRARY);
    await writer.query('BEGIN; LOCK TABLE tenants IN ROW EXCLUSIVE MODE');
    const migrated = migrate(url);
    migrated.catch(() => undefined);
    await eventually(() => isWaitedFor(query, 'tenants'));
    await t.resolves(writer.query('LOCK TABLE images IN ROW EXCLUSIVE MODE'));
    await writer.query('COMMIT');
    t.equal((await migrated)[1], DELIVERY);
  },
);

t.test('many at once apply each migration once', async (t) => {
  const { url, query } = await createEmptyDatabase();
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  t.equal(applied.filter((names) => names.length > 0).length, 1);
  t.ok((await ledger(query)).every(({ steps }) => steps === 1));
});

t.test('a later migration alone is applied', async (t) => {
  const { url } = await createEmptyDatabase();
  const { folder, write } = await makeFolder();
  write('2_second', 'CREATE TABLE second (id int REFERENCES first)');
  write('1_first', 'CREATE TABLE first (id int PRIMARY KEY)');
  t.same(await migrate(url, folder), ['1_first', '2_second'], 'in the order of their names');
  write('3_third', 'DROP TABLE second');
  t.same(await migrate(url, folder), ['3_third']);
});

t.test(
  'one that fails changes nothing, leaves its error, and stops every run until it is resolved',
  async (t) => {
    const { url, query } = await createEmptyDatabase();
    const { folder, write } = await makeFolder();
    write('1_good', 'CREATE TABLE good (id int)');
    write('2_bad', 'CREATE TABLE half (id int); ALTER TABLE missing ADD COLUMN x int');
    write('3_after', 'CREATE TABLE after (id int)');
    await t.rejects(migrate(url, folder), { message: /"missing" does not exist/ });
    t.match(await ledger(query), [
      { name: '1_good', finished: true, logs: null },
      { name: '2_bad', finished: false, steps: 0, logs: /"missing" does not exist/ },
    ]);
    const [tables] = await query(`SELECT to_regclass('good') AS good, to_regclass('half') AS half`);
    t.same(tables, { good: 'good', half: null });

    const blocked = { message: /^Migration 2_bad failed earlier\..*prisma migrate resolve/ };
    await t.rejects(migrate(url, folder), blocked);
    write('2_bad', 'CREATE TABLE half (id int)');
    await t.rejects(migrate(url, folder), blocked, 'a better file alone is not enough');

    await query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL`);
    t.same(await migrate(url, folder), ['2_bad', '3_after'], 'what "resolve --rolled-back" does is');
  },
);

t.test('one that was changed after it was applied is refused by name', async (t) => {
  const { url, query } = await createEmptyDatabase();
  const { folder, write } = await makeFolder();
  write('1_first', 'CREATE TABLE first (id int)');
  await migrate(url, folder);
  write('1_first', 'CREATE TABLE first (id bigint)');
  write('2_second', 'CREATE TABLE second (id int)');
  await t.rejects(migrate(url, folder), { message: 'Migration 1_first was changed after it was applied.' });
  t.same(await query(`SELECT to_regclass('second') AS second`), [{ second: null }]);
});

t.test('a connection that ends under a migration is an error, not the end of the process', async (t) => {
  const { url } = await createEmptyDatabase();
  const { folder, write } = await makeFolder();
  write('1_suicide', 'SELECT pg_terminate_backend(pg_backend_pid())');
  await t.rejects(migrate(url, folder), { message: /terminating connection/ });
  await t.rejects(migrate(url, folder), { message: /^Migration 1_suicide failed earlier/ });
});
