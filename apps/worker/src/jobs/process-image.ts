// One job: claim → fetch → inspect → finish. Whatever happens, the job ends or is queued again; nothing is written twice.
import { AppError, type ImageFormat, type Metadata, type Nudge } from '@tintype/core';
import type { ClaimedJob } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { InspectWishes } from '../image/file-facts.ts';
import type { Leases } from '../leases.ts';
import { afterFailure } from './after-failure.ts';
import { fetchOriginal } from './fetch-original.ts';
import { searchedFacts } from './searched-facts.ts';

export interface ProcessOptions {
  /** Names this worker in rows and logs. */
  worker: string;
  config: Pick<WorkerConfig, 'leaseMs' | 'maxAttempts' | 'retryDelayMs' | 'concurrency' | 'inspectProfile'>;
  leases: Leases;
}

export function createProcessImage(options: ProcessOptions, deps: Deps): (nudge: Nudge) => Promise<void> {
  const { worker, config, leases } = options;
  // ExifTool is slow: where the full profile is the exception, half of the places are kept for those who want the fast one.
  const mostFull = config.inspectProfile === 'full' ? config.concurrency : Math.ceil(config.concurrency / 2);
  let full = 0;

  async function inFullPlace<Result>(action: () => Promise<Result>): Promise<Result> {
    if (full >= mostFull)
      throw new AppError('OVERLOADED', {
        message: 'Many images wait for ExifTool; this one comes again soon.',
      });
    full += 1;
    try {
      return await action();
    } finally {
      full -= 1;
    }
  }

  return async ({ id }) => {
    const job = await deps.db.work.claim(id, { worker, leaseMs: config.leaseMs });
    // Somebody else has it, or it is finished: a second nudge for the same job is nothing special.
    if (job === undefined) return;
    const log = deps.log.child({ jobId: id, attempt: job.attempt, requestId: job.requestId });
    const { pixelsGivenUp = false, ...wanted } = job.options;
    const wishes = deps.inspector.wishesOf(wanted as Partial<InspectWishes>);
    const lease = leases.hold(job);
    const attempt = () => run(job, { wishes, pixelsGivenUp, lost: lease.signal }, { ...deps, log });
    try {
      await (wishes.profile === 'full' ? inFullPlace(attempt) : attempt());
    } catch (cause) {
      const pixelsWanted = wishes.pixels && !pixelsGivenUp;
      const { error, ...failure } = afterFailure(job, cause, { ...config, pixelsWanted });
      const again = failure.retryAfterMs !== null;
      log.warn(
        { err: error, retryAfterMs: failure.retryAfterMs },
        again ? 'failed, will be tried again' : 'failed',
      );
      await deps.db.work.fail({ id, attempt: job.attempt, ...failure });
    } finally {
      lease.end();
    }
  };
}

interface Attempt {
  wishes: InspectWishes;
  /** Decoding the picture ended a process before. */
  pixelsGivenUp: boolean;
  lost: AbortSignal;
}

async function run(job: ClaimedJob, { wishes, pixelsGivenUp, lost }: Attempt, deps: Deps): Promise<void> {
  const { db, inspector, log } = deps;
  const begunAt = performance.now();
  const original = await fetchOriginal(job, wishes, deps);
  const fetchedAt = performance.now();
  const { bytes, sha256Hex, format, fileName, declaredMimeType } = job;
  const file = { bytes, sha256Hex, format: format as ImageFormat, fileName, declaredMimeType };
  const suspect = job.failures > 0;
  const metadata = await inspector.inspect({ file, wishes, ...original, suspect, pixelsGivenUp });
  const inspectedAt = performance.now();
  if (lost.aborted) return log.warn('lease lost, result dropped');

  const fetchMs = fetchedAt - begunAt;
  const inspectMs = inspectedAt - fetchedAt;
  const { id, attempt } = job;
  const done = await db.work.complete({
    id,
    attempt,
    fetchMs,
    inspectMs,
    ...searchedFacts(metadata),
    metadata,
    schemaVersion: metadata.schemaVersion,
    extractorVersion: metadata.extractorVersion,
  });
  if (done) log.info({ imageId: job.imageId, ...summary(metadata), fetchMs, inspectMs }, 'completed');
  else log.warn('lease lost, result dropped');
}

function summary({ file, image }: Metadata): object {
  return { format: file.format, width: image.width, height: image.height };
}
