// Runs over images that exist, to describe them anew: jobs are made a few at a time, and none while new work waits.
import type { Prisma, PrismaClient, ReprocessRun } from './generated/client.ts';
import { newId } from './id.ts';
import type { Nudge } from './reconcile.ts';

export interface ReprocessFilter {
  /** Images described by an older extractor than this one, and those never described: 0.2.0. */
  olderThan: string;
  format?: string;
  tenantId?: string;
  /** RFC 3339. */
  uploadedAfter?: string;
  uploadedBefore?: string;
}

export interface ReprocessProgress extends Omit<ReprocessRun, 'requestId'> {
  /** Jobs by status. */
  jobs: Record<string, number>;
}

export interface Reprocess {
  start(run: { filter: ReprocessFilter; options: object; requestId: string }): Promise<ReprocessProgress>;
  get(id: string): Promise<ReprocessProgress | undefined>;
  /** Makes no more jobs for it; those that are made go on. Undefined: there is no such run. */
  stop(id: string): Promise<ReprocessProgress | undefined>;
  /**
   * Makes jobs for the next images of the oldest run, so that no more than `atOnce` of its jobs are unfinished; none while somebody's
   * new image has been waiting for longer than `patienceMs`.
   */
  makeJobs(limits: { atOnce: number; patienceMs: number }): Promise<Nudge[]>;
}

/** Images looked at by one call, so that none takes long where few images match. */
const SLICE = 2000;

interface Match {
  id: string;
  tenantId: string;
}

export function createReprocess(prisma: PrismaClient): Reprocess {
  async function withJobs(run: ReprocessRun): Promise<ReprocessProgress> {
    const counts = await prisma.job.groupBy({
      by: ['status'],
      where: { reprocess: { runId: run.id } },
      _count: true,
    });
    return { ...run, jobs: Object.fromEntries(counts.map(({ status, _count }) => [status, _count])) };
  }

  return {
    start: async ({ filter, options, requestId }) =>
      withJobs(
        await prisma.reprocessRun.create({
          data: { id: newId(), filter: filter as object, options, requestId },
        }),
      ),

    get: async (id) => {
      const run = await prisma.reprocessRun.findUnique({ where: { id } });
      return run === null ? undefined : withJobs(run);
    },

    stop: async (id) => {
      await prisma.reprocessRun.updateMany({
        where: { id, finishedAt: null },
        data: { finishedAt: new Date() },
      });
      const run = await prisma.reprocessRun.findUnique({ where: { id } });
      return run === null ? undefined : withJobs(run);
    },

    makeJobs: (limits) => prisma.$transaction((tx) => makeJobs(tx, limits)),
  };
}

