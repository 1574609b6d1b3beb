// A look into the queues for those who run the service (Bull Board), to be read only: what is done to a nudge changes nothing that lasts.
import type { createBullBoard } from '@bull-board/api';
import type { Queue } from 'bullmq';
import { AppError } from './errors.ts';
import { MAINTENANCE_QUEUE } from './maintenance.ts';
import { openQueue, type QueueOpener } from './open-queue.ts';
import { QUEUES } from './queues.ts';

/** Bull Board's adapter for an HTTP server. */
export type BoardServer = Parameters<typeof createBullBoard>[0]['serverAdapter'];

export interface QueueBoard {
  /** To be called before each request: connects at the first. @throws AppError QUEUE_UNAVAILABLE */
  whenUp(): Promise<void>;
  close(): Promise<void>;
}

/** Tells `server` its routes; nothing is connected to before somebody looks. */
export async function openQueueBoard(
  queueUrl: string,
  server: BoardServer,
  onError: (error: Error) => void,
): Promise<QueueBoard> {
  const { createBullBoard } = await import('@bull-board/api');
  const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'Tintype' } },
  });
  const names = [...QUEUES, MAINTENANCE_QUEUE];
  let openers: Promise<QueueOpener<object>[]> | undefined;

  async function open(): Promise<QueueOpener<object>[]> {
    const opened = names.map((name) => openQueue<object>(queueUrl, name, onError));
    return Promise.all(opened);
  }

  return {
    whenUp: async () => {
      try {
        openers ??= open();
        const queues = await Promise.all((await openers).map(({ whenUp }) => whenUp()));
        // Its types know Redis alone; it works with either backend.
        const adapters = queues.map(
          (queue) => new BullMQAdapter(queue as unknown as Queue, { readOnlyMode: true }),
        );
        board.replaceQueues(adapters);
      } catch (cause) {
        throw new AppError('QUEUE_UNAVAILABLE', { cause });
      }
    },
    close: async () => {
      const opened = await openers?.catch(() => []);
      await Promise.all((opened ?? []).map((opener) => opener.close()));
    },
  };
}
