// What becomes of a job whose attempt failed: permanent errors end it at once; others queue it again, later each time, until it has had
// its attempts. Decides, and writes nothing.
import { AppError, type ErrorCode } from '@tintype/core';
import { type ClaimedJob, type FailedJob, isDatabaseUnavailable, isDataError } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import { ENDED_ITS_PROCESS } from '../inspector.ts';

/** What ends a process once will do so again: one more try is enough to be sure. */
const MAX_CRASHES = 2;
const MAX_PAUSE_MS = 60_000;
/** A server may ask for a longer pause, and not for any. */
const MAX_ASKED_PAUSE_MS = 900_000;

/** These say nothing about the image: the job waits for their end, however long. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'OBJECT_STORE_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
  'OVERLOADED',
]);

export interface Failure extends Omit<FailedJob, 'id' | 'attempt'> {
  error: AppError;
}

/** @param pixelsWanted the attempt decoded the picture: without, the next one may succeed */
export function afterFailure(
  { failures }: Pick<ClaimedJob, 'failures'>,
  cause: unknown,
  { pixelsWanted, ...config }: Pick<WorkerConfig, 'maxAttempts' | 'retryDelayMs'> & { pixelsWanted: boolean },
): Failure {
  const error = toAppError(cause);
  const crashed = ENDED_ITS_PROCESS.has(error.code);
  const givesPixelsUp = crashed && pixelsWanted;
  const isOutage = OUTAGES.has(error.code);
  const attempts = crashed ? Math.min(MAX_CRASHES, config.maxAttempts) : config.maxAttempts;
  // A document that the database refuses is refused again.
  const mayRetry = error.retryable && !isDataError(cause) && failures + 1 < attempts;
  const pauseMs = Math.min(config.retryDelayMs * 4 ** (isOutage ? 0 : failures), MAX_PAUSE_MS);
  const askedMs = isAsked(error) ? Math.min((error.retryAfterSeconds ?? 0) * 1000, MAX_ASKED_PAUSE_MS) : 0;
  const again = isOutage || givesPixelsUp || mayRetry;
  return {
    error,
    errorCode: error.code,
    errorMessage: error.message,
    errorRetryable: error.retryable,
    counts: !isOutage,
    retryAfterMs: again ? Math.max(pauseMs * (0.5 + Math.random()), askedMs) : null,
    ...(givesPixelsUp ? { options: { pixelsGivenUp: true } } : {}),
  };
}

/** Of the outages, only what waits for a place here knows when it is its turn. */
function isAsked({ code }: AppError): boolean {
  return code === 'OVERLOADED' || !OUTAGES.has(code);
}

function toAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError(isDatabaseUnavailable(cause) ? 'DATABASE_UNAVAILABLE' : 'INTERNAL', { cause });
}