async function makeJobs(tx: Prisma.TransactionClient, limits: Limits): Promise<Nudge[]> {
  // One worker at a time: two runs must not make two jobs for one image.
  const [turn] = await tx.$queryRaw<{ mine: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('tintype.reprocess', 0)) AS mine`;
  if (turn?.mine !== true) return [];
  const [run] = await tx.$queryRaw<{ id: string; filter: ReprocessFilter; after: string | null }[]>`
    SELECT id, filter, last_image_id AS after FROM reprocess_runs
    WHERE finished_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE`;
  if (run === undefined) return [];
  const room = await roomFor(tx, run.id, limits);
  if (room === 0) return [];
  const { matches, seenUpTo } = await nextImages(tx, run, room);
  if (seenUpTo === undefined)
    await tx.$executeRaw`UPDATE reprocess_runs SET finished_at = now() WHERE id = ${run.id}::uuid`;
  else
    await tx.$executeRaw`UPDATE reprocess_runs SET last_image_id = ${seenUpTo}::uuid WHERE id = ${run.id}::uuid`;
  return insertJobs(tx, run.id, matches);
}

interface Limits {
  atOnce: number;
  patienceMs: number;
}

/** None while the workers are behind with new images. */
async function roomFor(
  tx: Prisma.TransactionClient,
  runId: string,
  { atOnce, patienceMs }: Limits,
): Promise<number> {
  const [found] = await tx.$queryRaw<{ newWork: boolean; unfinished: number }[]>`
    SELECT EXISTS (
        SELECT FROM jobs j WHERE j.status = 'queued' AND j.run_after <= now() - ${patienceMs}::float8 * interval '1 millisecond'
          AND NOT EXISTS (SELECT FROM reprocess_jobs r WHERE r.job_id = j.id)
      ) AS "newWork",
      (SELECT count(*)::int FROM jobs j JOIN reprocess_jobs r ON r.job_id = j.id
        WHERE r.run_id = ${runId}::uuid AND j.status IN ('queued', 'processing')) AS unfinished`;
  if (found === undefined || found.newWork) return 0;
  return Math.max(0, atOnce - found.unfinished);
}

/** The next images that match and have no unfinished job; `seenUpTo` is undefined behind the last image of all. */
async function nextImages(
  tx: Prisma.TransactionClient,
  { filter, after }: { filter: ReprocessFilter; after: string | null },
  room: number,
): Promise<{ matches: Match[]; seenUpTo: string | undefined }> {
  const { olderThan, format = null, tenantId = null, uploadedAfter = null, uploadedBefore = null } = filter;
  const [found] = await tx.$queryRaw<{ matches: Match[] | null; last: string | null }[]>`
    WITH slice AS (
      SELECT id, tenant_id, bytes, format, created_at, extractor_version FROM images
      WHERE ${after}::uuid IS NULL OR id > ${after}::uuid ORDER BY id LIMIT ${SLICE}
    ), matching AS (
      SELECT s.id, s.tenant_id FROM slice s
      WHERE s.bytes IS NOT NULL AND (s.extractor_version IS NULL
          OR CASE WHEN s.extractor_version ~ '^[0-9]+([.][0-9]+)*$'
            THEN string_to_array(s.extractor_version, '.')::int[] < string_to_array(${olderThan}, '.')::int[] ELSE true END)
        AND (${format}::text IS NULL OR s.format = ${format})
        AND (${tenantId}::uuid IS NULL OR s.tenant_id = ${tenantId}::uuid)
        AND (${uploadedAfter}::timestamptz IS NULL OR s.created_at >= ${uploadedAfter}::timestamptz)
        AND (${uploadedBefore}::timestamptz IS NULL OR s.created_at < ${uploadedBefore}::timestamptz)
        AND NOT EXISTS (SELECT FROM jobs j WHERE j.image_id = s.id AND j.finished_at IS NULL)
      ORDER BY s.id LIMIT ${room}
    )
    SELECT (SELECT jsonb_agg(jsonb_build_object('id', id, 'tenantId', tenant_id) ORDER BY id) FROM matching) AS matches,
      (SELECT max(id::text) FROM slice) AS last`;
  const matches = found?.matches ?? [];
  const isFull = matches.length === room;
  return { matches, seenUpTo: (isFull ? matches.at(-1)?.id : found?.last) ?? undefined };
}

async function insertJobs(tx: Prisma.TransactionClient, runId: string, matches: Match[]): Promise<Nudge[]> {
  if (matches.length === 0) return [];
  const rows = matches.map(({ id, tenantId }) => ({ id: newId(), imageId: id, tenantId }));
  await tx.$executeRaw`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, "imageId" uuid, "tenantId" uuid)
    ), event AS (
      INSERT INTO events (tenant_id, type, job_id, image_id) SELECT "tenantId", 'job.queued', id, "imageId" FROM input
    )
    INSERT INTO jobs (id, tenant_id, image_id, options, request_id)
    SELECT i.id, i."tenantId", i."imageId", r.options, r.request_id
    FROM input i CROSS JOIN reprocess_runs r WHERE r.id = ${runId}::uuid`;
  await tx.reprocessJob.createMany({ data: rows.map(({ id }) => ({ runId, jobId: id })) });
  return rows.map(({ id }) => ({ id, generation: 0 }));
}
