// Finds jobs that the queue forgot and leases that ran out. Many workers may call this at once: rows are taken with SKIP LOCKED.
import type { PrismaClient } from './generated/client.ts';
import { FINISHED_CHANNEL } from './work.ts';

/** Names one entry in the queue; a forgotten job gets a new generation, so that the queue sees a new name. */
export interface Nudge {
  id: string;
  generation: number;
}

export interface Reconcile {
  /**
   * Queues jobs whose worker is gone, or fails them after `maxAttempts`. Answers how many. With `graceMs` a lease counts for that much
   * longer: after an outage of PostgreSQL its holder needs a moment to renew it.
   */
  expireLeases(options: { maxAttempts: number; limit: number; graceMs?: number }): Promise<number>;
  /** Queued jobs nobody was nudged about for `quietMs`; marks them as looked after. */
  takeQuiet(options: { quietMs: number; limit: number }): Promise<Nudge[]>;
  /** Gives forgotten jobs a new generation. */
  renew(ids: string[]): Promise<Nudge[]>;
}

const WORKER_LOST = 'The worker that ran this job disappeared.';

export function createReconcile(prisma: PrismaClient): Reconcile {
  return {
    expireLeases: async ({ maxAttempts, limit, graceMs = 0 }) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH lost AS (
          SELECT id FROM jobs
          WHERE status = 'processing' AND lease_until < now() - ${graceMs}::float8 * interval '1 millisecond'
          LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ), freed AS (
          UPDATE jobs j
          SET status = CASE WHEN j.failures + 1 >= ${maxAttempts} THEN 'failed' ELSE 'queued' END,
              finished_at = CASE WHEN j.failures + 1 >= ${maxAttempts} THEN clock_timestamp() END,
              failures = j.failures + 1, generation = j.generation + 1,
              lease_until = NULL, nudged_at = '-infinity', error_code = 'WORKER_LOST',
              error_message = ${WORKER_LOST}, error_retryable = true,
              past_attempts = tintype_past_attempts(j, 'WORKER_LOST', ${WORKER_LOST})
          FROM lost WHERE j.id = lost.id
          RETURNING j.id, j.tenant_id, j.image_id, j.status, tintype_job_data(j) AS data
        ), event AS (
          INSERT INTO events (tenant_id, type, job_id, image_id, data)
          SELECT tenant_id, 'job.failed', id, image_id, jsonb_build_object('job', data) FROM freed WHERE status = 'failed'
        ), announced AS (
          SELECT count(pg_notify(${FINISHED_CHANNEL}, id::text)) FROM freed WHERE status = 'failed'
        )
        SELECT f.id FROM freed f CROSS JOIN announced`;
      return rows.length;
    },

    takeQuiet: ({ quietMs, limit }) => prisma.$queryRaw<Nudge[]>`
        WITH quiet AS (
          SELECT id FROM jobs
          WHERE status = 'queued' AND nudged_at < now() - ${quietMs}::float8 * interval '1 millisecond' AND run_after <= now()
          ORDER BY nudged_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
        )
        UPDATE jobs j SET nudged_at = now() FROM quiet WHERE j.id = quiet.id
        RETURNING j.id, j.generation`,

    renew: (ids) => prisma.$queryRaw<Nudge[]>`
        UPDATE jobs SET generation = generation + 1 WHERE id = ANY(${ids}::uuid[]) AND status = 'queued'
        RETURNING id, generation`,
  };
}
