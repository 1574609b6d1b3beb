// The feed of a tenant's events, for those who can't be called back. Complete and in order: nothing appears behind a cursor.
import type { PrismaClient } from './generated/client.ts';

/** What webhooks and the feed speak of. */
export const EVENT_TYPES = ['job.completed', 'job.failed', 'job.canceled', 'image.deleted'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface EventRow {
  id: string;
  type: EventType;
  createdAt: Date;
  data: unknown;
  /** Its place in the feed: `<xact>-<seq>`. */
  cursor: string;
}

export interface EventQuery {
  after?: { xact: bigint; seq: bigint } | undefined;
  types?: EventType[] | undefined;
  limit: number;
}

export interface Events {
  /**
   * The events behind `after`, oldest first. Numbers are drawn before COMMIT, so a row with a lower `seq` may appear after one with a
   * higher. Ordered by (transaction, seq), and leaving out transactions not older than the oldest one that still runs, none can.
   *
   * The price: an event is seen when every transaction that began to write before its own has ended, whichever database of the server
   * it writes to. One that only reads holds nothing up, one that takes row locks does.
   */
  list(tenantId: string, query: EventQuery): Promise<EventRow[]>;
  /** The cursor behind which everything is that happens from now on; what has happened this moment may be there, too. */
  end(): Promise<string>;
}

export function createEvents(prisma: PrismaClient): Events {
  return {
    list: (tenantId, { after, types = [...EVENT_TYPES], limit }) => prisma.$queryRaw<EventRow[]>`
      SELECT id, type, created_at AS "createdAt", coalesce(data, '{}') AS data, xact || '-' || seq AS cursor
      FROM events
      WHERE tenant_id = ${tenantId}::uuid AND type <> 'job.queued' AND type = ANY(${types}::text[])
        AND (xact, seq) > (${after?.xact ?? -1n}::bigint, ${after?.seq ?? -1n}::bigint)
        AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      ORDER BY xact, seq LIMIT ${limit}`,

    end: async () => {
      const [row] = await prisma.$queryRaw<{ cursor: string }[]>`
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text || '-0' AS cursor`;
      return row?.cursor ?? '0-0';
    },
  };
}
