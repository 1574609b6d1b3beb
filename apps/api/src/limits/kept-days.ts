// Days that are counted in Redis and never forgotten: a counter that Redis has lost, or that missed what was counted elsewhere during an
// outage, goes on from what PostgreSQL knows of the day.
import type { RedisWindow, RedisWindows } from '@tintype/core';
import type { Database, RateAnswer, RateWindow } from '@tintype/prisma';

export interface KeptDays {
  take(windows: RateWindow[]): Promise<RateAnswer>;
  /** Something is counted elsewhere: every day is looked up once more. */
  doubt(): void;
}

const DAY_SECONDS = 86_400;
/** A counter may be lost between the question and the answer, and a day may end: hardly twice. */
const MOST_TURNS = 5;
const MAX_REMEMBERED = 100_000;
/** So long after it was counted elsewhere, usage knows of it: see usage-recorder.ts. */
const KNOWN_AFTER_MS = 3000;

export function keepDays(redis: RedisWindows, { usedOn }: Database['rateWindows']): KeptDays {
  /** Whose day was looked up since the last doubt; undefined while nothing was ever in doubt. */
  let certain: Set<string> | undefined;
  let doubtedAt = Number.NEGATIVE_INFINITY;

  async function floorOf(subject: string, atSeconds: number) {
    const startSeconds = Math.floor(atSeconds / DAY_SECONDS) * DAY_SECONDS;
    const day = new Date(startSeconds * 1000).toISOString().slice(0, 10);
    return { startSeconds, used: await usedOn(subject, day) };
  }

  /** `atSeconds` is a time of the day in question; undefined where the counter alone is asked. */
  async function ground(window: RateWindow, atSeconds: number | undefined): Promise<RedisWindow> {
    if (!isKept(window)) return window;
    return { ...window, floor: atSeconds === undefined ? null : await floorOf(window.subject, atSeconds) };
  }

  function remember(windows: RateWindow[], doubted: Set<string> | undefined): void {
    if (doubted === undefined || performance.now() - doubtedAt < KNOWN_AFTER_MS) return;
    if (doubted.size > MAX_REMEMBERED) doubted.clear();
    for (const { subject } of windows) doubted.add(subject);
  }

  async function take(windows: RateWindow[]): Promise<RateAnswer> {
    const doubted = certain;
    const isDoubtful =
      doubted !== undefined && windows.some((one) => isKept(one) && !doubted.has(one.subject));
    let atSeconds = isDoubtful ? Date.now() / 1000 : undefined;
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const at = atSeconds;
      const answer = await redis.take(await Promise.all(windows.map((window) => ground(window, at))));
      if (answer.outcome !== 'no-counter') {
        remember(windows, doubted);
        return { isAllowed: answer.outcome === 'taken', windows: answer.windows };
      }
      atSeconds = answer.nowSeconds;
    }
    throw new Error('A counter is lost again and again.');
  }

  return {
    take,
    doubt: () => {
      certain = new Set();
      doubtedAt = performance.now();
    },
  };
}

/** Of these PostgreSQL knows the days. */
function isKept({ subject, seconds }: RateWindow): boolean {
  return seconds === DAY_SECONDS && /^(tenant|key):/.test(subject);
}
