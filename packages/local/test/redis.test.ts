// A Redis of our own, or the one REDIS_URL names.
import { chmodSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { type RedisOptions, type RedisServer, startRedis } from '../src/index.ts';
import { comesTrue, makeFolder } from './folder.ts';
import { startOrSkip } from './start-or-skip.ts';

/** The answer to one inline command, '' when nobody listens. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(`${command}\r\n`));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(String(answer));
    });
    socket.once('error', () => resolve(''));
  });
}

delete process.env.REDIS_URL;

function startOwn(t: Test, options: RedisOptions = {}): Promise<RedisServer | undefined> {
  return startOrSkip(t, () => startRedis(options));
}

t.test('answers, and is gone after stop', async (t) => {
  const redis = await startOwn(t);
  if (redis === undefined) return;
  t.equal(redis.url, `redis://127.0.0.1:${redis.port}`);
  t.equal(await ask(redis.port, 'PING'), '+PONG\r\n');
  t.match(await ask(redis.port, 'CONFIG GET maxmemory-policy'), /noeviction/);
  t.match(await ask(redis.port, 'CONFIG GET appendonly'), /no/);
  const folder = /\/\S+/.exec(await ask(redis.port, 'CONFIG GET dir'))?.[0] ?? '';
  t.match(folder, /tintype-redis-/);
  await redis.stop();
  await redis.stop();
  t.equal(await ask(redis.port, 'PING'), '');
  t.throws(() => readdirSync(folder), { code: 'ENOENT' });
});

t.test('keeps what it was told where it was told, even below a closed folder', async (t) => {
  const folder = makeFolder(t);
  chmodSync(folder, 0o700);
  const options = { dir: `${folder}/redis`, persistence: 'aof' } as const;
  const first = await startOwn(t, options);
  if (first === undefined) return;
  t.equal(await ask(first.port, 'SET plate wet'), '+OK\r\n');
  await first.stop();
  const second = await startRedis(options);
  t.teardown(() => second.stop());
  t.ok(await comesTrue(async () => (await ask(second.port, 'GET plate')).includes('wet')));
});

t.test('a port that is taken', async (t) => {
  const first = await startOwn(t);
  if (first === undefined) return;
  t.teardown(() => first.stop());
  const message = `Redis cannot start: port ${first.port} on 127.0.0.1 is already in use.`;
  await t.rejects(startRedis({ port: first.port }), { message });
  t.equal(await ask(first.port, 'PING'), '+PONG\r\n', 'the first goes on');
});

t.test('REDIS_URL is used as it is', async (t) => {
  process.env.REDIS_URL = 'redis://elsewhere.example:7000/3';
  const redis = await startRedis();
  delete process.env.REDIS_URL;
  t.match(redis, { url: 'redis://elsewhere.example:7000/3', port: 7000, pid: undefined });
  await redis.stop();
});
