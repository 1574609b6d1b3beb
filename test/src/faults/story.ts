// How most scenarios go: work piles up, something breaks, work goes on coming, the break ends, everything is caught up with.
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './world.ts';

/** Jobs that wait when the fault comes. */
const BACKLOG = 100;
/** More: what is done while the normal rate is measured comes on top. */
const FILL_TO = 130;
const FILL_PER_SECOND = 400;
const BASELINE_MS = 2000;
/**
 * While something is broken, and after it, comes a part of what the workers can do: the normal rate is then only reached by those who
 * catch up with the rest.
 */
const PART = 0.4;
const LEAST_PER_SECOND = 12;
const MOST_PER_SECOND = 25;
/** Work comes for so long after a fault at least. */
const AFTERMATH_MS = 2000;
const PATIENCE_MS = 30_000;

/** Waits until `holds`; false when it never did. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { atMostMs = PATIENCE_MS, everyMs = 50 } = {},
): Promise<boolean> {
  for (const deadline = Date.now() + atMostMs; Date.now() < deadline; await sleep(everyMs)) {
    if (await holds()) return true;
  }
  return holds();
}

/** Loads until so many jobs wait, then looks how many are done in a second. */
export async function fillBacklog(world: World): Promise<void> {
  const ended = async () => (await world.outcomes()).filter(({ finishedAt }) => finishedAt !== null).length;
  let firstAt = 0;
  async function isFilled(): Promise<boolean> {
    const done = await ended();
    if (done > 0 && firstAt === 0) firstAt = Date.now();
    const elapsedMs = Math.max(Date.now() - firstAt, BASELINE_MS / 2);
    const untilThen = firstAt === 0 ? 0 : (done / elapsedMs) * BASELINE_MS;
    return firstAt > 0 && (await world.waiting()) >= FILL_TO + untilThen;
  }
  world.load.start({ perSecond: FILL_PER_SECOND });
  await until(isFilled, { everyMs: 150 });
  world.load.start({ perSecond: MOST_PER_SECOND });
  const before = await ended();
  await sleep(BASELINE_MS);
  const usual = ((await ended()) - before) / (BASELINE_MS / 1000);
  world.pace = Math.round(Math.min(Math.max(usual * PART, LEAST_PER_SECOND), MOST_PER_SECOND));
  world.load.start({ perSecond: world.pace });
  const waiting = await world.waiting();
  world.precondition(waiting >= BACKLOG, `${waiting} jobs waiting`);
}

/** Lets `fault` happen; it resolves when the fault is over. */
export async function during(world: World, fault: () => Promise<void>): Promise<void> {
  world.fault.beganAt = Date.now();
  await fault();
  world.fault.endedAt = Date.now();
}

/** Work keeps coming until enough of it did; then it ends. */
export async function goOn(world: World, { least = world.least } = {}): Promise<void> {
  const endsAt = Date.now() + AFTERMATH_MS;
  await until(() => Date.now() >= endsAt && world.load.accepted().length >= least);
  await world.load.stop();
}

/** The whole of it. */
export async function underBacklog(world: World, fault: () => Promise<void>): Promise<void> {
  await fillBacklog(world);
  await during(world, fault);
  await goOn(world);
}
