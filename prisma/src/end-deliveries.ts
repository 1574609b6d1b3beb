// Ends what waits for an endpoint that hears no more. What this misses ends at its claim, so it need not be one transaction with the cause.
import type { PrismaClient } from './generated/client.ts';

export const ENDPOINT_DISABLED = 'The endpoint is disabled.';
export const ENDPOINT_REMOVED = 'The endpoint was removed.';

const SLICE = 1000;
/** Beyond these, deliveries end when they become due: no caller waits for a backlog of a million. */
const MOST_SLICES = 20;

/** Of a disabled endpoint what waits is dead; of a removed one what is being sent is canceled too, and the sender's answer with it. */
export async function endDeliveries(
  prisma: PrismaClient,
  endpointId: string,
  status: 'dead' | 'canceled',
): Promise<void> {
  const reason = status === 'dead' ? ENDPOINT_DISABLED : ENDPOINT_REMOVED;
  for (let slice = 0; slice < MOST_SLICES; slice += 1) {
    const ended = await prisma.$executeRaw`
      WITH unfinished AS (
        SELECT id FROM webhook_deliveries
        WHERE endpoint_id = ${endpointId}::uuid AND status IN ('pending', 'sending')
          AND (status = 'pending' OR ${status} = 'canceled')
        ORDER BY id LIMIT ${SLICE} FOR NO KEY UPDATE
      )
      UPDATE webhook_deliveries d
      SET status = ${status}, finished_at = clock_timestamp(), lease_until = NULL, last_error = ${reason}
      FROM unfinished u WHERE d.id = u.id`;
    if (ended < SLICE) return;
  }
}
