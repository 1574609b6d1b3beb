// The job that answers for a file that is there already.
import { AppError, type Logger } from '@tintype/core';
import type { TenantDatabase } from '@tintype/prisma';
import type { KeyTurn } from './plugins/idempotency.ts';
import { readJob } from './read-job.ts';
import type { Job } from './schemas/job.ts';

/** Says that the job is one that was there before. */
export const DUPLICATE = 'tintype-duplicate';

interface Asked {
  turn: KeyTurn | undefined;
  fingerprintHex: string;
}

/** The job as it is now, which its Idempotency-Key remembers from now on. @throws AppError UPLOAD_EXPIRED */
export async function reuseJob(
  id: string,
  { turn, fingerprintHex }: Asked,
  {
    own,
    log,
  }: { own: Pick<TenantDatabase, 'jobs' | 'derivatives' | 'idempotency'>; log: Pick<Logger, 'warn'> },
): Promise<Job> {
  const job = await readJob(id, own).catch(expiredIfGone);
  if (turn === undefined) return job;
  turn.state = 'ended';
  const { imageId, createdAt } = job;
  const answer = {
    fingerprintHex,
    status: 202,
    headers: { [DUPLICATE]: 'true' },
    body: { id, imageId, createdAt },
  };
  // What can't be remembered is found again by its content.
  await own.idempotency.finish(turn.hold, answer).catch((err) => log.warn({ err }, 'reused job not kept'));
  return job;
}

function expiredIfGone(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== 'JOB_NOT_FOUND') throw error;
  const message = 'The image that answers for this file was removed in this moment. Send it again.';
  throw new AppError('UPLOAD_EXPIRED', { message });
}
