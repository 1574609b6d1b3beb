// The worker's writes on a job: claim, heartbeat, complete, reject, fail, release. All fenced by `attempt`, all on PostgreSQL's clock.
import { createBatch } from './batch.ts';
import { type CompletedJob, completeJobs } from './complete-jobs.ts';
import { isDataError } from './errors.ts';
import { FINISHED_CHANNEL } from './finished-channel.ts';
import type { PrismaClient } from './generated/client.ts';
import {
  type CompletedOrDuplicate,
  createUnlessDuplicate,
  type DuplicateWishes,
  type RejectedJob,
  rejectJob,
} from './near-duplicates.ts';
import { takeClaimed } from './take-claimed.ts';

export type { CompletedJob } from './complete-jobs.ts';
export { FINISHED_CHANNEL } from './finished-channel.ts';
export type { CompletedOrDuplicate, DuplicateWishes, RejectedJob } from './near-duplicates.ts';

/** A job that is ours until its lease runs out. `attempt` is the fencing token of every later write. */
export interface ClaimedJob {
  id: string;
  attempt: number;
  /** Attempts that failed by something that may be the image's fault. */
  failures: number;
  tenantId: string;
  imageId: string;
  requestId: string;
  objectKey: string;
  /** Undefined until the image has been fetched from `sourceUrl`. */
  stored: StoredFile | undefined;
  sourceUrl: string | null;
  fileName: string | null;
  declaredMimeType: string | null;
  traceparent: string | null;
  /** How long it has been due. */
  queuedMs: number;
  /** core's JobOptions: what is missing is as configured. */
  options: {
    profile?: string;
    pixels?: boolean;
    stats?: boolean;
    pixelsGivenUp?: boolean;
    onDuplicate?: string;
    /** Name → transform. */
    derivatives?: Record<string, object>;
  };
}

/** What is known of an original once all its bytes are stored. */
export interface StoredFile {
  bytes: number;
  sha256Hex: string;
  format: string;
}

export interface FetchedFile extends StoredFile {
  id: string;
  attempt: number;
  /** The row of `uploads` that remembered the object while it was stored. */
  uploadId: string;
  fileName: string | null;
  declaredMimeType: string | null;
}

export interface FailedJob {
  id: string;
  attempt: number;
  errorCode: string;
  errorMessage: string;
  errorRetryable: boolean;
  /** An outage, which says nothing about the image, does not count. */
  counts: boolean;
  /** Queue it again after this long; null ends it. */
  retryAfterMs: number | null;
  /** Added to the job's options for its next attempt. */
  options?: object;
}

export interface Work {
  /** Takes a queued job that is due, for `leaseMs`. Undefined: somebody else has it, or it is finished. */
  claim(id: string, lease: { worker: string; leaseMs: number }): Promise<ClaimedJob | undefined>;
  /** Prolongs leases; answers the ids that are still ours. */
  heartbeat(jobs: { id: string; attempt: number }[], leaseMs: number): Promise<Set<string>>;
  /** The image has its bytes: the upload's object becomes its own. False: the lease was lost, or the upload swept. */
  fetched(file: FetchedFile): Promise<boolean>;
  /** In one transaction: facts, state and event. False: the lease was lost and nothing was written. */
  complete(job: CompletedJob): Promise<boolean>;
  /**
   * The same, but for an image that nearly is another one of its tenant, which is marked or rejected. Jobs of one tenant come one by one: of
   * two equal images that end at the same time, one is the other's duplicate.
   */
  completeUnlessDuplicate(job: CompletedJob, wishes: DuplicateWishes): Promise<CompletedOrDuplicate>;
  /** Ends the job as failed with DUPLICATE_IMAGE, and gives the image's bytes up. False: the lease was lost. */
  reject(job: RejectedJob): Promise<boolean>;
  /** Ends the job as failed, or queues it again. False: the lease was lost. */
  fail(job: FailedJob): Promise<boolean>;
  /** Gives unfinished jobs back at once, for others to take. */
  release(jobs: { id: string; attempt: number }[]): Promise<void>;
  idle(): Promise<void>;
}

/** Under load a statement is worth waiting for company: it costs as much for one job as for ten. */
const GATHER_MS = 5;

// A job that is being processed has a lease, one that has ended a finished_at. Asking for these and not for the status keeps the
// planner on the primary key, away from the partial indexes, which are full of dead entries. Statements over many rows lock them in
// the order of their ids first: heartbeat and completion meet on the same rows all the time.

