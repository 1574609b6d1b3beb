// PostgreSQL after a bad day: half-made folders, killed runs, servers left behind, stale lock files.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startPostgres } from '../src/index.ts';
import { findOccupants } from '../src/postgres-occupant.ts';
import { comesTrue, makeFolder } from './folder.ts';
import { query } from './query.ts';
import { run } from './run.ts';

t.test('a half-made folder is made again', async (t) => {
  const parent = makeFolder(t);
  const dataDir = join(parent, 'data');
  mkdirSync(join(dataDir, 'base'), { recursive: true });
  writeFileSync(join(dataDir, 'postgresql.conf'), '');
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  mkdirSync(join(parent, `data.new-${gone}-abc`));
  const server = await startPostgres({ dataDir, durable: false });
  t.teardown(() => server.stop());
  t.same(await query(server.url, 'SELECT 1'), [[1]]);
  t.same(readdirSync(parent), ['data'], 'the killed attempt beside it is swept');
});

t.test('a run killed outright is followed at once', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  const killed = await run(dataDir);
  await query(killed.url, 'CREATE TABLE plates AS SELECT 7 AS n');
  killed.process.kill('SIGKILL');
  await killed.ended;
  const server = await startPostgres({ dataDir, durable: false });
  t.teardown(() => server.stop());
  t.same(await query(server.url, 'SELECT n FROM plates'), [[7]]);
});

t.test('a server left behind is taken over', { skip: process.platform !== 'linux' }, async (t) => {
  const parent = makeFolder(t);
  // Below a closed folder the server's command line names a descriptor that only its starter can give.
  chmodSync(parent, 0o755);
  const dataDir = join(parent, 'data');
  const first = await startPostgres({ dataDir, durable: false });
  const [program, ...args] = readFileSync(`/proc/${first.pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  await query(first.url, 'CREATE TABLE plates AS SELECT 7 AS n');
  await first.stop();
  const { uid, gid } = statSync(dataDir);
  const call = JSON.stringify([program, args, { uid, gid, stdio: 'ignore', detached: true }]);
  spawnSync(process.execPath, ['-e', `require('child_process').spawn(...${call}).unref()`]);
  t.ok(
    await comesTrue(() =>
      query(first.url, 'SELECT 1').then(
        () => true,
        () => false,
      ),
    ),
    'the orphan runs',
  );
  const orphans = findOccupants(dataDir);

  const lines: string[] = [];
  const server = await startPostgres({ dataDir, durable: false, log: (line) => lines.push(line) });
  t.teardown(() => server.stop());
  t.match(lines[0], /stopping PostgreSQL \(pid \d+\) that an earlier run left/);
  t.same(
    findOccupants(dataDir).filter((pid) => orphans.includes(pid)),
    [],
  );
  t.same(await query(server.url, 'SELECT n FROM plates'), [[7]]);
});

t.test('a lock file is no obstacle', async (t) => {
  const dataDir = join(makeFolder(t), 'data');
  await (await startPostgres({ dataDir, durable: false })).stop();
  for (const pid of [spawnSync(process.execPath, ['-e', '']).pid, process.pid]) {
    writeFileSync(join(dataDir, 'postmaster.pid'), `${pid}\n${dataDir}\n1\n5432\n\n127.0.0.1\n`);
    const server = await startPostgres({ dataDir, durable: false });
    t.same(await query(server.url, 'SELECT 1'), [[1]], `pid ${pid}`);
    await server.stop();
  }
  t.pass('the process whose id was reused is alive');
});
