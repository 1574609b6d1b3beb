// Jobs as their tenant sees them: read, canceled, run again.
import { type Image, type Job, Prisma, type PrismaClient } from './generated/client.ts';
import { firstIdAt } from './id.ts';
import type { Nudge } from './reconcile.ts';
import { FINISHED_CHANNEL } from './work.ts';

export const JOB_STATUSES = ['queued', 'processing', 'completed', 'failed', 'canceled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export type JobRow = Omit<Job, 'status' | 'nudgedAt' | 'leaseUntil'> & { status: JobStatus };
export type ImageSummaryRow = Omit<Image, 'metadata'>;

export interface JobQuery {
  status?: JobStatus | undefined;
  errorCode?: string | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** The id of the last job already seen. */
  after?: string | undefined;
  limit: number;
}

/** What ended jobs are to be run again. */
export interface RetryFilter {
  status?: 'failed' | 'canceled' | undefined;
  errorCode?: string | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
}

export interface Jobs {
  /** Ends a job that has not ended, with its event. `finished`: too late. */
  cancel(tenantId: string, id: string): Promise<'canceled' | 'finished' | undefined>;
  /** Queues a failed or canceled job anew. `unfit`: it is neither, or its image was rejected and is gone. */
  retry(tenantId: string, id: string): Promise<Nudge | 'unfit' | undefined>;
  /** The same for the oldest `limit` that match. */
  retryMany(tenantId: string, filter: RetryFilter, limit: number): Promise<Nudge[]>;
  /** One job with its image, metadata included. */
  get(tenantId: string, id: string): Promise<(JobRow & { image: Image }) | undefined>;
  /** Newest first, with images but without their metadata. */
  list(tenantId: string, query: JobQuery): Promise<(JobRow & { image: ImageSummaryRow })[]>;
  /** How many queued jobs became due before this one, counted no further than `most`. */
  position(tenantId: string, id: string, most?: number): Promise<number>;
  /** True for one that is not there, too. */
  isFinished(tenantId: string, id: string): Promise<boolean>;
  /** Jobs by state, for operators; finished ones are not counted. */
  depth(): Promise<{ queued: number; processing: number; oldestQueuedAgeMs: number }>;
}

// `-infinity`, which nudged_at may hold, is no JavaScript date: it is never read.
const omit = { nudgedAt: true, leaseUntil: true } as const;

/** Prisma asks for images in a statement of its own, and before it one may be deleted, with its jobs. */
function isGone(job: { image: object | null } | null): boolean {
  return !job?.image;
}

export function createJobs(prisma: PrismaClient): Jobs {
  return {
    cancel: async (tenantId, id) => {
      const [job] = await prisma.$queryRaw<{ wasFinished: boolean }[]>`
        WITH found AS (
          SELECT id, finished_at IS NOT NULL AS "wasFinished" FROM jobs WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid FOR UPDATE
        ), canceled AS (
          UPDATE jobs j SET status = 'canceled', finished_at = clock_timestamp(), lease_until = NULL
          FROM found f WHERE j.id = f.id AND NOT f."wasFinished"
          RETURNING j.id, j.tenant_id, j.image_id, tintype_job_data(j) AS data
        ), event AS (
          INSERT INTO events (tenant_id, type, job_id, image_id, data)
          SELECT tenant_id, 'job.canceled', id, image_id, jsonb_build_object('job', data) FROM canceled
        ), announced AS (
          SELECT pg_notify(${FINISHED_CHANNEL}, id::text) FROM canceled
        )
        SELECT f."wasFinished" FROM found f LEFT JOIN announced ON true`;
      if (job === undefined) return undefined;
      return job.wasFinished ? 'finished' : 'canceled';
    },

    retry: async (tenantId, id) => {
      const [nudge] = await retryEnded(prisma, { tenantId, which: Prisma.sql`id = ${id}::uuid` }, 1);
      if (nudge !== undefined) return nudge;
      const job = await prisma.job.findFirst({ where: { id, tenantId }, select: { id: true } });
      return job === null ? undefined : 'unfit';
    },

    retryMany: (tenantId, filter, limit) =>
      retryEnded(prisma, { ...filter, tenantId, which: madeWithin(filter) }, limit),

    get: async (tenantId, id) => {
      const job = await prisma.job.findFirst({ where: { id, tenantId }, omit, include: { image: true } });
      return isGone(job) ? undefined : (job as JobRow & { image: Image });
    },

    list: async (tenantId, { status, errorCode, createdAfter, createdBefore, after, limit }) => {
      const id: Prisma.UuidFilter<'Job'> = {};
      if (createdAfter !== undefined) id.gte = firstIdAt(createdAfter);
      const before = [after?.toLowerCase(), createdBefore && firstIdAt(createdBefore)].filter(
        (bound) => bound !== undefined,
      );
      if (before.length > 0) id.lt = before.sort()[0] as string;
      const where = { tenantId, id, ...(status && { status }), ...(errorCode && { errorCode }) };
      for (;;) {
        const jobs = await prisma.job.findMany({
          where,
          omit,
          include: { image: { omit: { metadata: true } } },
          orderBy: { id: 'desc' },
          take: limit,
        });
        // A page with gaps would look like the last one.
        if (!jobs.some(isGone)) return jobs as (JobRow & { image: ImageSummaryRow })[];
      }
    },

    position: async (tenantId, id, most = 1000) => {
      const [row] = await prisma.$queryRaw<{ ahead: number }[]>`
        SELECT count(*)::int AS ahead
        FROM (
          SELECT FROM jobs j, (SELECT run_after, id FROM jobs WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid) AS mine
          WHERE j.status = 'queued' AND (j.run_after, j.id) < (mine.run_after, mine.id) LIMIT ${most}
        ) AS earlier`;
      return row?.ahead ?? 0;
    },

    isFinished: async (tenantId, id) => {
      const [row] = await prisma.$queryRaw<{ finished: boolean }[]>`
        SELECT finished_at IS NOT NULL AS finished FROM jobs WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid`;
      return row?.finished ?? true;
    },

    depth: async () => {
      const [row] = await prisma.$queryRaw<
        { queued: number; processing: number; oldestQueuedAgeMs: number }[]
      >`
        SELECT count(*) FILTER (WHERE status = 'queued')::float8 AS queued,
               count(*) FILTER (WHERE status = 'processing')::float8 AS processing,
               coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE status = 'queued')) * 1000, 0)::float8
                 AS "oldestQueuedAgeMs"
        FROM jobs WHERE status IN ('queued', 'processing')`;
      return row ?? { queued: 0, processing: 0, oldestQueuedAgeMs: 0 };
    },
  };
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Bounds in any case: a plan without them would look at all that ever failed. */
function madeWithin({ createdAfter, createdBefore }: RetryFilter): Prisma.Sql {
  const from = createdAfter === undefined ? FIRST_ID : firstIdAt(createdAfter);
  const before = createdBefore === undefined ? LAST_ID : firstIdAt(createdBefore);
  return Prisma.sql`id >= ${from}::uuid AND id < ${before}::uuid`;
}

interface EndedJobs extends Pick<RetryFilter, 'status' | 'errorCode'> {
  tenantId: string;
  which: Prisma.Sql;
}

/** Oldest first; what somebody else is changing at this moment is left out. */
function retryEnded(
  prisma: PrismaClient,
  { tenantId, which, ...filter }: EndedJobs,
  limit: number,
): Promise<Nudge[]> {
  const { status = null, errorCode = null }: { [Key in keyof RetryFilter]: RetryFilter[Key] | null } = filter;
  return prisma.$queryRaw<Nudge[]>`
    WITH ended AS (
      SELECT id FROM jobs
      WHERE tenant_id = ${tenantId}::uuid AND status IN ('failed', 'canceled') AND ${which}
        AND NOT EXISTS (SELECT FROM images m WHERE m.id = image_id AND m.rejected_at IS NOT NULL)
        AND (${status}::text IS NULL OR status = ${status}) AND (${errorCode}::text IS NULL OR error_code = ${errorCode})
      ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), queued AS (
      UPDATE jobs j
      SET status = 'queued', failures = 0, generation = j.generation + 1, finished_at = NULL, run_after = now(), nudged_at = now(),
          error_code = NULL, error_message = NULL, error_retryable = NULL, options = j.options - 'pixelsGivenUp'
      FROM ended e WHERE j.id = e.id
      RETURNING j.id, j.generation, j.tenant_id, j.image_id
    ), event AS (
      INSERT INTO events (tenant_id, type, job_id, image_id) SELECT tenant_id, 'job.queued', id, image_id FROM queued
    )
    SELECT id, generation FROM queued ORDER BY id`;
}
