// The queue of nudges: "a job waits". Only ids travel here, and all of it may be lost at any time without losing a job.
import { setTimeout as sleep } from 'node:timers/promises';
import { type DefaultJobOptions, type IQueueBackend, Queue, Worker } from 'bullmq';
import { connectQueue, parseQueueUrl } from './queue-connection.ts';

/** A hint that one job waits. The generation tells a new hint from one that the queue may still hold. */
export interface Nudge {
  id: string;
  generation: number;
}

const QUEUE = 'process-image';

type NudgeQueue = Queue<Nudge, void, string, Nudge, void, string, IQueueBackend, unknown>;

/** Retries are the database's business: an entry is tried once and never kept. */
const JOB_OPTIONS: DefaultJobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Measured: the defaults take a minute to notice a dead worker and drop its job at the second crash. */
const WORKER_OPTIONS = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 20, drainDelay: 5 };

const CLOSE_TIMEOUT_MS = 5000;

export interface NudgeSender {
  /** Adds hints; one that the queue still holds is not doubled. May reject, and may have worked all the same. */
  send(nudges: Nudge[]): Promise<void>;
  /** Those of which the queue knows nothing any more. */
  forgotten(nudges: Nudge[]): Promise<Nudge[]>;
  /** Hints that wait for a worker. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export interface NudgeReceiver {
  /** Takes no more hints and waits for the handlers that run, at most for `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export interface ReceiverOptions {
  concurrency: number;
  handle: (nudge: Nudge) => Promise<void>;
  onError: (error: Error) => void;
}

function nameOf({ id, generation }: Nudge): string {
  return `${id}-${generation}`;
}

/** Opens the queue for adding. @throws ConfigError for a Redis that evicts. */
export async function openNudgeSender(
  queueUrl: string,
  onError: (error: Error) => void,
): Promise<NudgeSender> {
  const address = parseQueueUrl(queueUrl);
  const { connection, backend, isUp, disconnect } = await connectQueue(address, 'sender', onError);
  const settings = {
    connection,
    prefix: address.prefix,
    defaultJobOptions: JOB_OPTIONS,
    skipMetasUpdate: true,
  };
  let opened: Promise<NudgeQueue> | undefined;

  async function open(): Promise<NudgeQueue> {
    const queue: NudgeQueue = new Queue(QUEUE, settings, backend);
    queue.on('error', onError);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      opened = undefined;
      await queue.close().catch(() => undefined);
      throw error;
    }
  }

  /** BullMQ's queue stays broken when its first connection fails: it is made when the server is there, again if need be. */
  async function whenUp(): Promise<NudgeQueue> {
    if (!isUp()) throw new Error('The queue is away.');
    opened ??= open();
    return opened;
  }

  return {
    send: async (nudges) => {
      const queue = await whenUp();
      const [first] = nudges;
      if (first !== undefined && nudges.length === 1) await queue.add(QUEUE, first, { jobId: nameOf(first) });
      else
        await queue.addBulk(
          nudges.map((nudge) => ({ name: QUEUE, data: nudge, opts: { jobId: nameOf(nudge) } })),
        );
    },
    forgotten: async (nudges) => {
      const queue = await whenUp();
      // Entries are never kept: one that is there is live. Asking for its state would search the whole waiting list.
      const entries = await Promise.all(nudges.map((nudge) => queue.getJob(nameOf(nudge))));
      return nudges.filter((_, index) => entries[index] === undefined);
    },
    waiting: async () => (await whenUp()).getWaitingCount(),
    close: async () => {
      await opened?.then((queue) => queue.close()).catch(onError);
      disconnect();
    },
  };
}

/** Opens the queue for taking and begins at once. @throws ConfigError for a Redis that evicts. */
export async function openNudgeReceiver(queueUrl: string, options: ReceiverOptions): Promise<NudgeReceiver> {
  const { concurrency, handle, onError } = options;
  const address = parseQueueUrl(queueUrl);
  const { connection, backend, isUp, disconnect } = await connectQueue(address, 'receiver', onError);
  const settings = { ...WORKER_OPTIONS, connection, prefix: address.prefix, concurrency };
  const running = new Set<Promise<void>>();
  const worker = new Worker<Nudge, void, string, IQueueBackend, number, unknown>(
    QUEUE,
    ({ data }) => {
      const handled = handle(data).finally(() => running.delete(handled));
      running.add(handled);
      return handled;
    },
    settings,
    backend,
  );
  worker.on('error', onError);

  return {
    close: async (graceMs = 2 ** 31 - 1) => {
      await worker.pause(true).catch(onError);
      await within(graceMs, Promise.allSettled(running));
      // What still runs is left behind: its entry comes back by itself, and so does its row. BullMQ would wait for ever
      // for a Redis that is away.
      await within(CLOSE_TIMEOUT_MS, worker.close(running.size > 0 || !isUp()).catch(onError));
      disconnect();
    },
  };
}

/** Waits for `done`, at most for so long. */
async function within(timeoutMs: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const timeIsUp = sleep(timeoutMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([done, timeIsUp]);
  over.abort();
}
