// Reads of jobs, always within one tenant.
import type { Image, Job, Prisma, PrismaClient } from './generated/client.ts';
import { firstIdAt } from './id.ts';

export const JOB_STATUSES = ['queued', 'processing', 'completed', 'failed', 'canceled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export type JobRow = Omit<Job, 'status' | 'nudgedAt' | 'leaseUntil'> & { status: JobStatus };
export type ImageSummaryRow = Omit<Image, 'metadata'>;

export interface JobQuery {
  tenantId: string;
  status?: JobStatus | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** The id of the last job already seen. */
  after?: string | undefined;
  limit: number;
}

export interface Jobs {
  /** One job with its image, metadata included. */
  get(tenantId: string, id: string): Promise<(JobRow & { image: Image }) | undefined>;
  /** Newest first, with images but without their metadata. */
  list(query: JobQuery): Promise<(JobRow & { image: ImageSummaryRow })[]>;
  /** How many queued jobs are ahead of this one, counted no further than `most`. */
  position(id: string, most?: number): Promise<number>;
  isFinished(id: string): Promise<boolean>;
  /** Jobs by state, for operators; finished ones are not counted. */
  depth(): Promise<{ queued: number; processing: number; oldestQueuedAgeMs: number }>;
}

// `-infinity`, which nudged_at may hold, is no JavaScript date: it is never read.
const omit = { nudgedAt: true, leaseUntil: true } as const;

export function createJobs(prisma: PrismaClient): Jobs {
  return {
    get: async (tenantId, id) => {
      const job = await prisma.job.findFirst({ where: { id, tenantId }, omit, include: { image: true } });
      return job === null ? undefined : (job as JobRow & { image: Image });
    },

    list: async ({ tenantId, status, createdAfter, createdBefore, after, limit }) => {
      const id: Prisma.UuidFilter<'Job'> = {};
      if (createdAfter !== undefined) id.gte = firstIdAt(createdAfter);
      const before = [after?.toLowerCase(), createdBefore && firstIdAt(createdBefore)].filter(
        (bound) => bound !== undefined,
      );
      if (before.length > 0) id.lt = before.sort()[0] as string;
      const where = { tenantId, id, ...(status === undefined ? {} : { status }) };
      const jobs = await prisma.job.findMany({
        where,
        omit,
        include: { image: { omit: { metadata: true } } },
        orderBy: { id: 'desc' },
        take: limit,
      });
      return jobs as (JobRow & { image: ImageSummaryRow })[];
    },

    position: async (id, most = 1000) => {
      const [row] = await prisma.$queryRaw<{ ahead: number }[]>`
        SELECT count(*)::int AS ahead
        FROM (SELECT 1 FROM jobs WHERE status = 'queued' AND id < ${id}::uuid LIMIT ${most}) AS earlier`;
      return row?.ahead ?? 0;
    },

    isFinished: async (id) => {
      const [row] = await prisma.$queryRaw<{ finished: boolean }[]>`
        SELECT finished_at IS NOT NULL AS finished FROM jobs WHERE id = ${id}::uuid`;
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
