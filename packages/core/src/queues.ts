// The queue of nudges: "a job waits". Only ids travel here, and all of it may be lost at any time without losing a job.
import { type DefaultJobOptions, type IQueueBackend, Queue, Worker } from 'bullmq';
import { connectQueue, parseQueueUrl, refuseEvictingRedis } from './queue-connection.ts';

/** A hint that one job waits. The generation tells a new hint from one that the queue may still hold. */
export interface Nudge {
  id: string;
  generation: number;
}

const QUEUE = 'process-image';

/** Retries are the database's business: an entry is tried once and never kept. */
const JOB_OPTIONS: DefaultJobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Measured: the defaults take a minute to notice a dead worker and drop its job at the second crash. */
const WORKER_OPTIONS = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 20, drainDelay: 5 };

const LIVE_STATES = new Set(['waiting', 'active', 'delayed', 'prioritized', 'waiting-children']);

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
  /** Takes no more hints and waits for the handlers that run. */
  close(): Promise<void>;
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
  await refuseEvictingRedis(address);
  const { connection, backend, disconnect } = connectQueue(address, 'sender', onError);
  const settings = {
    connection,
    prefix: address.prefix,
    defaultJobOptions: JOB_OPTIONS,
    skipWaitingForReady: true,
  };
  const queue = new Queue<Nudge, void, string, Nudge, void, string, IQueueBackend, unknown>(
    QUEUE,
    settings,
    backend,
  );
  queue.on('error', onError);

  return {
    send: async (nudges) => {
      const [first] = nudges;
      if (first !== undefined && nudges.length === 1) await queue.add(QUEUE, first, { jobId: nameOf(first) });
      else
        await queue.addBulk(
          nudges.map((nudge) => ({ name: QUEUE, data: nudge, opts: { jobId: nameOf(nudge) } })),
        );
    },
    forgotten: async (nudges) => {
      const states = await Promise.all(nudges.map((nudge) => queue.getJobState(nameOf(nudge))));
      return nudges.filter((_, index) => !LIVE_STATES.has(states[index] ?? ''));
    },
    waiting: () => queue.getWaitingCount(),
    close: async () => {
      await queue.close().catch(onError);
      disconnect();
    },
  };
}

/** Opens the queue for taking and begins at once. @throws ConfigError for a Redis that evicts. */
export async function openNudgeReceiver(queueUrl: string, options: ReceiverOptions): Promise<NudgeReceiver> {
  const { concurrency, handle, onError } = options;
  const address = parseQueueUrl(queueUrl);
  await refuseEvictingRedis(address);
  const { connection, backend, disconnect } = connectQueue(address, 'receiver', onError);
  const settings = { ...WORKER_OPTIONS, connection, prefix: address.prefix, concurrency };
  const worker = new Worker<Nudge, void, string, IQueueBackend, number, unknown>(
    QUEUE,
    ({ data }) => handle(data),
    settings,
    backend,
  );
  worker.on('error', onError);

  return {
    close: async () => {
      await worker.close().catch(onError);
      disconnect();
    },
  };
}
