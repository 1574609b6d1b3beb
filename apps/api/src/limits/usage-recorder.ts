// Counts in memory what principals do, and adds it to PostgreSQL once a second. Nobody waits for it. What can't be written now is kept;
// what was written when the answer was lost is counted twice.
import type { Logger } from '@tintype/core';
import { type Database, SESSION_PRINCIPAL, type UsageCount } from '@tintype/prisma';
import type { Principal } from '../principal.ts';

export interface UsageRecorder {
  /** A request that no limit has refused. */
  letIn(principal: Principal): void;
  /** A job that was made, and the bytes of its file: 0 where a worker is to fetch it. */
  accepted(principal: Principal, bytes: number): void;
  /** Writes what is left, if that can be done. */
  close(): Promise<void>;
}

const FLUSH_MS = 1000;
/** A count takes a quarter of a kilobyte. */
const MAX_COUNTS = 50_000;
const ROWS_A_STATEMENT = 1000;

type Amount = Pick<UsageCount, 'requests' | 'bytes' | 'jobs'>;

export function startUsageRecorder(
  { add }: Pick<Database['usage'], 'add'>,
  log: Pick<Logger, 'warn'>,
): UsageRecorder {
  let counts = new Map<string, UsageCount>();
  let flushing: Promise<void> | undefined;
  let isAway = false;
  let lost = 0;

  function count(id: Omit<UsageCount, keyof Amount>, { requests, bytes, jobs }: Amount): void {
    const name = `${id.tenantId} ${id.day} ${id.principal}`;
    const known = counts.get(name);
    if (known !== undefined) {
      known.requests += requests;
      known.bytes += bytes;
      known.jobs += jobs;
    } else if (counts.size < MAX_COUNTS) counts.set(name, { ...id, requests, bytes, jobs });
    else lost += requests;
  }

  async function write(): Promise<void> {
    const rows = [...counts.values()];
    counts = new Map();
    try {
      while (rows.length > 0) {
        await add(rows.slice(0, ROWS_A_STATEMENT));
        rows.splice(0, ROWS_A_STATEMENT);
      }
      isAway = false;
    } catch (err) {
      for (const row of rows) count(row, row);
      if (!isAway) log.warn({ err }, 'usage is not written now');
      isAway = true;
    }
    if (lost > 0) log.warn({ requests: lost }, 'usage of so many requests is lost: too many principals');
    lost = 0;
  }

  async function flush(): Promise<void> {
    if (counts.size === 0) return;
    flushing ??= write().finally(() => {
      flushing = undefined;
    });
    await flushing;
  }

  const timer = setInterval(() => void flush(), FLUSH_MS).unref();

  return {
    letIn: (principal) => count(idOf(principal), { requests: 1, bytes: 0, jobs: 0 }),
    accepted: (principal, bytes) => count(idOf(principal), { requests: 0, bytes, jobs: 1 }),
    close: async () => {
      clearInterval(timer);
      await flushing;
      await flush();
    },
  };
}

function idOf({ kind, id, tenantId }: Principal): Omit<UsageCount, keyof Amount> {
  const day = new Date().toISOString().slice(0, 10);
  return { tenantId, day, principal: kind === 'key' ? id : SESSION_PRINCIPAL };
}
