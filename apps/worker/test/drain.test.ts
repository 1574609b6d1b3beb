// A worker that is told to stop while what it stands on has gone silent: it ends in time, and gives back what it can.
import { startTcpProxy } from '@tintype/local';
import t from 'tap';
import { startWorker } from '../src/worker.ts';
import { createDeliverySurroundings } from './jobs/delivering.ts';
import { hang, startReceiver } from './webhook/receiver.ts';
import { eventually, makeJpeg } from './worker-setup.ts';

const { REDIS_URL: redisUrl = '', TEST_NO_REDIS: noRedis } = process.env;
const GRACE_MS = 300;
/** What main.ts leaves after the grace; see CLOSING_MS there. */
const CLOSING_MS = 5000;

t.test(
  'Redis silent: jobs and deliveries are given back as soon as the grace is over',
  { skip: noRedis ?? false },
  async (t) => {
    const proxy = await startTcpProxy({ port: Number(new URL(redisUrl).port) });
    t.teardown(() => proxy.close());
    process.env.REDIS_URL = proxy.through(redisUrl);
    const surroundings = await createDeliverySurroundings(
      { WEBHOOK_TIMEOUT_MS: '60000', LEASE_MS: '60000' },
      'redis',
    );
    const { config, deps, accept, tenantId, addEndpoint, addOne, owner } = surroundings;
    const receiver = await startReceiver(t, hang);
    const delivery = await addOne(await addEndpoint(receiver.url));
    const job = await accept(await makeJpeg());
    let begun = false;
    const never = {
      ...deps.inspector,
      inspect: () => {
        begun = true;
        return new Promise<never>(() => undefined);
      },
    };
    const worker = await startWorker(config, { ...deps, inspector: never }, () => t.fail('stuck'));
    await eventually(async () => begun && receiver.received.length === 1);
    proxy.blackhole();
    const begunAt = performance.now();
    const stopped = worker.stop(GRACE_MS);
    await eventually(async () => (await deps.db.jobs.get(tenantId, job))?.status === 'queued');
    await eventually(
      async () => (await deps.db.webhookDeliveries.get(owner, delivery))?.status === 'pending',
    );
    const givenBackMs = performance.now() - begunAt;
    t.comment(`given back after ${Math.round(givenBackMs)} ms`);
    t.ok(givenBackMs < GRACE_MS + CLOSING_MS / 2, `${givenBackMs} ms`);
    await stopped;
    const stoppedMs = performance.now() - begunAt;
    t.comment(`stopped after ${Math.round(stoppedMs)} ms`);
    proxy.pass();
  },
);
