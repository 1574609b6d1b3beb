// One job as its owner sees it now, with its place in the queue while it waits.
import { AppError } from '@tintype/core';
import type { TenantDatabase } from '@tintype/prisma';
import { type Job, presentJob } from './schemas/job.ts';

/** @throws AppError JOB_NOT_FOUND, for another tenant's too */
export async function readJob(id: string, { jobs }: Pick<TenantDatabase, 'jobs'>): Promise<Job> {
  const row = await jobs.get(id);
  if (row === undefined) throw new AppError('JOB_NOT_FOUND');
  return presentJob(row, row.status === 'queued' ? await jobs.position(id) : undefined);
}
