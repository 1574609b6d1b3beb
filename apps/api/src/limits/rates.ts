// Counts how often something is done, exactly over all processes. Knows where the counters are kept, not what is counted.
import { type Logger, openRedisWindows } from '@tintype/core';
import type { Database, RateAnswer, RateWindow } from '@tintype/prisma';
import type { ApiConfig } from '../config.ts';
import { keepDays } from './kept-days.ts';

export interface Rates {
  /**
   * Counts in all of up to four windows, or in none.
   * @throws Error when no store answers
   */
  take(windows: RateWindow[]): Promise<RateAnswer>;
  close(): Promise<void>;
}

interface Options {
  config: Pick<ApiConfig, 'queueUrl' | 'limitsTimeoutMs'>;
  db: Pick<Database, 'rateWindows'>;
  log: Pick<Logger, 'warn' | 'debug'>;
}

/** Who failed is not asked again for so long. */
const AWAY_MS = 2000;

/** Redis where the queue lives there, and PostgreSQL while it is away; else PostgreSQL. */
export async function openRates({ config, db: { rateWindows }, log }: Options): Promise<Rates> {
  const redis = await openRedisWindows(config.queueUrl, config.limitsTimeoutMs, (err) =>
    log.debug({ err }, 'connection of the limits'),
  );
  if (redis === undefined) return { take: rateWindows.take, close: async () => undefined };
  const days = keepDays(redis, rateWindows);
  const standIn: Take = (windows) => {
    days.doubt();
    return rateWindows.take(windows);
  };
  const take = withStandIn(days.take, standIn, (err) =>
    log.warn({ err }, 'Redis does not count: PostgreSQL does'),
  );
  return { take, close: async () => redis.close() };
}

type Take = Rates['take'];

/** One question finds out whether the first is back, while the others go to the stand-in. */
export function withStandIn(first: Take, standIn: Take, onAway: (error: unknown) => void): Take {
  let isAway = false;
  let tryAt = 0;

  async function ask(windows: RateWindow[]): Promise<RateAnswer> {
    const answer = await first(windows);
    isAway = false;
    return answer;
  }

  function goAway(error: unknown): void {
    if (!isAway) onAway(error);
    isAway = true;
    tryAt = performance.now() + AWAY_MS;
  }

  return async (windows) => {
    if (isAway) {
      if (performance.now() < tryAt) return standIn(windows);
      tryAt = performance.now() + AWAY_MS;
    }
    try {
      return await ask(windows);
    } catch (error) {
      goAway(error);
      return standIn(windows);
    }
  };
}
