// The clocks that requests are counted by: a window begins and ends by the store's, not by ours.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Accounts } from './accounts.ts';

export interface StoreClock {
  /** Milliseconds since 1970. */
  now(): Promise<number>;
  /** Waits for the beginning of a second; answers which one it is. */
  nextSecond(): Promise<number>;
  /** Waits for midnight (UTC) where it is nearer than that. */
  farFromMidnight(ms: number): Promise<void>;
  close(): void;
}

const DAY_MS = 86_400_000;
/** Timers may be early. */
const MARGIN_MS = 5;

function clockOf(now: () => Promise<number>, close: () => void): StoreClock {
  return {
    now,
    nextSecond: async () => {
      const at = await now();
      const second = Math.floor(at / 1000) + 1;
      await sleep(second * 1000 - at + MARGIN_MS);
      return second;
    },
    farFromMidnight: async (ms) => {
      const left = DAY_MS - ((await now()) % DAY_MS);
      if (left < ms) await sleep(left + MARGIN_MS);
    },
    close,
  };
}

export function clockOfRedis(url: string): StoreClock {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  const now = async () => {
    const [seconds, micros] = (await redis.call('TIME')) as [string, string];
    return Number(seconds) * 1000 + Number(micros) / 1000;
  };
  return clockOf(now, () => redis.disconnect());
}

export function clockOfPostgres({ rows }: Pick<Accounts, 'rows'>): StoreClock {
  const now = async () => {
    const statement = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms';
    const [row] = await rows<{ ms: number }>(statement);
    return row?.ms ?? Number.NaN;
  };
  return clockOf(now, () => undefined);
}
