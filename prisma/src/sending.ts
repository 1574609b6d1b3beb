// The worker's writes on a delivery: claim, succeed, fail, release; and what its queue forgot. Fenced by `attempt`, on PostgreSQL's clock.
import { createBatch } from './batch.ts';
import { ENDPOINT_DISABLED, ENDPOINT_REMOVED, endDeliveries } from './end-deliveries.ts';
import { isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';
import type { Nudge } from './reconcile.ts';
import { takeClaimed } from './take-claimed.ts';
import { makeWebhookSecret } from './webhook-secret.ts';

export interface ClaimedDelivery {
  id: string;
  attempt: number;
  /** Tries that failed before: the place in the schedule. */
  failures: number;
  tenantId: string;
  endpointId: string | null;
  url: string;
  eventId: string;
  eventType: string;
  payload: unknown;
  traceparent: string | null;
  /** When it was claimed, by PostgreSQL's clock. */
  claimedAt: Date;
  /** The present one first, then the one before it while it still signs. Made at the first use where a tenant has none. */
  secrets: string[];
}

export interface DeliveryTry {
  id: string;
  attempt: number;
  durationMs: number;
  /** Null: there was no answer. */
  status: number | null;
  error: string | null;
  /** The beginning of the answer. What PostgreSQL can't keep in a text, NUL and half characters, becomes U+FFFD. */
  answer: string | null;
}

export interface Sending {
  /**
   * Takes a delivery that is due, for `leaseMs`, with the endpoint's address and secrets of this moment. Undefined: somebody else has it,
   * it is not due, it has ended, or it ends by this: its endpoint was disabled (dead) or removed, or its tenant is gone (canceled).
   */
  claim(id: string, lease: { leaseMs: number }): Promise<ClaimedDelivery | undefined>;
  /** Also: the endpoint fails no more. False: the lease was lost. */
  succeed(done: DeliveryTry): Promise<boolean>;
  /**
   * Writes the try down and waits `retryAfterMs`, or is dead for null. An endpoint that has only failed for `disableAfterMs`, or that is
   * `gone`, is disabled, and what waits for it is dead. `written` is false when the lease was lost; `disabled` is true for the one call
   * that did it.
   */
  fail(
    failed: DeliveryTry & { retryAfterMs: number | null; gone: boolean; disableAfterMs: number },
  ): Promise<{ written: boolean; disabled: boolean }>;
  /** Gives unfinished deliveries back: at once, or to be tried no sooner than in `pauseMs`. No failure is counted. */
  release(deliveries: { id: string; attempt: number }[], pauseMs?: number): Promise<void>;
  /** Prolongs leases; answers the ids that are still ours. */
  heartbeat(deliveries: { id: string; attempt: number }[], leaseMs: number): Promise<Set<string>>;
  /** Deliveries whose worker is gone wait again. Answers how many. */
  expireLeases(options: { limit: number }): Promise<number>;
  /**
   * Due deliveries nobody was nudged about for `quietMs`, those of this moment among them; marks them as looked after. `fresh` ones have a
   * generation that no nudge was sent with: the queue need not be asked about them.
   */
  takeQuiet(options: { quietMs: number; limit: number }): Promise<(Nudge & { fresh: boolean })[]>;
  /** Gives forgotten deliveries a new generation. */
  renew(ids: string[]): Promise<Nudge[]>;
  /** Resolves when no batched write is under way. */
  idle(): Promise<void>;
}

interface ClaimRow extends Omit<ClaimedDelivery, 'secrets'> {
  sent: boolean;
  secret: string | null;
  previousSecret: string | null;
}

/** Under load a statement is worth waiting for company: it costs as much for one delivery as for ten. */
const GATHER_MS = 5;

// As in work.ts: a delivery that is being sent has a lease, one that has ended a finished_at, and asking for these keeps the planner on
// the primary key. Locks are taken on deliveries first, in the order of their ids, then on endpoints.

export function createSending(prisma: PrismaClient): Sending {
  const claims = createBatch<{ id: string; leaseMs: number }, ClaimRow | undefined>({
    isItemError: isDataError,
    minIntervalMs: GATHER_MS,
    flush: async (items) => {
      const rows = await prisma.$queryRaw<ClaimRow[]>`
        WITH claimable AS (
          SELECT d.id, r."leaseMs"
          FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS r(id uuid, "leaseMs" float8)
          JOIN webhook_deliveries d ON d.id = r.id
          WHERE d.finished_at IS NULL AND d.run_after <= now() AND d.lease_until IS NULL
          FOR UPDATE OF d SKIP LOCKED
        ), judged AS (
          SELECT c.id, now() + c."leaseMs" * interval '1 millisecond' AS until, coalesce(w.url, d.url) AS url,
            CASE WHEN w.enabled OR d.endpoint_id IS NULL AND t.id IS NOT NULL THEN 'sending'
              WHEN w.id IS NOT NULL THEN 'dead' ELSE 'canceled' END AS status,
            coalesce(w.secret, t.webhook_secret) AS secret,
            CASE WHEN w.id IS NULL AND t.previous_webhook_secret_until > now() THEN t.previous_webhook_secret
              WHEN w.previous_secret_until > now() THEN w.previous_secret END AS previous
          FROM claimable c
          JOIN webhook_deliveries d ON d.id = c.id
          LEFT JOIN webhook_endpoints w ON w.id = d.endpoint_id
          LEFT JOIN tenants t ON t.id = d.tenant_id AND d.endpoint_id IS NULL AND t.deleted_at IS NULL
        )
        UPDATE webhook_deliveries d
        SET status = j.status, url = j.url, attempt = d.attempt + (j.status = 'sending')::int,
            lease_until = CASE WHEN j.status = 'sending' THEN j.until END,
            finished_at = CASE WHEN j.status <> 'sending' THEN clock_timestamp() END,
            last_error = CASE j.status WHEN 'dead' THEN ${ENDPOINT_DISABLED} WHEN 'canceled' THEN ${ENDPOINT_REMOVED}
              ELSE d.last_error END
        FROM judged j WHERE d.id = j.id
        RETURNING d.id, d.attempt, d.failures, d.tenant_id AS "tenantId", d.endpoint_id AS "endpointId", d.url,
          d.event_id AS "eventId", d.event_type AS "eventType", d.payload, d.traceparent,
          clock_timestamp() AS "claimedAt", d.status = 'sending' AS sent, j.secret, j.previous AS "previousSecret"`;
      const claimed = new Map(rows.filter(({ sent }) => sent).map((row) => [row.id, row]));
      return items.map(({ id }) => takeClaimed(claimed, id));
    },
  });

  const successes = createBatch<DeliveryTry, boolean>({
    isItemError: isDataError,
    minIntervalMs: GATHER_MS,
    flush: async (tries) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH input AS (
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(tries)}::jsonb)
            AS r(id uuid, attempt int, "durationMs" real, status int, error text, answer text)
        ), mine AS (
          SELECT d.id, d.attempt FROM webhook_deliveries d JOIN input i ON i.id = d.id AND i.attempt = d.attempt
          WHERE d.lease_until IS NOT NULL ORDER BY d.id FOR NO KEY UPDATE OF d
        ), done AS (
          UPDATE webhook_deliveries d
          SET status = 'delivered', finished_at = clock_timestamp(), lease_until = NULL, last_status = i.status, last_error = NULL
          FROM mine JOIN input i ON i.id = mine.id AND i.attempt = mine.attempt
          WHERE d.id = mine.id
          RETURNING d.id, d.attempt, d.endpoint_id, i."durationMs", i.status AS answered, i.error, i.answer
        ), tried AS (
          INSERT INTO webhook_attempts (delivery_id, attempt, at, duration_ms, status, error, answer)
          SELECT id, attempt, clock_timestamp(), "durationMs", answered, error, answer FROM done
        ), failing AS (
          SELECT w.id FROM webhook_endpoints w
          WHERE w.id IN (SELECT endpoint_id FROM done) AND w.failing_since IS NOT NULL ORDER BY w.id FOR NO KEY UPDATE OF w
        ), well AS (
          UPDATE webhook_endpoints w SET failing_since = NULL FROM failing f WHERE w.id = f.id
        )
        SELECT id FROM done`;
      const done = new Set(rows.map((row) => row.id));
      return tries.map(({ id }) => {
        const written = done.has(id);
        done.delete(id);
        return written;
      });
    },
  });

  /** Whoever comes second gets the secret of whoever came first. */
  async function makeTenantSecret(tenantId: string): Promise<string> {
    const [row] = await prisma.$queryRaw<{ secret: string }[]>`
      UPDATE tenants SET webhook_secret = coalesce(webhook_secret, ${makeWebhookSecret()})
      WHERE id = ${tenantId}::uuid RETURNING webhook_secret AS secret`;
    if (row === undefined) throw new Error('The tenant disappeared under a delivery.');
    return row.secret;
  }

  return {
    claim: async (id, lease) => {
      const row = await claims.add({ id, ...lease });
      if (row === undefined) return undefined;
      const { sent: _, secret, previousSecret, ...delivery } = row;
      const present = secret ?? (await makeTenantSecret(delivery.tenantId));
      return { ...delivery, secrets: previousSecret === null ? [present] : [present, previousSecret] };
    },

    succeed: (done) => successes.add(storable(done)),

    fail: async ({ retryAfterMs, gone, disableAfterMs, ...failed }) => {
      const { id, attempt, durationMs, status, error, answer } = storable(failed);
      const [row] = await prisma.$queryRaw<{ endpointId: string | null; disabled: boolean }[]>`
        WITH input AS (SELECT ${retryAfterMs}::float8 * interval '1 millisecond' AS pause),
        done AS (
          UPDATE webhook_deliveries d
          SET status = CASE WHEN i.pause IS NULL THEN 'dead' ELSE 'pending' END,
              finished_at = CASE WHEN i.pause IS NULL THEN clock_timestamp() END,
              run_after = coalesce(now() + i.pause, d.run_after), nudged_at = '-infinity', generation = d.generation + 1,
              lease_until = NULL, failures = d.failures + 1, last_status = ${status}::int, last_error = ${error}::text
          FROM input i
          WHERE d.id = ${id}::uuid AND d.attempt = ${attempt} AND d.lease_until IS NOT NULL
          RETURNING d.id, d.attempt, d.endpoint_id
        ), tried AS (
          INSERT INTO webhook_attempts (delivery_id, attempt, at, duration_ms, status, error, answer)
          SELECT id, attempt, clock_timestamp(), ${durationMs}::real, ${status}::int, ${error}::text, ${answer}::text FROM done
        ), judged AS (
          SELECT ${gone}::boolean AS gone, now() - ${disableAfterMs}::float8 * interval '1 millisecond' AS since
        ), hurt AS (
          UPDATE webhook_endpoints w
          SET failing_since = coalesce(w.failing_since, now()),
              enabled = NOT (j.gone OR coalesce(w.failing_since < j.since, false)),
              disabled_reason = CASE WHEN j.gone THEN 'gone' WHEN w.failing_since < j.since THEN 'failing' END,
              disabled_at = CASE WHEN j.gone OR w.failing_since < j.since THEN clock_timestamp() END
          FROM done, judged j
          WHERE w.id = done.endpoint_id AND w.enabled AND (j.gone OR w.failing_since IS NULL OR w.failing_since < j.since)
          RETURNING NOT w.enabled AS disabled
        )
        SELECT done.endpoint_id AS "endpointId", coalesce(hurt.disabled, false) AS disabled FROM done LEFT JOIN hurt ON true`;
      if (row === undefined) return { written: false, disabled: false };
      if (row.disabled && row.endpointId !== null) await endDeliveries(prisma, row.endpointId, 'dead');
      return { written: true, disabled: row.disabled };
    },

    release: async (deliveries, pauseMs = 0) => {
      await prisma.$executeRaw`
        WITH mine AS (
          SELECT d.id
          FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) AS r(id uuid, attempt int)
          JOIN webhook_deliveries d ON d.id = r.id AND d.attempt = r.attempt
          WHERE d.lease_until IS NOT NULL ORDER BY d.id FOR NO KEY UPDATE OF d
        )
        UPDATE webhook_deliveries d
        SET status = 'pending', lease_until = NULL, nudged_at = '-infinity', generation = d.generation + 1,
            run_after = greatest(d.run_after, now() + ${pauseMs}::float8 * interval '1 millisecond')
        FROM mine WHERE d.id = mine.id`;
    },

    heartbeat: async (deliveries, leaseMs) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH mine AS (
          SELECT d.id
          FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) AS r(id uuid, attempt int)
          JOIN webhook_deliveries d ON d.id = r.id AND d.attempt = r.attempt
          WHERE d.lease_until IS NOT NULL ORDER BY d.id FOR NO KEY UPDATE OF d
        )
        UPDATE webhook_deliveries d SET lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
        FROM mine WHERE d.id = mine.id
        RETURNING d.id`;
      return new Set(rows.map((row) => row.id));
    },

    // A worker's death says nothing about the endpoint: the place in the schedule stays.
    expireLeases: ({ limit }) => prisma.$executeRaw`
      WITH lost AS (
        SELECT id FROM webhook_deliveries
        WHERE status = 'sending' AND lease_until < now() ORDER BY lease_until LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )
      UPDATE webhook_deliveries d
      SET status = 'pending', lease_until = NULL, nudged_at = '-infinity', generation = d.generation + 1,
          last_status = NULL, last_error = 'The worker that sent this disappeared.'
      FROM lost WHERE d.id = lost.id`,

    takeQuiet: ({ quietMs, limit }) => prisma.$queryRaw<(Nudge & { fresh: boolean })[]>`
      WITH quiet AS (
        SELECT id, nudged_at = '-infinity' AS fresh FROM webhook_deliveries
        WHERE status = 'pending' AND run_after <= now() AND nudged_at < now() - ${quietMs}::float8 * interval '1 millisecond'
        ORDER BY run_after LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )
      UPDATE webhook_deliveries d SET nudged_at = now() FROM quiet WHERE d.id = quiet.id
      RETURNING d.id, d.generation, quiet.fresh`,

    renew: (ids) => prisma.$queryRaw<Nudge[]>`
      WITH waiting AS (
        SELECT id FROM webhook_deliveries
        WHERE id = ANY(${ids}::uuid[]) AND finished_at IS NULL AND lease_until IS NULL ORDER BY id FOR NO KEY UPDATE
      )
      UPDATE webhook_deliveries d SET generation = d.generation + 1 FROM waiting WHERE d.id = waiting.id
      RETURNING d.id, d.generation`,

    idle: async () => {
      await Promise.all([claims.idle(), successes.idle()]);
    },
  };
}

/** A foreign server's answer may hold what PostgreSQL refuses, and a try that can't be written down is repeated for ever. */
function storable<Try extends DeliveryTry>(one: Try): Try {
  return { ...one, error: cleaned(one.error), answer: cleaned(one.answer) };
}

function cleaned(text: string | null): string | null {
  return text === null ? null : text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}
