// A Redis that has forgotten everything.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { during, goOn, underBacklog, until } from '../story.ts';

export const EMPTY_REDIS_SCENARIOS: Scenario[] = [
  {
    name: 'flushall',
    says: 'FLUSHALL',
    needsRedis: true,
    recovery: 'empty Redis',
    play: (world) =>
      underBacklog(world, async () => {
        await world.redis.call('FLUSHALL');
      }),
  },
  {
    name: 'flushall-again-and-again',
    says: 'FLUSHALL ten times, three times a second',
    needsRedis: true,
    recovery: 'empty Redis',
    play: (world) =>
      underBacklog(world, async () => {
        for (let round = 0; round < 10; round += 1) {
          await world.redis.call('FLUSHALL');
          await sleep(200 + 200 * world.random.next());
        }
      }),
  },
  {
    name: 'flushall-no-workers',
    says: 'FLUSHALL while no worker runs',
    needsRedis: true,
    recovery: 'empty Redis',
    play: async (world) => {
      world.load.start({ perSecond: 60 });
      await until(() => world.load.accepted().length >= 120);
      await during(world, async () => {
        await world.workers[0]?.stop();
        await until(async () => (await world.waiting()) >= 120);
        const waiting = await world.waiting();
        world.precondition(waiting >= 100, `${waiting} jobs waiting`);
        await world.redis.call('FLUSHALL');
        world.workers[0]?.start();
      });
      await goOn(world);
    },
  },
  {
    name: 'redis-replaced',
    says: 'another, empty Redis stands where the old one stood',
    needsRedis: true,
    recovery: 'empty Redis',
    play: (world) => underBacklog(world, () => world.redis.replace()),
  },
];
