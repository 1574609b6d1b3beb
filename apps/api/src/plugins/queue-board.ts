// /admin/queues: Bull Board over the queues, for administrators with a browser. Read only.
import { FastifyAdapter } from '@bull-board/fastify';
import { AppError, openQueueBoard } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import type { ApiConfig } from '../config.ts';

const PREFIX = '/admin/queues';

/** The board's own routes are an administrator's: see access.ts. */
export async function addQueueBoard(
  app: FastifyInstance,
  { queueUrl }: Pick<ApiConfig, 'queueUrl'>,
): Promise<void> {
  const server = new FastifyAdapter();
  server.setBasePath(PREFIX);
  const board = await openQueueBoard(queueUrl, server, (err) => app.log.debug({ err }, 'queue board'));
  // What is thrown here reaches the handler of all other errors; the board's own would tell too much.
  server.setErrorHandler((error) => {
    throw error instanceof AppError ? error : new AppError('QUEUE_UNAVAILABLE', { cause: error });
  });
  app.addHook('onClose', () => board.close());
  await app.register(
    async (scope) => {
      scope.addHook('preHandler', () => board.whenUp());
      await scope.register(server.registerPlugin());
    },
    { prefix: PREFIX },
  );
}
