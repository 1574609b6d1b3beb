// One job as its owner sees it now, with its place in the queue while it waits.
import { AppError } from '@tintype/core';
import type { TenantDatabase } from '@tintype/prisma';
import { listDerivatives } from './delivery/list-derivatives.ts';
import { type Job, presentJob } from './schemas/job.ts';

/** @throws AppError JOB_NOT_FOUND, for another tenant's too */
export async function readJob(id: string, own: Pick<TenantDatabase, 'jobs' | 'derivatives'>): Promise<Job> {
  const { jobs } = own;
  const row = await jobs.get(id);
  if (row === undefined) throw new AppError('JOB_NOT_FOUND');
  const position = row.status === 'queued' ? await jobs.position(id) : undefined;
  // Images are shown with jobs that have completed.
  const shown = row.status === 'completed' ? [row.image] : [];
  const derivatives = await listDerivatives(shown, own);
  return presentJob(row, { position, derivatives: derivatives.get(row.imageId) ?? [] });
}
