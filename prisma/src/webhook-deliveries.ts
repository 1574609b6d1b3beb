// Reads of deliveries, always within one tenant, and what their owner may do with them.
import { Prisma, type PrismaClient } from './generated/client.ts';
import type { Nudge } from './reconcile.ts';

export const DELIVERY_STATUSES = ['pending', 'sending', 'delivered', 'dead', 'canceled'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface WebhookAttemptRow {
  attempt: number;
  /** When it ended. */
  at: Date;
  durationMs: number;
  status: number | null;
  error: string | null;
  /** The first kilobyte. */
  answer: string | null;
}

export interface WebhookDeliveryRow {
  id: string;
  endpointId: string | null;
  url: string;
  eventId: string;
  eventType: string;
  jobId: string | null;
  payload: unknown;
  status: DeliveryStatus;
  attempt: number;
  /** When it is tried next, for one that waits. */
  runAfter: Date;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface DeliveryQuery {
  status?: DeliveryStatus | undefined;
  endpointId?: string | undefined;
  eventType?: string | undefined;
  jobId?: string | undefined;
  /** The id of the last delivery already seen. */
  after?: string | undefined;
  limit: number;
}

export type NudgedDelivery = WebhookDeliveryRow & { nudge: Nudge };

export interface WebhookDeliveries {
  /** Newest first. */
  list(tenantId: string, query: DeliveryQuery): Promise<WebhookDeliveryRow[]>;
  /** One with its attempts, oldest first. */
  get(
    tenantId: string,
    id: string,
  ): Promise<(WebhookDeliveryRow & { attempts: WebhookAttemptRow[] }) | undefined>;
  /**
   * Sends it once more from the schedule's beginning, whatever became of it; one that is being sent stays as it is. `gone`, `disabled`: its
   * endpoint was removed, or hears nothing at present. Undefined: no such delivery.
   */
  redeliver(tenantId: string, id: string): Promise<NudgedDelivery | 'gone' | 'disabled' | undefined>;
  /** A delivery of a `ping` to this endpoint alone. Undefined: no such endpoint. */
  ping(tenantId: string, endpointId: string): Promise<NudgedDelivery | 'disabled' | undefined>;
  /** Deliveries that wait, and how long the oldest of those that are due has waited; for operators. Dead ones are counted up to 10000. */
  depth(): Promise<{ pending: number; sending: number; dead: number; oldestDueAgeMs: number }>;
}

const MOST_DEAD = 10_000;

// nudged_at may be `-infinity`, which is no JavaScript date, and is never read.
const COLUMNS = Prisma.sql`id, endpoint_id AS "endpointId", url, event_id AS "eventId", event_type AS "eventType", job_id AS "jobId",
  payload, status, attempt, run_after AS "runAfter", last_status AS "lastStatus", last_error AS "lastError",
  created_at AS "createdAt", finished_at AS "finishedAt"`;

export function createWebhookDeliveries(prisma: PrismaClient): WebhookDeliveries {
  async function find(tenantId: string, id: string): Promise<WebhookDeliveryRow | undefined> {
    const [row] = await prisma.$queryRaw<WebhookDeliveryRow[]>`
      SELECT ${COLUMNS} FROM webhook_deliveries WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid`;
    return row;
  }

  return {
    list: (tenantId, { after, limit, ...filter }) => prisma.$queryRaw<WebhookDeliveryRow[]>`
      SELECT ${COLUMNS} FROM webhook_deliveries
      WHERE tenant_id = ${tenantId}::uuid ${conditionsOf(filter)}
        ${after === undefined ? Prisma.empty : Prisma.sql`AND id < ${after}::uuid`}
      ORDER BY id DESC LIMIT ${limit}`,

    get: async (tenantId, id) => {
      const row = await find(tenantId, id);
      if (row === undefined) return undefined;
      const attempts = await prisma.webhookAttempt.findMany({
        where: { deliveryId: id },
        omit: { deliveryId: true },
        orderBy: { attempt: 'asc' },
      });
      return { ...row, attempts };
    },

    redeliver: async (tenantId, id) => {
      const [found] = await prisma.$queryRaw<{ verdict: 'gone' | 'disabled' | 'fit'; generation: number }[]>`
        WITH found AS (
          SELECT d.id, d.generation, d.lease_until,
            CASE WHEN d.endpoint_id IS NULL OR w.enabled THEN 'fit' WHEN w.id IS NULL THEN 'gone' ELSE 'disabled' END AS verdict
          FROM webhook_deliveries d LEFT JOIN webhook_endpoints w ON w.id = d.endpoint_id
          WHERE d.id = ${id}::uuid AND d.tenant_id = ${tenantId}::uuid FOR NO KEY UPDATE OF d
        ), again AS (
          UPDATE webhook_deliveries d
          SET status = 'pending', failures = 0, generation = d.generation + 1, run_after = now(), nudged_at = now(), finished_at = NULL
          FROM found f WHERE d.id = f.id AND f.verdict = 'fit' AND f.lease_until IS NULL
          RETURNING d.generation
        )
        SELECT f.verdict, coalesce(a.generation, f.generation) AS generation FROM found f LEFT JOIN again a ON true`;
      if (found === undefined) return undefined;
      if (found.verdict !== 'fit') return found.verdict;
      const row = await find(tenantId, id);
      return row && { ...row, nudge: { id, generation: found.generation } };
    },

    ping: async (tenantId, endpointId) => {
      const [row] = await prisma.$queryRaw<WebhookDeliveryRow[]>`
        INSERT INTO webhook_deliveries (tenant_id, endpoint_id, url, event_id, event_type, payload, nudged_at)
        SELECT tenant_id, id, url, tintype_new_id(), 'ping', jsonb_build_object(
          'type', 'ping', 'timestamp', tintype_time(now()), 'data', jsonb_build_object('endpointId', id)), now()
        FROM webhook_endpoints WHERE id = ${endpointId}::uuid AND tenant_id = ${tenantId}::uuid AND enabled
        RETURNING ${COLUMNS}`;
      if (row !== undefined) return { ...row, nudge: { id: row.id, generation: 0 } };
      const isThere = await prisma.webhookEndpoint.count({ where: { id: endpointId, tenantId } });
      return isThere > 0 ? 'disabled' : undefined;
    },

    depth: async () => {
      const [row] = await prisma.$queryRaw<Awaited<ReturnType<WebhookDeliveries['depth']>>[]>`
        SELECT (SELECT count(*) FROM webhook_deliveries WHERE status = 'pending')::float8 AS pending,
          (SELECT count(*) FROM webhook_deliveries WHERE status = 'sending')::float8 AS sending,
          (SELECT count(*) FROM (SELECT FROM webhook_deliveries WHERE status = 'dead' LIMIT ${MOST_DEAD}) AS counted)::float8 AS dead,
          coalesce(extract(epoch FROM now() - (SELECT min(run_after) FROM webhook_deliveries
            WHERE status = 'pending' AND run_after <= now())) * 1000, 0)::float8 AS "oldestDueAgeMs"`;
      return row ?? { pending: 0, sending: 0, dead: 0, oldestDueAgeMs: 0 };
    },
  };
}

function conditionsOf(filter: Omit<DeliveryQuery, 'after' | 'limit'>): Prisma.Sql {
  const { status, endpointId, eventType, jobId } = filter;
  const conditions: Prisma.Sql[] = [];
  // Literally: only then may the planner use the partial index over the few dead.
  if (status === 'dead') conditions.push(Prisma.sql`AND status = 'dead'`);
  else if (status !== undefined) conditions.push(Prisma.sql`AND status = ${status}`);
  if (endpointId !== undefined) conditions.push(Prisma.sql`AND endpoint_id = ${endpointId}::uuid`);
  if (eventType !== undefined) conditions.push(Prisma.sql`AND event_type = ${eventType}`);
  if (jobId !== undefined) conditions.push(Prisma.sql`AND job_id = ${jobId}::uuid`);
  return conditions.length === 0 ? Prisma.empty : Prisma.join(conditions, ' ');
}
