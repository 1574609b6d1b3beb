// Workers that are killed, freeze, and are replaced in order; and the normal day to compare with.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervised } from '../../service/supervised.ts';
import { describe } from '../expectations.ts';
import type { Scenario } from '../scenario.ts';
import { during, fillBacklog, goOn, underBacklog, until } from '../story.ts';
import type { World } from '../world.ts';

/** Longer than the lease of ten seconds. */
const FROZEN_MS = 13_000;

/** Of all workers, or of the process with this id. */
async function processing({ postgres }: World, pid?: number): Promise<number> {
  const [row] = await postgres.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM jobs WHERE status = 'processing' AND worker LIKE $1`,
    [pid === undefined ? '%' : `%-${pid}-%`],
  );
  return row?.n ?? 0;
}

/** Stops the process at a moment at which it has jobs in its hands; answers how many. */
async function freezeWithJobs(world: World, worker: Supervised): Promise<number> {
  let held = 0;
  await until(async () => {
    worker.signal('SIGSTOP');
    held = await processing(world, worker.pid());
    if (held === 0) worker.signal('SIGCONT');
    return held > 0;
  });
  return held;
}

/** Jobs that were begun more than once. */
async function begunAgain({ outcomes }: World): Promise<number> {
  return (await outcomes()).filter(({ attempt }) => attempt > 1).length;
}

export const WORKER_SCENARIOS: Scenario[] = [
  {
    name: 'baseline',
    says: 'nothing breaks',
    notNaive: true,
    play: async (world) => {
      await fillBacklog(world);
      await goOn(world, { least: 400 });
      const answers = world.load.answers();
      world.expect(
        answers.every(({ status }) => status === 202),
        `every POST is answered 202: ${describe(answers)}`,
      );
      const again = await begunAgain(world);
      world.expect(again === 0, `${again} jobs were begun more than once`);
    },
  },
  {
    name: 'worker-kill-light',
    says: 'the worker is killed at light load, with a job in its hands',
    recovery: 'worker crash',
    play: async (world) => {
      world.load.start({ perSecond: 25 });
      await until(() => world.load.accepted().length >= 60);
      await during(world, async () => {
        const held =
          world.system.name === 'naive' || (await until(async () => (await processing(world)) > 0));
        await world.workers[0]?.kill();
        world.precondition(held, 'a job was being done');
      });
      await goOn(world);
    },
  },
  {
    name: 'worker-kill-backlog',
    says: 'the worker is killed with a backlog',
    recovery: 'worker crash',
    play: (world) => underBacklog(world, async () => world.workers[0]?.kill()),
  },
  {
    name: 'worker-kill-twice',
    says: 'the worker is killed, and killed again as soon as it takes jobs',
    recovery: 'worker crash',
    play: (world) =>
      underBacklog(world, async () => {
        const [worker] = world.workers;
        await worker?.kill();
        await worker?.ready();
        const before = await world.waiting();
        await until(async () => (await world.waiting()) !== before);
        await worker?.kill();
      }),
  },
  {
    name: 'worker-kill-all',
    says: 'two workers are killed at the same moment',
    workers: 2,
    env: { WORKER_CONCURRENCY: '3' },
    recovery: 'worker crash',
    play: (world) =>
      underBacklog(world, async () => {
        await Promise.all(world.workers.map((worker) => worker.kill()));
      }),
  },
  {
    name: 'worker-frozen',
    says: 'one of two workers stands still for longer than its lease, then goes on',
    workers: 2,
    env: { WORKER_CONCURRENCY: '3' },
    notNaive: true,
    play: async (world) => {
      await underBacklog(world, async () => {
        const frozen = world.random.pick(world.workers);
        const held = await freezeWithJobs(world, frozen);
        await sleep(FROZEN_MS);
        // What was taken from it waits behind the others.
        await until(async () => (await begunAgain(world)) > 0, { everyMs: 500 });
        frozen.signal('SIGCONT');
        world.precondition(held > 0, `${held} jobs in hand`);
      });
      world.precondition((await begunAgain(world)) > 0, 'another worker took jobs over');
    },
  },
  {
    name: 'rolling-deploy',
    says: 'two apis and two workers are replaced one after the other by SIGTERM',
    apis: 2,
    workers: 2,
    env: { WORKER_CONCURRENCY: '3', DRAIN_DELAY_MS: '1000' },
    notNaive: true,
    play: async (world) => {
      world.load.start({ perSecond: 40 });
      await until(() => world.load.accepted().length >= 60);
      const replace = async (one: Supervised) => {
        const code = await one.stop();
        world.expect(code === 0, `${one.name} ended with ${code}`);
        one.start();
        await one.ready();
        // The front looks five times a second whether it may send requests there again.
        await sleep(500);
      };
      await during(world, async () => {
        for (const one of [...world.apis, ...world.workers]) await replace(one);
      });
      await goOn(world);
      const failed = world.load.answers().filter(({ status }) => status !== 202);
      world.measures.deployFailedRequests = failed.length;
      world.precondition(world.load.answers().length >= 200, `${world.load.answers().length} POSTs`);
      world.expect(failed.length === 0, `${failed.length} requests failed: ${describe(failed)}`);
    },
  },
];
