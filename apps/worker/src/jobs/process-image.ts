// One job: claim → fetch → inspect → finish. Whatever happens, the job ends or is queued again; nothing is written twice.
import { AppError, type ImageFormat, type Metadata, type Nudge } from '@tintype/core';
import type { ClaimedJob } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { Leases } from '../leases.ts';
import { fetchOriginal } from './fetch-original.ts';

export interface ProcessOptions {
  /** Names this worker in rows and logs. */
  worker: string;
  config: Pick<WorkerConfig, 'leaseMs' | 'maxAttempts' | 'retryDelayMs'>;
  leases: Leases;
}

/** What ends a process once will do so again: one more try is enough to be sure. */
const MAX_CRASHES = 2;

const MAX_PAUSE_MS = 60_000;

export function createProcessImage(options: ProcessOptions, deps: Deps): (nudge: Nudge) => Promise<void> {
  const { worker, config, leases } = options;
  return async ({ id }) => {
    const job = await deps.db.work.claim(id, { worker, leaseMs: config.leaseMs });
    // Somebody else has it, or it is finished: a second nudge for the same job is nothing special.
    if (job === undefined) return;
    const log = deps.log.child({ jobId: id, attempt: job.attempt, requestId: job.requestId });
    const lease = leases.hold(job);
    try {
      await run(job, lease.signal, { ...deps, log });
    } catch (error) {
      await end(job, error, config, { ...deps, log });
    } finally {
      lease.end();
    }
  };
}

async function run(job: ClaimedJob, lost: AbortSignal, deps: Deps): Promise<void> {
  const { db, decoders, log } = deps;
  const begunAt = performance.now();
  const original = await fetchOriginal(job, deps);
  const fetchedAt = performance.now();
  const { bytes, sha256Hex, format, fileName, declaredMimeType } = job;
  const file = { bytes, sha256Hex, format: format as ImageFormat, fileName, declaredMimeType };
  const metadata = await decoders.inspect({ file, ...original, suspect: job.failures > 0 });
  const inspectedAt = performance.now();
  if (lost.aborted) return log.warn('lease lost, result dropped');

  const fetchMs = fetchedAt - begunAt;
  const inspectMs = inspectedAt - fetchedAt;
  const { id, attempt } = job;
  const { width, height } = metadata.image;
  const done = await db.work.complete({
    id,
    attempt,
    fetchMs,
    inspectMs,
    format: metadata.file.format,
    width: width ?? null,
    height: height ?? null,
    metadata,
    schemaVersion: metadata.schemaVersion,
    extractorVersion: metadata.extractorVersion,
  });
  if (done) log.info({ imageId: job.imageId, ...summary(metadata), fetchMs, inspectMs }, 'completed');
  else log.warn('lease lost, result dropped');
}

/** Permanent errors end the job at once; others queue it again, later each time, until it has had its attempts. */
async function end(
  job: ClaimedJob,
  error: unknown,
  config: ProcessOptions['config'],
  { db, log }: Deps,
): Promise<void> {
  const known = error instanceof AppError ? error : new AppError('INTERNAL', { cause: error });
  const crashed = known.code === 'DECODER_CRASHED' || known.code === 'DECODER_TIMEOUT';
  const attempts = crashed ? Math.min(MAX_CRASHES, config.maxAttempts) : config.maxAttempts;
  // An outage of the store says nothing about the image: the job waits for its end, however long.
  const outage = known.code === 'OBJECT_STORE_UNAVAILABLE';
  const again = outage || (known.retryable && job.failures + 1 < attempts);
  const pauseMs = Math.min(config.retryDelayMs * 4 ** (job.attempt - 1), MAX_PAUSE_MS);
  const retryAfterMs = again ? pauseMs * (0.5 + Math.random()) : null;
  log.warn({ err: known, retryAfterMs }, again ? 'failed, will be tried again' : 'failed');
  await db.work.fail({
    id: job.id,
    attempt: job.attempt,
    errorCode: known.code,
    errorMessage: known.message,
    errorRetryable: known.retryable,
    counts: !outage,
    retryAfterMs,
  });
}

function summary({ file, image }: Metadata): object {
  return { format: file.format, width: image.width, height: image.height };
}
