// Does a worker's part, for tests that need jobs in any state and do not care how they came there.
import {
  type AcceptedImage,
  type ClaimedJob,
  type CompletedJob,
  type Database,
  firstIdAt,
} from '../src/index.ts';
import { queueJob } from './queued-job.ts';

export const LEASE = { worker: 'w-1', leaseMs: 60_000 };
export const FAILURE = {
  errorCode: 'IMAGE_UNREADABLE',
  errorMessage: 'No.',
  errorRetryable: false,
  counts: true,
};

export async function claimJob(db: Database, given: Partial<AcceptedImage> = {}): Promise<ClaimedJob> {
  const { jobId } = await queueJob(db, given);
  return claimAgain(db, jobId);
}

export async function claimAgain(db: Database, id: string): Promise<ClaimedJob> {
  const claim = await db.work.claim(id, LEASE);
  if (claim === undefined) throw new Error('The job could not be claimed.');
  return claim;
}

/** What a worker found out, the least of it. */
export function someFacts({ id, attempt }: { id: string; attempt: number }): CompletedJob {
  return {
    id,
    attempt,
    fetchMs: 1.5,
    inspectMs: 20.25,
    format: 'webp',
    width: 640,
    height: 480,
    metadata: {},
    schemaVersion: 1,
    extractorVersion: '1.0',
    takenAt: null,
    latitude: null,
    longitude: null,
    phash: null,
    dominantColor: null,
    camera: null,
    caption: null,
    keywords: [],
  };
}

export type Ended = 'completed' | 'failed' | 'canceled';

/** A job that ended as told. */
export async function endJob(
  db: Database,
  ended: Ended,
  given: Partial<AcceptedImage> = {},
): Promise<ClaimedJob> {
  const job = await claimJob(db, given);
  if (ended === 'completed') await db.work.complete(someFacts(job));
  else if (ended === 'failed') await db.work.fail({ ...job, ...FAILURE, options: {}, retryAfterMs: null });
  else await db.jobs.cancel(job.tenantId, job.id);
  return job;
}

/** An id made on that day of January 2026. */
export function idOfDay(day: number): string {
  return firstIdAt(new Date(Date.UTC(2026, 0, day)));
}
