// A Redis that is away, stands still, is full, or may not be used at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { supervise } from '../../service/supervised.ts';
import { expectAccepted } from '../expectations.ts';
import type { Scenario } from '../scenario.ts';
import { goOn, underBacklog } from '../story.ts';
import type { World } from '../world.ts';

const AWAY_MS = 5000;
/** More than is written in a second; a power failure takes that much with it. */
const LOST_TAIL_BYTES = 64 * 1024;

/** An outage with a backlog: nobody who POSTs may notice. */
function outage(fault: (world: World) => Promise<void>): Scenario['play'] {
  return async (world) => {
    await underBacklog(world, () => fault(world));
    if (world.system.name === 'tintype') expectAccepted(world);
  };
}

async function killAndStart({ redis }: World): Promise<void> {
  await redis.kill();
  await sleep(AWAY_MS);
  await redis.start();
}

export const REDIS_SCENARIOS: Scenario[] = [
  {
    name: 'redis-kill-everysec',
    says: 'Redis is killed; its file, flushed every second, lost its end',
    needsRedis: true,
    redis: 'aof',
    recovery: 'Redis back',
    play: outage(async (world) => {
      await world.redis.kill();
      const cut = await world.redis.cutFile(LOST_TAIL_BYTES);
      await sleep(AWAY_MS);
      await world.redis.start();
      world.precondition(cut > 0, `${cut} bytes of its file lost`);
    }),
  },
  {
    name: 'redis-kill-always',
    says: 'Redis is killed; its file was flushed at each write',
    needsRedis: true,
    redis: 'aof-always',
    recovery: 'Redis back',
    play: outage(killAndStart),
  },
  {
    name: 'redis-kill-no-persistence',
    says: 'Redis is killed and comes back with nothing',
    needsRedis: true,
    recovery: 'empty Redis',
    play: outage(killAndStart),
  },
  {
    name: 'redis-frozen',
    says: 'Redis stands still, its connections open',
    needsRedis: true,
    recovery: 'Redis back',
    play: outage(async ({ redis }) => {
      redis.freeze();
      await sleep(AWAY_MS);
      redis.thaw();
    }),
  },
  {
    name: 'redis-full',
    says: 'Redis has no memory left and refuses writes',
    needsRedis: true,
    recovery: 'Redis back',
    play: outage(async (world) => {
      await world.redis.call('CONFIG', 'SET', 'maxmemory', '1mb');
      await sleep(AWAY_MS);
      const refusal = await world.redis
        .call('SET', 'tintype:test', 'x')
        .catch((error: Error) => error.message);
      await world.redis.call('CONFIG', 'SET', 'maxmemory', '0');
      world.precondition(/OOM/.test(String(refusal)), 'Redis refuses writes');
    }),
  },
  {
    name: 'redis-cut',
    says: 'the network to Redis is cut',
    needsRedis: true,
    recovery: 'Redis back',
    play: outage(async ({ redis }) => {
      redis.proxy.cut();
      await sleep(AWAY_MS);
      redis.proxy.pass();
    }),
  },
  {
    name: 'redis-blackhole',
    says: 'the network to Redis swallows everything',
    needsRedis: true,
    recovery: 'Redis back',
    play: outage(async ({ redis }) => {
      redis.proxy.blackhole();
      await sleep(AWAY_MS);
      redis.proxy.pass();
    }),
  },
  {
    name: 'redis-evicts',
    says: 'at boot Redis would throw jobs away when full: no process starts until it does not',
    needsRedis: true,
    notNaive: true,
    play: async (world) => {
      await world.redis.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      await Promise.all([...world.apis, ...world.workers].map((one) => one.stop()));
      for (const main of [world.system.apiMain, world.system.workerMain]) await expectRefusal(world, main);
      await world.redis.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      for (const one of [...world.apis, ...world.workers]) one.start();
      await Promise.all([...world.apis, ...world.workers].map((one) => one.ready()));
      world.load.start({ perSecond: 60 });
      await goOn(world);
    },
  },
];

/** The process must end by itself, and say why in a sentence. */
async function expectRefusal(world: World, main: string): Promise<void> {
  const lines: string[] = [];
  const one = supervise({
    name: 'refused',
    main,
    env: { ...world.env, PORT: '0' },
    logFile: `${world.logFolder}/refused.log`,
    onText: (text) => lines.push(text),
  });
  await one.ready(4000).catch(() => undefined);
  const [crash = 'it started'] = one.crashes();
  await one.stop();
  world.precondition(/ended by itself: 1$/.test(crash), crash);
  world.expect(
    /maxmemory-policy is allkeys-lru: it must be noeviction/.test(lines.join('')),
    `the refusal is no sentence: ${lines.join('').slice(0, 300)}`,
  );
}
