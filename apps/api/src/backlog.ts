// How many jobs wait, looked up every second in the background: a request that asks costs nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiDatabase } from './guard-database.ts';

export interface Backlog {
  /** Jobs that waited at the last look that succeeded. */
  readonly queued: number;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 1000;

export function watchBacklog(jobs: ApiDatabase['jobs']): Backlog {
  const closed = new AbortController();
  let queued = 0;

  async function watch(): Promise<void> {
    while (!closed.signal.aborted) {
      // While the database is away the last figure stands.
      queued = await jobs.depth().then(
        (depth) => depth.queued,
        () => queued,
      );
      await sleep(LOOK_EVERY_MS, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  const watching = watch();
  return {
    get queued() {
      return queued;
    },
    close: () => {
      closed.abort();
      return watching;
    },
  };
}
