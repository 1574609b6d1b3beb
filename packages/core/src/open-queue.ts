// One end of a BullMQ queue: for adding, made when its server is there. Knows nothing of what the entries mean.
import { type DefaultJobOptions, type IQueueBackend, Queue } from 'bullmq';
import { connectQueue, parseQueueUrl } from './queue-connection.ts';
import { queueTelemetry } from './telemetry.ts';

export type OpenedQueue<Data> = Queue<Data, void, string, Data, void, string, IQueueBackend, unknown>;

export interface QueueOpener<Data> {
  /** Rejects at once while it is known that the server is away. */
  whenUp(): Promise<OpenedQueue<Data>>;
  close(): Promise<void>;
}

/** Retries are the database's business: an entry is tried once and never kept. */
const JOB_OPTIONS: DefaultJobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** @throws ConfigError for a Redis that evicts. */
export async function openQueue<Data>(
  queueUrl: string,
  name: string,
  onError: (error: Error) => void,
): Promise<QueueOpener<Data>> {
  const address = parseQueueUrl(queueUrl);
  const { connection, backend, isUp, disconnect } = await connectQueue(address, 'sender', onError);
  const settings = {
    connection,
    prefix: address.prefix,
    defaultJobOptions: JOB_OPTIONS,
    skipMetasUpdate: true,
    ...queueTelemetry(name),
  };
  let opened: Promise<OpenedQueue<Data>> | undefined;

  async function open(): Promise<OpenedQueue<Data>> {
    const queue: OpenedQueue<Data> = new Queue(name, settings, backend);
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

  return {
    // BullMQ's queue stays broken when its first connection fails: it is made when the server is there, again if need be.
    whenUp: async () => {
      if (!isUp()) throw new Error('The queue is away.');
      opened ??= open();
      return opened;
    },
    close: async () => {
      await opened?.then((queue) => queue.close()).catch(onError);
      disconnect();
    },
  };
}
