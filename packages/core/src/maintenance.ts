// What is done by the clock, once for all workers: BullMQ Job Schedulers on a queue of their own. While the queue is away nothing
// is done; an emptied one gets its schedulers back within a minute.
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from './open-queue.ts';
import { openReceiver } from './open-receiver.ts';

export interface MaintenanceTask {
  name: string;
  /** The pause between two beginnings; 0: never. */
  everyMs: number;
  /** An error ends this run alone. */
  run: () => Promise<unknown>;
}

export interface Maintenance {
  /** Begins nothing more and waits for what runs, at most for `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export interface MaintenanceOptions {
  onError: (error: Error) => void;
  /** How often to write the schedulers again, for a queue that has lost them. */
  renewEveryMs?: number;
}

export const MAINTENANCE_QUEUE = 'maintenance';
const RENEW_EVERY_MS = 60_000;
const TRY_AGAIN_MS = 1000;

/** A new task runs at once, then every `everyMs`; of all workers one runs it. @throws ConfigError for a Redis that evicts. */
export async function openMaintenance(
  queueUrl: string,
  tasks: readonly MaintenanceTask[],
  { onError, renewEveryMs = RENEW_EVERY_MS }: MaintenanceOptions,
): Promise<Maintenance> {
  const schedulers = await openQueue<object>(queueUrl, MAINTENANCE_QUEUE, onError);
  /** A run that takes longer than the pause is not joined by the next. */
  const running = new Set<string>();
  const receiver = await openReceiver<object>(queueUrl, MAINTENANCE_QUEUE, {
    // One that takes hours holds no other up.
    concurrency: 2,
    handle: async ({ name }) => {
      const task = tasks.find((task) => task.name === name);
      // A name that is not known here is a task of a newer or an older worker.
      if (task === undefined || running.has(name)) return;
      running.add(name);
      await task.run().catch(onError);
      running.delete(name);
    },
    onError,
  });

  async function renew(): Promise<void> {
    const queue = await schedulers.whenUp();
    for (const { name, everyMs } of tasks) {
      if (everyMs > 0) await queue.upsertJobScheduler(name, { every: everyMs }, { name });
      else await queue.removeJobScheduler(name);
    }
  }

  const closed = new AbortController();
  async function keepRenewing(): Promise<void> {
    while (!closed.signal.aborted) {
      const pauseMs = await renew().then(
        () => renewEveryMs,
        (error) => {
          onError(error);
          return TRY_AGAIN_MS;
        },
      );
      await sleep(pauseMs, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }
  const renewing = keepRenewing();

  return {
    close: async (graceMs) => {
      closed.abort();
      await receiver.close(graceMs);
      await renewing;
      await schedulers.close();
    },
  };
}
