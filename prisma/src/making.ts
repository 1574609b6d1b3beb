// The worker's writes on a derivative: claim, finish, fail, release; and what its queue forgot. Fenced by `attempt`, on PostgreSQL's clock.
import { createBatch } from './batch.ts';
import type { MadeDerivative } from './derivatives.ts';
import { isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';
import type { Nudge } from './reconcile.ts';
import { takeClaimed } from './take-claimed.ts';
import { FINISHED_CHANNEL } from './work.ts';

export interface ClaimedDerivative {
  id: string;
  attempt: number;
  failures: number;
  tenantId: string;
  imageId: string | null;
  sourceKey: string;
  digestHex: string;
  transform: object;
  /** Of an image's original, by which a decoder reads it; null for a file that is no image's. */
  source: { bytes: number; sha256Hex: string; format: string } | null;
  requestId: string;
  traceparent: string | null;
  /** How long it has been due. */
  queuedMs: number;
}

export interface Making {
  /** Takes one that waits and is due, for `leaseMs`. Undefined: somebody else has it, or it has ended. */
  claim(id: string, lease: { leaseMs: number }): Promise<ClaimedDerivative | undefined>;
  /** Prolongs leases; answers the ids that are still ours. */
  heartbeat(derivatives: { id: string; attempt: number }[], leaseMs: number): Promise<Set<string>>;
  /**
   * It is ready, and who waits for it is told (FINISHED_CHANNEL). True as well where the same call has done it before. False: the lease was
   * lost, or the image is gone: the object belongs to nobody.
   */
  finish(done: { id: string; attempt: number } & MadeDerivative): Promise<boolean>;
  /** Fails for good (retryAfterMs null), and who waits is told, or waits again. False: the lease was lost. */
  fail(failed: FailedDerivative): Promise<boolean>;
  /** Gives back what is not finished, for others to take. */
  release(derivatives: { id: string; attempt: number }[]): Promise<void>;
  /** Those whose worker is gone wait again, or fail after `maxAttempts`. Answers how many. */
  expireLeases(options: { maxAttempts: number; limit: number; graceMs?: number }): Promise<number>;
  /** Due ones nobody was nudged about for `quietMs`; marks them as looked after. */
  takeQuiet(options: { quietMs: number; limit: number }): Promise<Nudge[]>;
  /** Gives forgotten ones a new generation. */
  renew(ids: string[]): Promise<Nudge[]>;
  /**
   * Removes rows of derivatives that are not kept and were not asked for since `unusedMs`, at most `limit`; their objects are left to the
   * sweep, as uploads long abandoned. Answers how many.
   */
  forgetUnused(options: { unusedMs: number; limit: number }): Promise<number>;
  idle(): Promise<void>;
}

export interface FailedDerivative {
  id: string;
  attempt: number;
  errorCode: string;
  errorMessage: string;
  counts: boolean;
  retryAfterMs: number | null;
}

type Finished = Parameters<Making['finish']>[0];

/** Under load a statement is worth waiting for company; an API request waits as well. */
const GATHER_MS = 2;
const WORKER_LOST = 'The worker that made this disappeared.';

// As in work.ts: one that is being made has a lease, and asking for it keeps the planner on the primary key. Locks are taken on derivatives in
// the order of their ids, then on what their tenants use, in the order of these.

export function createMaking(prisma: PrismaClient): Making {
  const claims = createBatch<{ id: string; leaseMs: number }, ClaimedDerivative | undefined>({
    isItemError: isDataError,
    minIntervalMs: GATHER_MS,
    flush: async (items) => {
      const rows = await prisma.$queryRaw<ClaimedRow[]>`
        WITH claimable AS (
          SELECT d.id, r."leaseMs"
          FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS r(id uuid, "leaseMs" float8)
          JOIN derivatives d ON d.id = r.id
          WHERE d.finished_at IS NULL AND d.run_after <= now() AND d.lease_until IS NULL
          FOR UPDATE OF d SKIP LOCKED
        ), made AS (
          UPDATE derivatives d
          SET status = 'making', attempt = d.attempt + 1, lease_until = now() + c."leaseMs" * interval '1 millisecond'
          FROM claimable c WHERE d.id = c.id
          RETURNING d.*
        )
        SELECT d.id, d.attempt, d.failures, d.tenant_id AS "tenantId", d.image_id AS "imageId", d.source_key AS "sourceKey",
          encode(d.digest, 'hex') AS "digestHex", d.transform, d.request_id AS "requestId", d.traceparent,
          extract(epoch FROM clock_timestamp() - d.run_after)::float8 * 1000 AS "queuedMs",
          m.bytes::float8 AS bytes, encode(m.sha256, 'hex') AS "sha256Hex", m.format
        FROM made d LEFT JOIN images m ON m.id = d.image_id`;
      const claimed = new Map(rows.map((row) => [row.id, toClaimed(row)]));
      return items.map(({ id }) => takeClaimed(claimed, id));
    },
  });

  const finishes = createBatch<Finished, boolean>({
    isItemError: isDataError,
    minIntervalMs: GATHER_MS,
    flush: async (items) => {
      const rows = await prisma.$queryRaw<{ id: string; attempt: number }[]>`
        WITH input AS (
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS r(
            id uuid, attempt int, "objectKey" text, format text, width int, height int, bytes bigint, "sha256Hex" text)
        ), mine AS (
          SELECT d.id, d.attempt, d.tenant_id FROM derivatives d JOIN input i ON i.id = d.id AND i.attempt = d.attempt
          WHERE d.lease_until IS NOT NULL ORDER BY d.id FOR NO KEY UPDATE OF d
        ), room AS (
          INSERT INTO tenant_usage (tenant_id) SELECT DISTINCT tenant_id FROM mine ORDER BY tenant_id
          -- Writes nothing, and locks all the same, before the trigger does in another order.
          ON CONFLICT (tenant_id) DO UPDATE SET images = 0 WHERE false
        ), done AS (
          UPDATE derivatives d
          SET status = 'ready', finished_at = clock_timestamp(), lease_until = NULL, object_key = i."objectKey", format = i.format,
              width = i.width, height = i.height, bytes = i.bytes, sha256 = decode(i."sha256Hex", 'hex'), error_code = NULL,
              error_message = NULL
          FROM mine JOIN input i ON i.id = mine.id AND i.attempt = mine.attempt
          WHERE d.id = mine.id
          RETURNING d.id, d.attempt
        ), announced AS (
          SELECT pg_notify(${FINISHED_CHANNEL}, string_agg(id::text, ',')) FROM done HAVING count(*) > 0
        )
        SELECT d.id, d.attempt FROM done d LEFT JOIN announced ON true
        UNION ALL
        SELECT d.id, d.attempt FROM input i JOIN derivatives d ON d.id = i.id AND d.attempt = i.attempt
        WHERE d.status = 'ready' AND d.object_key = i."objectKey"`;
      const done = new Set(rows.map(nameOf));
      return items.map((item) => done.has(nameOf(item)));
    },
  });

  return {
    claim: (id, { leaseMs }) => claims.add({ id, leaseMs }),
    finish: ({ id, attempt, objectKey, format, width, height, bytes, sha256Hex }) =>
      finishes.add({ id, attempt, objectKey, format, width, height, bytes, sha256Hex }),

    heartbeat: async (derivatives, leaseMs) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH mine AS (
          SELECT d.id
          FROM jsonb_to_recordset(${JSON.stringify(derivatives)}::jsonb) AS r(id uuid, attempt int)
          JOIN derivatives d ON d.id = r.id AND d.attempt = r.attempt
          WHERE d.lease_until IS NOT NULL ORDER BY d.id FOR NO KEY UPDATE OF d
        )
        UPDATE derivatives d SET lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
        FROM mine WHERE d.id = mine.id
        RETURNING d.id`;
      return new Set(rows.map(({ id }) => id));
    },

    fail: async ({ id, attempt, errorCode, errorMessage, counts, retryAfterMs }) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH input AS (SELECT ${retryAfterMs}::float8 * interval '1 millisecond' AS pause),
        done AS (
          UPDATE derivatives d
          SET status = CASE WHEN i.pause IS NULL THEN 'failed' ELSE 'waiting' END,
              finished_at = CASE WHEN i.pause IS NULL THEN clock_timestamp() END,
              run_after = coalesce(now() + i.pause, d.run_after),
              nudged_at = CASE WHEN i.pause IS NULL THEN d.nudged_at ELSE '-infinity' END,
              lease_until = NULL, error_code = ${errorCode}, error_message = ${errorMessage}, failures = d.failures + ${counts ? 1 : 0}
          FROM input i
          WHERE d.id = ${id}::uuid AND d.attempt = ${attempt} AND d.lease_until IS NOT NULL
          RETURNING d.id, d.status
        ), announced AS (
          SELECT pg_notify(${FINISHED_CHANNEL}, id::text) FROM done WHERE status = 'failed'
        )
        SELECT d.id FROM done d LEFT JOIN announced ON true`;
      return rows.length > 0;
    },

    release: async (derivatives) => {
      await prisma.$executeRaw`
        WITH mine AS (
          SELECT d.id
          FROM jsonb_to_recordset(${JSON.stringify(derivatives)}::jsonb) AS r(id uuid, attempt int)
          JOIN derivatives d ON d.id = r.id AND d.attempt = r.attempt
          WHERE d.lease_until IS NOT NULL ORDER BY d.id FOR NO KEY UPDATE OF d
        )
        UPDATE derivatives d
        SET status = 'waiting', lease_until = NULL, nudged_at = '-infinity', generation = d.generation + 1
        FROM mine WHERE d.id = mine.id`;
    },

    expireLeases: async ({ maxAttempts, limit, graceMs = 0 }) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH lost AS (
          SELECT id FROM derivatives
          WHERE status = 'making' AND lease_until < now() - ${graceMs}::float8 * interval '1 millisecond'
          ORDER BY lease_until LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ), freed AS (
          UPDATE derivatives d
          SET status = CASE WHEN d.failures + 1 >= ${maxAttempts} THEN 'failed' ELSE 'waiting' END,
              finished_at = CASE WHEN d.failures + 1 >= ${maxAttempts} THEN clock_timestamp() END,
              failures = d.failures + 1, generation = d.generation + 1, lease_until = NULL, nudged_at = '-infinity',
              error_code = 'WORKER_LOST', error_message = ${WORKER_LOST}
          FROM lost WHERE d.id = lost.id
          RETURNING d.id, d.status
        ), announced AS (
          SELECT count(pg_notify(${FINISHED_CHANNEL}, id::text)) FROM freed WHERE status = 'failed'
        )
        SELECT f.id FROM freed f CROSS JOIN announced`;
      return rows.length;
    },

    takeQuiet: ({ quietMs, limit }) => prisma.$queryRaw<Nudge[]>`
      WITH quiet AS (
        SELECT id FROM derivatives
        WHERE status = 'waiting' AND run_after <= now() AND nudged_at < now() - ${quietMs}::float8 * interval '1 millisecond'
        ORDER BY run_after LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )
      UPDATE derivatives d SET nudged_at = now() FROM quiet WHERE d.id = quiet.id
      RETURNING d.id, d.generation`,

    renew: (ids) => prisma.$queryRaw<Nudge[]>`
      WITH waiting AS (
        SELECT id FROM derivatives
        WHERE id = ANY(${ids}::uuid[]) AND finished_at IS NULL AND lease_until IS NULL ORDER BY id FOR NO KEY UPDATE
      )
      UPDATE derivatives d SET generation = d.generation + 1 FROM waiting WHERE d.id = waiting.id
      RETURNING d.id, d.generation`,

    // A trigger leaves the objects to the sweep.
    forgetUnused: ({ unusedMs, limit }) => prisma.$executeRaw`
      DELETE FROM derivatives WHERE id = ANY (ARRAY(
        SELECT id FROM derivatives
        WHERE NOT is_kept AND status IN ('ready', 'failed') AND used_at < now() - ${unusedMs}::float8 * interval '1 millisecond'
        ORDER BY used_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    idle: async () => {
      await Promise.all([claims.idle(), finishes.idle()]);
    },
  };
}

function nameOf({ id, attempt }: { id: string; attempt: number }): string {
  return `${id}-${attempt}`;
}

type Source = NonNullable<ClaimedDerivative['source']>;
type ClaimedRow = Omit<ClaimedDerivative, 'source'> & { [Key in keyof Source]: Source[Key] | null };

function toClaimed({ bytes, sha256Hex, format, ...row }: ClaimedRow): ClaimedDerivative {
  const isStored = bytes !== null && sha256Hex !== null && format !== null;
  return { ...row, source: isStored ? { bytes, sha256Hex, format } : null };
}
