// PostgreSQL on a good day: starts, keeps data, makes databases, says no in words.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { createDatabase, dropDatabase, freePort, startPostgres } from '../src/index.ts';
import { findOccupants } from '../src/postgres-occupant.ts';
import { makeFolder } from './folder.ts';
import { query } from './query.ts';

t.test('a first start makes the folder, a later one keeps the data', async (t) => {
  const dataDir = join(makeFolder(t), 'deep', 'data');
  const first = await startPostgres({ dataDir, durable: false });
  t.equal(first.url, `postgres://postgres@127.0.0.1:${first.port}/postgres`);
  await query(first.url, "CREATE TABLE plates AS SELECT 'é' AS name");
  await first.stop();
  await first.stop();
  t.same(findOccupants(dataDir), [], 'stop leaves no process');
  t.same(readdirSync(join(dataDir, '..')), ['data'], 'nor a folder beside');
  const second = await startPostgres({ dataDir, durable: false });
  t.teardown(() => second.stop());
  t.same(await query(second.url, 'SELECT name FROM plates'), [['é']]);
});

t.test('settings', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  const ask = `SELECT current_setting('fsync'), current_setting('synchronous_commit'),
    current_setting('full_page_writes'), current_setting('max_connections'), current_setting('server_encoding'),
    current_setting('timezone'), current_setting('listen_addresses'), current_setting('unix_socket_directories')`;
  const fast = await startPostgres({ dataDir, durable: false, maxConnections: 33 });
  t.same(await query(fast.url, ask), [['off', 'on', 'off', '33', 'UTF8', 'UTC', '127.0.0.1', '']]);
  await fast.stop();
  const durable = await startPostgres({ dataDir });
  t.same(await query(durable.url, ask), [['on', 'on', 'on', '100', 'UTF8', 'UTC', '127.0.0.1', '']]);
  await durable.stop();
});

t.test('databases', async (t) => {
  const server = await startPostgres({ dataDir: join(makeFolder(t), 'data'), durable: false });
  t.teardown(() => server.stop());
  const original = await createDatabase(server.url, 'or"iginal é');
  await query(original, 'CREATE TABLE plates AS SELECT 1 AS n');
  const copies = await Promise.all(
    ['a', 'b', 'c'].map((name) => createDatabase(server.url, name, { template: 'or"iginal é' })),
  );
  for (const copy of copies) t.same(await query(copy, 'SELECT n FROM plates'), [[1]]);
  await t.rejects(createDatabase(server.url, 'a'), { code: '42P04' });
  await dropDatabase(original);
  await dropDatabase(original);
  await t.rejects(query(original, 'SELECT 1'), { code: '3D000' });
});

t.test('a port that is taken', async (t) => {
  const port = await freePort();
  const squatter = createServer().listen(port, '127.0.0.1');
  t.teardown(() => squatter.close());
  const dataDir = join(makeFolder(t), 'data');
  await t.rejects(startPostgres({ dataDir, port, durable: false }), {
    message: `PostgreSQL cannot start: port ${port} on 127.0.0.1 is already in use.`,
  });
  t.same(findOccupants(dataDir), []);
});

t.test('a folder in use by a living process', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  const server = await startPostgres({ dataDir, durable: false });
  t.teardown(() => server.stop());
  const message = `The data folder ${dataDir} is in use by a running process (pid ${process.pid}); stop it first.`;
  await t.rejects(startPostgres({ dataDir, durable: false }), { message });
  t.same(await query(server.url, 'SELECT 1'), [[1]], 'the first goes on');
});

t.test('a folder of another version', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'PG_VERSION'), '15\n');
  await t.rejects(startPostgres({ dataDir }), {
    message: /made by PostgreSQL 15, this is 18: run `npm start -- --fresh`/,
  });
});

t.test('a folder of something else is left alone', async (t) => {
  const dataDir = makeFolder(t);
  writeFileSync(join(dataDir, 'thesis.txt'), 'x');
  await t.rejects(startPostgres({ dataDir }), {
    message: /not a PostgreSQL data folder and not empty \(thesis.txt\)/,
  });
  t.ok(existsSync(join(dataDir, 'thesis.txt')));
});

t.test('a server that cannot start shows its log', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  await (await startPostgres({ dataDir, durable: false })).stop();
  writeFileSync(join(dataDir, 'postgresql.conf'), 'no_such_setting = 1\n');
  await t.rejects(startPostgres({ dataDir }), { message: /did not start:\n.*no_such_setting/s });
});

t.test('several at once on one new folder: one wins, the others say why', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  const starts = await Promise.allSettled([1, 2, 3].map(() => startPostgres({ dataDir, durable: false })));
  const winners = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  t.teardown(() => Promise.all(winners.map((server) => server.stop())));
  t.equal(winners.length, 1);
  t.same(await query(winners[0]?.url ?? '', 'SELECT 1'), [[1]]);
});
