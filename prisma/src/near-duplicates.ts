// Ends jobs whose images must not quietly be what is there already: looks for the nearest image, and marks or rejects. One job of a tenant at a
// time; what "near" means is find-similar.ts'.
import { type Batch, createBatch } from './batch.ts';
import { type CompletedJob, completeJobs } from './complete-jobs.ts';
import { isDataError } from './errors.ts';
import { findNearest } from './find-similar.ts';
import { FINISHED_CHANNEL } from './finished-channel.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';

export interface DuplicateWishes {
  tenantId: string;
  imageId: string;
  onDuplicate: 'flag' | 'reject';
  /** Bits of the perceptual hash in which another image may differ and still be nearly the same. */
  maxDistance: number;
  /** Tells the owner of a rejected image which one is there already. */
  messageFor: (otherId: string) => string;
}

export interface RejectedJob {
  id: string;
  attempt: number;
  fetchMs: number;
  inspectMs: number;
  /** The image that it nearly is. */
  duplicateOf: string;
  errorMessage: string;
}

/** False: the lease was lost and nothing was written. */
export type CompletedOrDuplicate =
  | { outcome: 'completed' | 'rejected'; duplicateOf: string | undefined }
  | false;

type Client = Pick<Prisma.TransactionClient, '$queryRaw'>;

/** One job a transaction, so that its locks are taken in everybody's order; two at once, so that connections are left for the others. */
export function createUnlessDuplicate(prisma: PrismaClient): {
  add(job: CompletedJob, wishes: DuplicateWishes): Promise<CompletedOrDuplicate>;
  idle(): Promise<void>;
} {
  const turns: Batch<{ job: CompletedJob; wishes: DuplicateWishes }, CompletedOrDuplicate> = createBatch({
    isItemError: isDataError,
    maxItems: 1,
    flush: (items) =>
      Promise.all(items.map(({ job, wishes }) => prisma.$transaction((tx) => end(tx, job, wishes)))),
  });
  return { add: (job, wishes) => turns.add({ job, wishes }), idle: turns.idle };
}

async function end(
  tx: Prisma.TransactionClient,
  job: CompletedJob,
  wishes: DuplicateWishes,
): Promise<CompletedOrDuplicate> {
  const { tenantId, imageId, onDuplicate, maxDistance } = wishes;
  // The statements after it see what whoever had the lock before has committed.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('tintype.duplicates.' || ${tenantId}::uuid, 0))`;
  const { phash } = job;
  const query = { phash: phash ?? '', exceptId: imageId, maxDistance };
  const duplicateOf = phash === null ? undefined : await findNearest(tx, tenantId, query);
  if (duplicateOf === undefined || onDuplicate === 'flag') {
    const [completed = false] = await completeJobs(tx, [{ ...job, duplicateOf }]);
    return completed && { outcome: 'completed', duplicateOf };
  }
  const { id, attempt, fetchMs, inspectMs } = job;
  const errorMessage = wishes.messageFor(duplicateOf);
  const rejected = await rejectInside(tx, { id, attempt, fetchMs, inspectMs, duplicateOf, errorMessage });
  return rejected && { outcome: 'rejected', duplicateOf };
}

/** The row of the image stays, for its job. Its object goes to the sweep, as an upload long abandoned; what was made of it, by a trigger, too. */
export function rejectJob(prisma: PrismaClient, job: RejectedJob): Promise<boolean> {
  return prisma.$transaction((tx) => rejectInside(tx, job));
}

async function rejectInside(client: Client, job: RejectedJob): Promise<boolean> {
  // A statement of its own, and a lock that keeps out who wants a derivative: the next one sees all that there are, and no more come.
  await client.$queryRaw`
    WITH mine AS (
      SELECT image_id FROM jobs
      WHERE id = ${job.id}::uuid AND attempt = ${job.attempt} AND lease_until IS NOT NULL FOR NO KEY UPDATE
    )
    SELECT m.id FROM mine JOIN images m ON m.id = mine.image_id FOR UPDATE OF m`;
  const rows = await client.$queryRaw<{ id: string }[]>`
    WITH done AS (
      UPDATE jobs j
      SET status = 'failed', finished_at = clock_timestamp(), lease_until = NULL, fetch_ms = ${job.fetchMs}::real,
          inspect_ms = ${job.inspectMs}::real, error_code = 'DUPLICATE_IMAGE', error_message = ${job.errorMessage},
          error_retryable = false, failures = j.failures + 1,
          past_attempts = tintype_past_attempts(j, 'DUPLICATE_IMAGE', ${job.errorMessage})
      WHERE j.id = ${job.id}::uuid AND j.attempt = ${job.attempt} AND j.lease_until IS NOT NULL
      RETURNING j.id, j.tenant_id, j.image_id, tintype_job_data(j) AS data
    ), image AS (
      UPDATE images m
      SET duplicate_of = ${job.duplicateOf}::uuid, rejected_at = clock_timestamp(), bytes = NULL, path = NULL
      FROM done d WHERE m.id = d.image_id AND m.bytes IS NOT NULL
      RETURNING m.id, m.tenant_id, m.object_key
    ), derived AS (
      SELECT d.id FROM derivatives d JOIN image i ON i.id = d.image_id ORDER BY d.id FOR UPDATE OF d
    ), made AS (
      DELETE FROM derivatives d USING derived WHERE d.id = derived.id
    ), object AS (
      INSERT INTO uploads (id, tenant_id, object_key, created_at)
      SELECT tintype_new_id(), tenant_id, object_key, 'epoch' FROM image
    ), content AS (
      DELETE FROM contents c USING image i WHERE c.image_id = i.id
    ), event AS (
      INSERT INTO events (tenant_id, type, job_id, image_id, data)
      SELECT tenant_id, 'job.failed', id, image_id, jsonb_build_object('job', data) FROM done
    ), announced AS (
      SELECT pg_notify(${FINISHED_CHANNEL}, id::text) FROM done
    )
    SELECT d.id FROM done d LEFT JOIN announced ON true`;
  return rows.length > 0;
}
