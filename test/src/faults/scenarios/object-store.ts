// An object store that is away, slow, or answers with errors.
import { setTimeout as sleep } from 'node:timers/promises';
import { answersDuring, describe } from '../expectations.ts';
import type { Scenario } from '../scenario.ts';
import { underBacklog } from '../story.ts';
import { STORE_DELAY_MS, type World } from '../world.ts';

const AWAY_MS = 5000;
const SLOW_MS = 700;
const ERROR = [
  'HTTP/1.1 500 Internal Server Error',
  'content-type: application/xml',
  'content-length: 41',
  'connection: close',
  '',
  '<Error><Code>InternalError</Code></Error>',
].join('\r\n');

/** Nothing can be stored: clients are told to come again. */
function outage(fault: (world: World) => void): Scenario['play'] {
  return async (world) => {
    await underBacklog(world, async () => {
      fault(world);
      await sleep(AWAY_MS);
      world.bucket.proxy.delay(STORE_DELAY_MS);
    });
    if (world.system.name === 'naive') return;
    const { endedAt = 0 } = world.fault;
    const refused = answersDuring(world).filter(({ at, ms, status }) => at + ms < endedAt || status !== 202);
    world.precondition(refused.length >= 10, `${refused.length} POSTs refused during the fault`);
    world.expect(
      refused.every(({ status, retryAfterSeconds }) => status === 503 && Number(retryAfterSeconds) > 0),
      `POSTs are answered 503 with Retry-After: ${describe(refused)}`,
    );
  };
}

export const STORE_SCENARIOS: Scenario[] = [
  {
    name: 'store-down',
    says: 'the network to the object store is cut',
    play: outage(({ bucket }) => bucket.proxy.cut()),
  },
  {
    name: 'store-errors',
    says: 'the object store answers 500',
    play: outage(({ bucket }) => bucket.proxy.answer(ERROR)),
  },
  {
    name: 'store-slow',
    says: 'the object store takes over a second for everything',
    play: (world) =>
      underBacklog(world, async () => {
        world.bucket.proxy.delay(SLOW_MS);
        await sleep(AWAY_MS);
        world.bucket.proxy.delay(STORE_DELAY_MS);
        const slow = world.load.answers().filter(({ ms }) => ms > SLOW_MS);
        world.precondition(slow.length > 0, `${slow.length} POSTs were slow`);
      }),
  },
];
