// All of it at once, in an order of chance.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { underBacklog } from '../story.ts';
import { STORE_DELAY_MS, type World } from '../world.ts';

type Fault = (world: World) => Promise<void>;

const SHORT_MS = 1500;

async function restartPostgres({ postgres }: World): Promise<void> {
  await postgres.end('SIGKILL');
  await sleep(SHORT_MS);
  await postgres.start();
}

const FAULTS: readonly Fault[] = [
  async ({ workers, random }) => random.pick(workers).kill(),
  async ({ apis, random }) => random.pick(apis).kill(),
  async ({ workers }) => void (await Promise.all(workers.map((worker) => worker.kill()))),
  restartPostgres,
  async ({ postgres }) => {
    postgres.proxy.cut();
    await sleep(SHORT_MS);
    postgres.proxy.pass();
  },
  async ({ bucket }) => {
    bucket.proxy.cut();
    await sleep(SHORT_MS);
    bucket.proxy.delay(STORE_DELAY_MS);
  },
  async ({ sink }) => {
    sink.mode('error');
    await sleep(SHORT_MS);
    sink.mode('ok');
  },
  async ({ sink }) => {
    sink.proxy.cut();
    await sleep(SHORT_MS);
    sink.proxy.pass();
  },
  // It may be away at that moment.
  async ({ redis }) => void (await redis.call('FLUSHALL').catch(() => undefined)),
  async ({ redis }) => redis.replace(),
  async ({ redis }) => {
    redis.proxy.blackhole();
    await sleep(SHORT_MS);
    redis.proxy.pass();
  },
];

export const WHOLE_SCENARIOS: Scenario[] = [
  {
    name: 'all-at-once',
    says: 'everything breaks, twice, one thing over the other, in an order of chance',
    apis: 2,
    workers: 2,
    env: { WORKER_CONCURRENCY: '3' },
    play: (world) =>
      underBacklog(world, async () => {
        const { random } = world;
        for (let round = 0; round < 2; round += 1) {
          const under: Promise<void>[] = [];
          for (const fault of random.shuffle(FAULTS)) {
            // PostgreSQL and Redis can be restarted one at a time only; everything else overlaps.
            const broken = fault(world);
            broken.catch(() => undefined);
            under.push(broken);
            if (fault === restartPostgres || random.next() < 0.3) await broken;
            await sleep(200 + 300 * random.next());
          }
          await Promise.all(under);
        }
      }),
  },
];
