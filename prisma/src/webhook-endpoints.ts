// The addresses that want to hear of a tenant's events, and the secrets that sign what they are sent.
import { endDeliveries } from './end-deliveries.ts';
import { Prisma, type PrismaClient } from './generated/client.ts';
import { newId } from './id.ts';

/** As its tenant sees it: never with a secret. */
export interface WebhookEndpointRow {
  id: string;
  tenantId: string;
  url: string;
  description: string | null;
  /** Types of events; empty: all. */
  events: string[];
  enabled: boolean;
  /** `failing`, `gone` (410) or `owner`. */
  disabledReason: string | null;
  disabledAt: Date | null;
  /** The first failure since the last success. */
  failingSince: Date | null;
  /** Until when the secret before the present one signs too. */
  previousSecretUntil: Date | null;
  createdAt: Date;
}

export interface NewWebhookEndpoint {
  url: string;
  description: string | null;
  events: string[];
  secret: string;
  most: number;
}

export interface WebhookEndpoints {
  /** Undefined: the tenant has `most` already. */
  create(tenantId: string, endpoint: NewWebhookEndpoint): Promise<WebhookEndpointRow | undefined>;
  list(tenantId: string): Promise<WebhookEndpointRow[]>;
  get(tenantId: string, id: string): Promise<WebhookEndpointRow | undefined>;
  /**
   * `enabled: true` forgets its failures; `false` disables it with the reason `owner`, unless it is disabled already, and what waits for
   * it is dead. A new url counts for deliveries that wait.
   */
  update(
    tenantId: string,
    id: string,
    change: { url?: string; description?: string | null; events?: string[]; enabled?: boolean },
  ): Promise<WebhookEndpointRow | undefined>;
  /** Deliveries that wait or are being sent are canceled. */
  remove(tenantId: string, id: string): Promise<boolean>;
  /** The old secret signs beside the new one for `overlapMs`. Only one old secret is kept: a second rotation ends the first one's overlap. */
  rotateSecret(
    tenantId: string,
    id: string,
    next: { secret: string; overlapMs: number },
  ): Promise<WebhookEndpointRow | undefined>;
  /** The same for the secret of the tenant, which signs for jobs with an address of their own. Answers until when the old one signs. */
  rotateTenantSecret(
    tenantId: string,
    next: { secret: string; overlapMs: number },
  ): Promise<{ previousSecretUntil: Date | null }>;
}

const COLUMNS = Prisma.sql`id, tenant_id AS "tenantId", url, description, events, enabled, disabled_reason AS "disabledReason",
  disabled_at AS "disabledAt", failing_since AS "failingSince", previous_secret_until AS "previousSecretUntil",
  created_at AS "createdAt"`;

export function createWebhookEndpoints(prisma: PrismaClient): WebhookEndpoints {
  return {
    create: (tenantId, { most, ...endpoint }) =>
      prisma.$transaction(
        async (tx) => {
          // Two who create at the same time must not both be the last one allowed.
          await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('tintype.webhook_endpoints ' || ${tenantId}::uuid, 0))`;
          const count = await tx.webhookEndpoint.count({ where: { tenantId } });
          if (count >= most) return undefined;
          return tx.webhookEndpoint.create({
            data: { ...endpoint, id: newId(), tenantId },
            omit: { secret: true, previousSecret: true },
          });
        },
        { maxWait: 5000 },
      ),

    list: (tenantId) => prisma.$queryRaw<WebhookEndpointRow[]>`
      SELECT ${COLUMNS} FROM webhook_endpoints WHERE tenant_id = ${tenantId}::uuid ORDER BY id`,

    get: async (tenantId, id) => {
      const [row] = await prisma.$queryRaw<WebhookEndpointRow[]>`
        SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid`;
      return row;
    },

    update: async (tenantId, id, { url = null, description, events = null, enabled = null }) => {
      const [row] = await prisma.$queryRaw<WebhookEndpointRow[]>`
        UPDATE webhook_endpoints w
        SET url = coalesce(${url}::text, w.url), events = coalesce(${events}::text[], w.events),
            description = CASE WHEN ${description !== undefined}::boolean THEN ${description ?? null}::text ELSE w.description END,
            enabled = coalesce(i.wanted, w.enabled),
            failing_since = CASE WHEN i.wanted THEN NULL ELSE w.failing_since END,
            disabled_at = CASE WHEN i.wanted THEN NULL WHEN NOT i.wanted AND w.enabled THEN clock_timestamp() ELSE w.disabled_at END,
            disabled_reason = CASE WHEN i.wanted THEN NULL WHEN NOT i.wanted AND w.enabled THEN 'owner' ELSE w.disabled_reason END
        FROM (SELECT ${enabled}::boolean AS wanted) i
        WHERE w.id = ${id}::uuid AND w.tenant_id = ${tenantId}::uuid
        RETURNING ${COLUMNS}`;
      if (row !== undefined && enabled === false) await endDeliveries(prisma, id, 'dead');
      return row;
    },

    remove: async (tenantId, id) => {
      const removed = await prisma.webhookEndpoint.deleteMany({ where: { id, tenantId } });
      if (removed.count === 0) return false;
      await endDeliveries(prisma, id, 'canceled');
      return true;
    },

    rotateSecret: async (tenantId, id, { secret, overlapMs }) => {
      const [row] = await prisma.$queryRaw<WebhookEndpointRow[]>`
        UPDATE webhook_endpoints
        SET previous_secret = secret, previous_secret_until = now() + ${overlapMs}::float8 * interval '1 millisecond', secret = ${secret}
        WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid
        RETURNING ${COLUMNS}`;
      return row;
    },

    rotateTenantSecret: async (tenantId, { secret, overlapMs }) => {
      const [row] = await prisma.$queryRaw<{ previousSecretUntil: Date | null }[]>`
        UPDATE tenants
        SET previous_webhook_secret = webhook_secret, webhook_secret = ${secret},
            previous_webhook_secret_until =
              CASE WHEN webhook_secret IS NOT NULL THEN now() + ${overlapMs}::float8 * interval '1 millisecond' END
        WHERE id = ${tenantId}::uuid
        RETURNING previous_webhook_secret_until AS "previousSecretUntil"`;
      if (row === undefined) throw new Error('There is no such tenant.');
      return row;
    },
  };
}
