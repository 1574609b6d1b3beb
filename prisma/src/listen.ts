// Hears which jobs finished, over one LISTEN connection that is rebuilt when it breaks. A hint, not a promise: the row is the truth.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { FINISHED_CHANNEL } from './work.ts';

export interface FinishedJobs {
  /** Resolves true when the job is announced as finished, or false when `signal` aborts or `timeoutMs` has passed. */
  wait(id: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<boolean>;
  /** Nobody listens any more. */
  readonly closed: boolean;
  close(): Promise<void>;
}

const RECONNECT_AFTER_MS = 500;

export function listenForFinishedJobs(url: string, onError: (error: Error) => void): FinishedJobs {
  const waiters = new Map<string, Set<(finished: boolean) => void>>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  function announce(ids: string[]): void {
    for (const id of ids) for (const resolve of waiters.get(id) ?? []) resolve(true);
  }

  function reconnectLater(error?: Error): void {
    if (error !== undefined) onError(error);
    void client?.end().catch(() => undefined);
    client = undefined;
    // Announcements may have been missed: let every waiter look at its row.
    announce([...waiters.keys()]);
    if (!closed) retry = setTimeout(open, RECONNECT_AFTER_MS);
  }

  function open(): void {
    const next = new pg.Client({
      connectionString: url,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 3000,
      application_name: 'tintype-listen',
    });
    let broken = false;
    const breakOnce = (error?: Error) => {
      if (broken) return;
      broken = true;
      reconnectLater(error);
    };
    client = next;
    next.on('error', breakOnce);
    next.on('end', () => breakOnce());
    next.on('notification', ({ payload }) => announce(payload?.split(',') ?? []));
    next
      .connect()
      .then(() => next.query(`LISTEN ${FINISHED_CHANNEL}`))
      .catch(breakOnce);
  }

  open();

  return {
    wait: (id, { timeoutMs, signal }) =>
      new Promise((resolve) => {
        const settle = (finished: boolean) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          const own = waiters.get(id);
          own?.delete(settle);
          if (own?.size === 0) waiters.delete(id);
          resolve(finished);
        };
        const abort = () => settle(false);
        const timer = setTimeout(abort, timeoutMs);
        signal?.addEventListener('abort', abort, { once: true });
        if (closed || signal?.aborted) return abort();
        waiters.set(id, (waiters.get(id) ?? new Set()).add(settle));
      }),
    get closed() {
      return closed;
    },
    close: async () => {
      closed = true;
      clearTimeout(retry);
      for (const own of [...waiters.values()]) for (const resolve of [...own]) resolve(false);
      const last = client;
      client = undefined;
      // A dead socket never ends by itself.
      await Promise.race([last?.end().catch(() => undefined), sleep(1000, undefined, { ref: false })]);
    },
  };
}
