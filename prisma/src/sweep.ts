// Removes what is no longer wanted: uploads that never became images, and rows past their retention.
import type { PrismaClient } from './generated/client.ts';

export interface Sweep {
  /**
   * Takes uploads older than `olderThanMs`, has `remove` delete each object and forgets those for which it
   * succeeded. The rows stay locked meanwhile, so that no accept can slip in between. Answers how many are gone.
   */
  abandonedUploads(options: {
    olderThanMs: number;
    limit: number;
    remove: (objectKey: string) => Promise<void>;
  }): Promise<number>;
  requestLogs(options: { olderThanMs: number }): Promise<number>;
  events(options: { olderThanMs: number }): Promise<number>;
}

export function createSweep(prisma: PrismaClient): Sweep {
  return {
    abandonedUploads: ({ olderThanMs, limit, remove }) =>
      prisma.$transaction(
        async (tx) => {
          const uploads = await tx.$queryRaw<{ id: string; objectKey: string }[]>`
            SELECT id, object_key AS "objectKey" FROM uploads
            WHERE created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
            ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
          const gone: string[] = [];
          for (const { id, objectKey } of uploads) {
            const removed = await remove(objectKey)
              .then(() => true)
              .catch(() => false);
            if (removed) gone.push(id);
          }
          await tx.$executeRaw`DELETE FROM uploads WHERE id = ANY(${gone}::uuid[])`;
          return gone.length;
        },
        { timeout: 60_000 },
      ),

    requestLogs: ({ olderThanMs }) => prisma.$executeRaw`
      DELETE FROM request_logs WHERE at < now() - ${olderThanMs}::float8 * interval '1 millisecond'`,

    events: ({ olderThanMs }) => prisma.$executeRaw`
      DELETE FROM events WHERE created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'`,
  };
}
