import { freePort, startRedis } from '@tintype/local';
import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { startApi } from './app.ts';
import { call, upload } from './client.ts';
import { startProxy } from './proxy.ts';
import { finish } from './worker.ts';

t.test('a queue that is not there', async (t) => {
  const api = await startApi({ env: { QUEUE_URL: `redis://127.0.0.1:${await freePort()}` } });
  for (let sent = 0; sent < 3; sent += 1) {
    const answer = await upload(api);
    t.equal(answer.status, 202);
    t.ok(answer.json<Job>().id);
  }
  const [job] = await api.rows<{ id: string }>('SELECT id FROM jobs');
  await finish(api, job as { id: string });
  t.match((await call(api, `/v1/jobs/${job?.id}?wait=30`)).json(), { status: 'completed' });
  t.equal((await call(api, '/readyz')).status, 200, 'the queue is no part of being ready');
});

const noRedis = process.env.TEST_NO_REDIS;
t.test('a queue that goes away', { skip: noRedis ?? false }, async (t) => {
  const { hostname, port } = new URL(process.env.REDIS_URL ?? '');
  for (const fault of ['cut', 'silence'] as const) {
    const proxy = await startProxy({ host: hostname, port: Number(port) });
    const api = await startApi({
      env: { QUEUE_URL: `redis://127.0.0.1:${proxy.port}?prefix=${crypto.randomUUID()}` },
    });
    t.equal((await upload(api)).status, 202);
    proxy[fault]();
    const answers = await Promise.all(Array.from({ length: 20 }, () => upload(api)));
    t.ok(
      answers.every(({ status }) => status === 202),
      fault,
    );
    t.equal((await call(api, '/readyz')).status, 200);
    proxy.restore();
  }
});

t.test('a Redis that throws jobs away when it is full', { skip: noRedis ?? false }, async (t) => {
  // Its own: the policy is the server's.
  const before = process.env.REDIS_URL;
  delete process.env.REDIS_URL;
  const redis = await startRedis({}).finally(() => {
    if (before !== undefined) process.env.REDIS_URL = before;
  });
  t.teardown(redis.stop);
  const socket = (await import('node:net')).connect(redis.port, '127.0.0.1');
  socket.write('CONFIG SET maxmemory-policy allkeys-lru\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  await t.rejects(
    startApi({ env: { QUEUE_URL: redis.url } }),
    /QUEUE_URL .*noeviction/,
    'is refused at the start',
  );
});
