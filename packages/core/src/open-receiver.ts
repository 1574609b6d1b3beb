// The other end of a BullMQ queue: takes entries and hands them over. Knows nothing of what they mean.
import { setTimeout as sleep } from 'node:timers/promises';
import { type IQueueBackend, Worker } from 'bullmq';
import { connectQueue, parseQueueUrl } from './queue-connection.ts';
import { queueTelemetry } from './telemetry.ts';

export interface Receiver {
  /** Takes no more entries and waits for the handlers that run, at most for `graceMs`. Does not ask the queue: it may be away. */
  finish(graceMs: number): Promise<void>;
  /** The same, and hangs up. */
  close(graceMs?: number): Promise<void>;
}

export interface EntryHandling<Data> {
  concurrency: number;
  handle: (entry: { name: string; data: Data }) => Promise<void>;
  onError: (error: Error) => void;
}

/** Measured: the defaults take a minute to notice a dead worker and drop its job at the second crash. */
const WORKER_OPTIONS = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 20, drainDelay: 5 };

const CLOSE_TIMEOUT_MS = 2000;
const RESTART_AFTER_MS = 500;

/** Begins at once. @throws ConfigError for a Redis that evicts. */
export async function openReceiver<Data>(
  queueUrl: string,
  queueName: string,
  { concurrency, handle, onError }: EntryHandling<Data>,
): Promise<Receiver> {
  const address = parseQueueUrl(queueUrl);
  const { connection, backend, isUp, disconnect } = await connectQueue(address, 'receiver', onError);
  const settings = {
    ...WORKER_OPTIONS,
    connection,
    prefix: address.prefix,
    concurrency,
    ...queueTelemetry(queueName),
  };
  const running = new Set<Promise<void>>();
  let isClosing = false;
  let worker = start();

  function start(): Worker<Data, void, string> {
    const started = new Worker<Data, void, string, IQueueBackend, number, unknown>(
      queueName,
      ({ name, data }) => {
        const handled = handle({ name, data }).finally(() => running.delete(handled));
        running.add(handled);
        return handled;
      },
      settings,
      backend,
    );
    started.on('error', onError);
    // BullMQ's worker stays deaf when its first connection fails, as on a PostgreSQL that is just starting.
    started.waitUntilReady().catch(() => startAgain(started));
    return started as Worker<Data, void, string>;
  }

  async function startAgain(failed: Pick<Worker, 'close'>): Promise<void> {
    if (isClosing) return;
    void failed.close(true).catch(onError);
    await sleep(RESTART_AFTER_MS, undefined, { ref: false });
    if (!isClosing) worker = start();
  }

  async function finish(graceMs: number): Promise<void> {
    isClosing = true;
    await worker.pause(true).catch(onError);
    await within(graceMs, Promise.allSettled(running));
  }

  return {
    finish,
    close: async (graceMs = 2 ** 31 - 1) => {
      await finish(graceMs);
      // What still runs is left behind: its entry comes back by itself, and so does its row. BullMQ would wait for ever
      // for a Redis that is away.
      const closing = worker.close(running.size > 0 || !isUp()).catch(onError);
      if (!(await within(CLOSE_TIMEOUT_MS, closing))) void worker.disconnect().catch(onError);
      disconnect();
    },
  };
}

/** Waits for `done`, at most for so long; false: it did not come. */
async function within(timeoutMs: number, done: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const timeIsUp = sleep(timeoutMs, false, { signal: over.signal }).catch(() => false);
  const isDone = await Promise.race([done.then(() => true), timeIsUp]);
  over.abort();
  return isDone;
}
