// What becomes of a job whose attempt failed: permanent errors end it at once; others queue it again, later each time, until it has had
// its attempts. Decides, and writes nothing.
import { AppError } from '@tintype/core';
import { type ClaimedJob, type FailedJob, isDataError } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import { ENDED_ITS_PROCESS } from '../inspector.ts';

/** What ends a process once will do so again: one more try is enough to be sure. */
const MAX_CRASHES = 2;
const MAX_PAUSE_MS = 60_000;

export interface Failure extends Omit<FailedJob, 'id' | 'attempt'> {
  error: AppError;
}

/** @param pixelsWanted the attempt decoded the picture: without, the next one may succeed */
export function afterFailure(
  { failures, attempt }: Pick<ClaimedJob, 'failures' | 'attempt'>,
  cause: unknown,
  { pixelsWanted, ...config }: Pick<WorkerConfig, 'maxAttempts' | 'retryDelayMs'> & { pixelsWanted: boolean },
): Failure {
  const error = cause instanceof AppError ? cause : new AppError('INTERNAL', { cause });
  const crashed = ENDED_ITS_PROCESS.has(error.code);
  const givesPixelsUp = crashed && pixelsWanted;
  // These say nothing about the image: the job waits for their end, however long.
  const isOutage = error.code === 'OBJECT_STORE_UNAVAILABLE' || error.code === 'OVERLOADED';
  const attempts = crashed ? Math.min(MAX_CRASHES, config.maxAttempts) : config.maxAttempts;
  // A document that the database refuses is refused again.
  const mayRetry = error.retryable && !isDataError(cause) && failures + 1 < attempts;
  const pauseMs = Math.min(config.retryDelayMs * 4 ** (isOutage ? 0 : attempt - 1), MAX_PAUSE_MS);
  const again = isOutage || givesPixelsUp || mayRetry;
  return {
    error,
    errorCode: error.code,
    errorMessage: error.message,
    errorRetryable: error.retryable,
    counts: !isOutage,
    retryAfterMs: again ? pauseMs * (0.5 + Math.random()) : null,
    ...(givesPixelsUp ? { options: { pixelsGivenUp: true } } : {}),
  };
}