export function createWork(prisma: PrismaClient): Work {
  const claims = createBatch<{ id: string; worker: string; leaseMs: number }, ClaimedJob | undefined>({
    isItemError: isDataError,
    minIntervalMs: GATHER_MS,
    flush: async (items) => {
      const rows = await prisma.$queryRaw<ClaimedRow[]>`
        WITH claimable AS (
          SELECT j.id, r.worker, r."leaseMs"
          FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS r(id uuid, worker text, "leaseMs" float8)
          JOIN jobs j ON j.id = r.id
          WHERE j.finished_at IS NULL AND j.run_after <= now() AND j.lease_until IS NULL
          FOR UPDATE OF j SKIP LOCKED
        )
        UPDATE jobs j
        SET status = 'processing', attempt = j.attempt + 1, started_at = clock_timestamp(), worker = c.worker,
            lease_until = now() + c."leaseMs" * interval '1 millisecond'
        FROM claimable c, images i
        WHERE j.id = c.id AND i.id = j.image_id
        RETURNING j.id, j.attempt, j.failures, j.tenant_id AS "tenantId", j.image_id AS "imageId", j.request_id AS "requestId",
          i.object_key AS "objectKey", i.bytes::float8 AS bytes, encode(i.sha256, 'hex') AS "sha256Hex",
          i.file_name AS "fileName", i.declared_mime_type AS "declaredMimeType", i.format, i.source_url AS "sourceUrl",
          extract(epoch FROM clock_timestamp() - j.run_after)::float8 * 1000 AS "queuedMs", j.traceparent, j.options`;
      const claimed = new Map(rows.map((row) => [row.id, toClaimed(row)]));
      return items.map(({ id }) => takeClaimed(claimed, id));
    },
  });

  const completions = createBatch<CompletedJob, boolean>({
    isItemError: isDataError,
    minIntervalMs: GATHER_MS,
    flush: (jobs) => completeJobs(prisma, jobs),
  });
  const unlessDuplicate = createUnlessDuplicate(prisma);

  return {
    claim: (id, lease) => claims.add({ id, ...lease }),
    complete: completions.add,
    completeUnlessDuplicate: unlessDuplicate.add,
    reject: (job) => rejectJob(prisma, job),

    heartbeat: async (jobs, leaseMs) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH mine AS (
          SELECT j.id
          FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS r(id uuid, attempt int)
          JOIN jobs j ON j.id = r.id AND j.attempt = r.attempt
          WHERE j.lease_until IS NOT NULL ORDER BY j.id FOR NO KEY UPDATE OF j
        )
        UPDATE jobs j SET lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
        FROM mine WHERE j.id = mine.id
        RETURNING j.id`;
      return new Set(rows.map((row) => row.id));
    },

    fetched: async ({ id, attempt, uploadId, bytes, sha256Hex, format, fileName, declaredMimeType }) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH mine AS (
          SELECT j.image_id, j.tenant_id FROM jobs j JOIN images m ON m.id = j.image_id
          WHERE j.id = ${id}::uuid AND j.attempt = ${attempt} AND j.lease_until IS NOT NULL AND m.bytes IS NULL
          FOR NO KEY UPDATE
        ), arrived AS (
          DELETE FROM uploads u USING mine WHERE u.id = ${uploadId}::uuid AND u.tenant_id = mine.tenant_id AND u.swept_at IS NULL
          RETURNING u.object_key, mine.image_id
        )
        UPDATE images m
        SET object_key = a.object_key, bytes = ${bytes}, sha256 = decode(${sha256Hex}, 'hex'), format = ${format},
            file_name = coalesce(${fileName}, m.file_name), declared_mime_type = ${declaredMimeType}
        FROM arrived a WHERE m.id = a.image_id
        RETURNING m.id`;
      return rows.length > 0;
    },

    fail: async (job) => {
      const rows = await prisma.$queryRaw<{ id: string }[]>`
        WITH input AS (SELECT ${job.retryAfterMs}::float8 * interval '1 millisecond' AS pause),
        done AS (
          UPDATE jobs j
          SET status = CASE WHEN i.pause IS NULL THEN 'failed' ELSE 'queued' END,
              finished_at = CASE WHEN i.pause IS NULL THEN clock_timestamp() END,
              run_after = coalesce(now() + i.pause, j.run_after),
              nudged_at = CASE WHEN i.pause IS NULL THEN j.nudged_at ELSE '-infinity' END,
              lease_until = NULL, error_code = ${job.errorCode}, error_message = ${job.errorMessage},
              error_retryable = ${job.errorRetryable}, options = j.options || ${JSON.stringify(job.options ?? {})}::jsonb,
              failures = j.failures + ${job.counts ? 1 : 0},
              past_attempts = tintype_past_attempts(j, ${job.errorCode}, ${job.errorMessage})
          FROM input i
          WHERE j.id = ${job.id}::uuid AND j.attempt = ${job.attempt} AND j.lease_until IS NOT NULL
          RETURNING j.id, j.tenant_id, j.image_id, j.status, tintype_job_data(j) AS data
        ), event AS (
          INSERT INTO events (tenant_id, type, job_id, image_id, data)
          SELECT tenant_id, 'job.failed', id, image_id, jsonb_build_object('job', data) FROM done WHERE status = 'failed'
        ), announced AS (
          SELECT pg_notify(${FINISHED_CHANNEL}, id::text) FROM done WHERE status = 'failed'
        )
        SELECT d.id FROM done d LEFT JOIN announced ON true`;
      return rows.length > 0;
    },

    release: async (jobs) => {
      await prisma.$executeRaw`
        WITH mine AS (
          SELECT j.id
          FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS r(id uuid, attempt int)
          JOIN jobs j ON j.id = r.id AND j.attempt = r.attempt
          WHERE j.lease_until IS NOT NULL ORDER BY j.id FOR NO KEY UPDATE OF j
        )
        UPDATE jobs j
        SET status = 'queued', lease_until = NULL, nudged_at = '-infinity', generation = j.generation + 1,
            past_attempts = tintype_past_attempts(j, NULL, 'given back')
        FROM mine WHERE j.id = mine.id`;
    },

    idle: async () => {
      await Promise.all([claims.idle(), completions.idle(), unlessDuplicate.idle()]);
    },
  };
}

type ClaimedRow = Omit<ClaimedJob, 'stored'> & { [Key in keyof StoredFile]: StoredFile[Key] | null };

function toClaimed({ bytes, sha256Hex, format, ...job }: ClaimedRow): ClaimedJob {
  const isStored = bytes !== null && sha256Hex !== null && format !== null;
  return { ...job, stored: isStored ? { bytes, sha256Hex, format } : undefined };
}
