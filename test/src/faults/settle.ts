// Waits until everything that can still happen has happened.
import { until } from './story.ts';
import type { World } from './world.ts';

/** Longer than a lease and than any pause before another try: what moves nothing for so long will move no more. */
const STILL_MS = 70_000;
/** The control pauses for nothing. */
const NAIVE_STILL_MS = 25_000;
const AT_MOST_MS = 180_000;

/** True: nothing is under way any more. False: something never ended, and the checker will say what. */
export async function settle(world: World): Promise<boolean> {
  await world.load.stop();
  for (const one of [...world.apis, ...world.workers]) await one.ready();
  const stillMs = world.system.name === 'naive' ? NAIVE_STILL_MS : STILL_MS;
  let left = Number.POSITIVE_INFINITY;
  let movedAt = Date.now();
  await until(
    async () => {
      const now = (await world.waiting()) + (await world.system.unsent(world.postgres));
      if (now !== left) movedAt = Date.now();
      left = now;
      return left === 0 || Date.now() - movedAt > stillMs;
    },
    { atMostMs: AT_MOST_MS, everyMs: 200 },
  );
  return left === 0;
}
