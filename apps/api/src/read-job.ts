// One job as its owner sees it now, with its place in the queue while it waits.
import { AppError } from '@tintype/core';
import type { Deps } from './deps.ts';
import { type Job, presentJob } from './schemas/job.ts';

/** @throws AppError JOB_NOT_FOUND, for another tenant's too */
export async function readJob(
  { tenantId, id }: { tenantId: string; id: string },
  { db }: Pick<Deps, 'db'>,
): Promise<Job> {
  const row = await db.jobs.get(tenantId, id);
  if (row === undefined) throw new AppError('JOB_NOT_FOUND');
  return presentJob(row, row.status === 'queued' ? await db.jobs.position(id) : undefined);
}
