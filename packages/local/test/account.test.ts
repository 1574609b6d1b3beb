// Whoever starts it, from wherever: root below a closed folder, a normal user, a user without a name.
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { canEnter } from '../src/account.ts';
import { startPostgres } from '../src/index.ts';
import { findOccupants } from '../src/postgres-occupant.ts';
import { makeFolder } from './folder.ts';
import { query } from './query.ts';
import { run } from './run.ts';

const isRoot = process.getuid?.() === 0;
const stranger = { uid: 12345, gid: 12345 };
const here = fileURLToPath(new URL('.', import.meta.url));
const skipAsRoot = isRoot ? false : 'only root can become another user';
const skipStranger =
  skipAsRoot || (canEnter(here, stranger) ? false : 'the checkout is closed to other users');

t.test('root, below a folder that only root can enter', { skip: skipAsRoot }, async (t) => {
  const closed = join(makeFolder(t), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const dataDir = join(closed, 'data');
  for (const turn of ['first', 'later']) {
    const server = await startPostgres({ dataDir, durable: false });
    t.same(await query(server.url, 'SELECT 1'), [[1]], `${turn} start`);
    t.not(statSync(`/proc/${server.pid}`).uid, 0, 'not as root');
    await query(server.url, 'SELECT pg_reload_conf()');
    t.same(await query(server.url, "SELECT setting FROM pg_settings WHERE name = 'fsync'"), [['off']]);
    await server.stop();
  }
  t.same(findOccupants(dataDir), []);
});

t.test('a normal user, even without a name', { skip: skipStranger }, async (t) => {
  const folder = makeFolder(t);
  chownSync(folder, stranger.uid, stranger.gid);
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  const home = { HOME: folder, TMPDIR: folder };
  const runner = await run(dataDir, { uid: stranger.uid, env: home });
  t.same(await query(runner.url, 'SELECT 1'), [[1]]);
  t.equal(statSync(`/proc/${runner.pid}`).uid, stranger.uid);
  await t.rejects(startPostgres({ dataDir }), { message: /in use by a running process/ });
  runner.process.kill('SIGTERM');
  await runner.ended;

  const server = await startPostgres({ dataDir, durable: false });
  t.equal(statSync(`/proc/${server.pid}`).uid, stranger.uid, 'root serves the folder as its owner');
  await server.stop();
  t.equal(statSync(dataDir).uid, stranger.uid);
});

t.test("a normal user on root's folder hears whose it is", { skip: skipStranger }, async (t) => {
  const folder = makeFolder(t);
  chmodSync(folder, 0o777);
  const dataDir = join(folder, 'data');
  await (await startPostgres({ dataDir, durable: false })).stop();
  const home = { HOME: folder, TMPDIR: folder };
  const attempt = run(dataDir, { uid: stranger.uid, env: home });
  await t.rejects(attempt, { message: /belongs to another user \(uid 65534\)/ });
});
