// The queues of nudges: "a job waits", "a delivery waits". Only ids travel here, and all of it may be lost at any time without
// losing anything.
import { openQueue } from './open-queue.ts';
import { openReceiver, type Receiver } from './open-receiver.ts';

/** A hint that one job, or one delivery, waits. The generation tells a new hint from one that the queue may still hold. */
export interface Nudge {
  id: string;
  generation: number;
}

export const QUEUES = ['process-image', 'deliver-webhook', 'make-derivative'] as const;
export type QueueName = (typeof QUEUES)[number];

export interface NudgeSender {
  /** Adds hints; one that the queue still holds is not doubled. May reject, and may have worked all the same. */
  send(nudges: Nudge[]): Promise<void>;
  /** Those of which the queue knows nothing any more. */
  forgotten(nudges: Nudge[]): Promise<Nudge[]>;
  /** Hints that wait for a worker. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export type NudgeReceiver = Receiver;

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
  name: QueueName,
  onError: (error: Error) => void,
): Promise<NudgeSender> {
  const { whenUp, close } = await openQueue<Nudge>(queueUrl, name, onError);
  return {
    send: async (nudges) => {
      const queue = await whenUp();
      const [first] = nudges;
      if (first !== undefined && nudges.length === 1) await queue.add(name, first, { jobId: nameOf(first) });
      else
        await queue.addBulk(nudges.map((nudge) => ({ name, data: nudge, opts: { jobId: nameOf(nudge) } })));
    },
    forgotten: async (nudges) => {
      const queue = await whenUp();
      // Entries are never kept: one that is there is live. Asking for its state would search the whole waiting list.
      const entries = await Promise.all(nudges.map((nudge) => queue.getJob(nameOf(nudge))));
      return nudges.filter((_, index) => entries[index] === undefined);
    },
    waiting: async () => (await whenUp()).getWaitingCount(),
    close,
  };
}

/** Opens the queue for taking and begins at once. @throws ConfigError for a Redis that evicts. */
export async function openNudgeReceiver(
  queueUrl: string,
  name: QueueName,
  { handle, ...options }: ReceiverOptions,
): Promise<NudgeReceiver> {
  return openReceiver<Nudge>(queueUrl, name, { ...options, handle: ({ data }) => handle(data) });
}
