// One job: claim → fetch → inspect → derive → finish. Whatever happens, the job ends or is queued again; nothing is written twice.
import { Readable } from 'node:stream';
import type { ImageFormat, JobOptions, Logger, Metadata, Nudge } from '@tintype/core';
import type { ClaimedJob } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { InspectWishes } from '../image/file-facts.ts';
import type { Lease, Leases } from '../leases.ts';
import { untilWritten } from '../until-written.ts';
import { afterFailure } from './after-failure.ts';
import { derive } from './derive.ts';
import { fetchOriginal } from './fetch-original.ts';
import { fetchUrl, isStored } from './fetch-url.ts';
import type { MakeOne } from './make-derivative.ts';
import { endDescribed, withPixels } from './near-duplicate.ts';
import { createPlaces, type TakePlace } from './places.ts';
import { searchedFacts } from './searched-facts.ts';
import { runStep } from './step.ts';

type Config = Pick<
  WorkerConfig,
  | 'leaseMs'
  | 'maxAttempts'
  | 'retryDelayMs'
  | 'concurrency'
  | 'inspectProfile'
  | 'outgoingAllow'
  | 'maxFetchBytes'
  | 'fetchTimeoutMs'
  | 'nearDuplicateDistance'
  | 'maxRenderBytes'
>;

export interface ProcessOptions {
  /** Names this worker in rows and logs. */
  worker: string;
  config: Config;
  leases: Leases;
  makeOne: MakeOne;
  /** Aborts when no more jobs are to be begun. */
  stopping: AbortSignal;
}

export function createProcessImage(options: ProcessOptions, deps: Deps): (nudge: Nudge) => Promise<void> {
  const { worker, config, leases, makeOne, stopping } = options;
  const { concurrency, leaseMs } = config;
  // What is slow leaves half of the places to the others, unless it is what everybody asked for.
  const half = Math.ceil(concurrency / 2);
  const takeFull = createPlaces(
    config.inspectProfile === 'full' ? concurrency : half,
    'Many images wait for ExifTool; this one comes again soon.',
  );
  const takeDerive = createPlaces(half, 'Many images wait for their derivatives; this one comes again soon.');
  const takeFetch = createPlaces(half, 'Many images wait to be fetched; this one comes again soon.');

  return async ({ id }) => {
    // While PostgreSQL is away the nudge is held on to: one that is let go comes back seconds later at best.
    const job = await untilWritten(() => deps.db.work.claim(id, { worker, leaseMs }), stopping);
    // Somebody else has it, or it is finished, or nothing more is begun here: a second nudge for the same job is nothing special.
    if (job === undefined) return;
    deps.metrics.step('queued', job.queuedMs);
    const log = deps.log.child({ jobId: id, attempt: job.attempt, requestId: job.requestId });
    const { pixelsGivenUp = false, ...wanted } = job.options;
    const wishes = withPixels(deps.inspector.wishesOf(wanted as Partial<InspectWishes>), wanted);
    const lease = leases.hold(job);
    const attempt = () =>
      run(job, { wishes, pixelsGivenUp, lost: lease.signal, config, takeFetch, makeOne }, { ...deps, log });
    const described = wishes.profile === 'full' ? () => takeFull(attempt) : attempt;
    const about = { 'tintype.job': id, 'tintype.attempt': job.attempt };
    try {
      await deps.telemetry.span('process image', job.traceparent, about, () =>
        presetsOf(job) === undefined ? described() : takeDerive(described),
      );
    } catch (cause) {
      const pixelsWanted = wishes.pixels && !pixelsGivenUp;
      await recordFailure(job, { cause, lease, config: { ...config, pixelsWanted } }, { ...deps, log });
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
  config: Config;
  takeFetch: TakePlace;
  makeOne: MakeOne;
}

async function run(job: ClaimedJob, attempt: Attempt, deps: Deps): Promise<void> {
  const { wishes, pixelsGivenUp, lost } = attempt;
  const { inspector, log } = deps;
  const fetched = await runStep('fetch', () => fetch(job, attempt, deps), deps);
  if (fetched.result === undefined) return dropped(log);
  const { original, stored } = fetched.result;
  if (lost.aborted) {
    // Nobody reads it: it would keep its connection for ever.
    if (original.body instanceof Readable) original.body.destroy();
    return dropped(log);
  }
  const { fileName, declaredMimeType } = stored;
  const { bytes, sha256Hex, format } = stored.stored;
  const file = { bytes, sha256Hex, format: format as ImageFormat, fileName, declaredMimeType };
  const suspect = job.failures > 0;
  const task = { file, wishes, ...original, suspect, pixelsGivenUp };
  const inspected = await runStep('inspect', () => inspector.inspect(task), deps);
  if (lost.aborted) return dropped(log);
  const presets = presetsOf(job);
  if (presets !== undefined) {
    const { makeOne, config } = attempt;
    const wanted = { presets, maxBytes: config.maxRenderBytes, makeOne, lost };
    await runStep('derive', () => derive(job, stored, wanted, deps), deps);
    if (lost.aborted) return dropped(log);
  }
  const times = { fetchMs: fetched.durationMs, inspectMs: inspected.durationMs };
  const { nearDuplicateDistance: maxDistance } = attempt.config;
  await recordFacts(job, { metadata: inspected.result, times, maxDistance, lost }, deps);
}

/** The derivatives that its upload asked for. */
function presetsOf({ options }: Pick<ClaimedJob, 'options'>): JobOptions['derivatives'] {
  return (options as JobOptions).derivatives;
}

/** Undefined: the job was lost meanwhile. */
async function fetch(job: ClaimedJob, { wishes, lost, config, takeFetch }: Attempt, deps: Deps) {
  const stored = isStored(job) ? job : await takeFetch(() => fetchUrl(job, { config, lost }, deps));
  if (stored === undefined || lost.aborted) return undefined;
  return { stored, original: await fetchOriginal(stored, wishes, deps) };
}

interface Facts {
  metadata: Metadata;
  times: { fetchMs: number; inspectMs: number };
  /** Of near duplicates, in bits. */
  maxDistance: number;
  lost: AbortSignal;
}

async function recordFacts(
  job: ClaimedJob,
  { metadata, times, maxDistance, lost }: Facts,
  deps: Deps,
): Promise<void> {
  const { db, metrics, log } = deps;
  const { id, attempt, imageId } = job;
  const { schemaVersion, extractorVersion } = metadata;
  const facts = { ...times, ...searchedFacts(metadata), metadata, schemaVersion, extractorVersion };
  let calls = 0;
  const write = () => {
    calls += 1;
    return endDescribed(job, { id, attempt, ...facts }, { db, maxDistance });
  };
  const { result: done } = await runStep('persist', () => untilWritten(write, lost), deps);
  if (done) {
    const { outcome, duplicateOf } = done;
    if (outcome === 'completed') metrics.completed();
    else metrics.failed('DUPLICATE_IMAGE');
    log.info({ imageId, duplicateOf, ...summary(metadata), ...times }, outcome);
    // The answer to an earlier call may have been lost, not the job.
  } else if (calls > 1) log.info('completed before the database went away, or lost meanwhile');
  else dropped(log);
}

async function recordFailure(
  job: ClaimedJob,
  { cause, lease, config }: { cause: unknown; lease: Lease; config: Parameters<typeof afterFailure>[2] },
  { db, metrics, log }: Deps,
): Promise<void> {
  // What went wrong is, at best, that the work was broken off.
  if (lease.signal.aborted) return dropped(log);
  const { error, ...failure } = afterFailure(job, cause, config);
  const again = failure.retryAfterMs !== null;
  log.warn(
    { err: error, retryAfterMs: failure.retryAfterMs },
    again ? 'failed, will be tried again' : 'failed',
  );
  const { id, attempt } = job;
  const written = await untilWritten(() => db.work.fail({ id, attempt, ...failure }), lease.signal);
  if (written) metrics[again ? 'retried' : 'failed'](error.code);
}

function dropped(log: Logger): void {
  log.warn('lease lost, work dropped');
}

function summary({ file, image }: Metadata): object {
  return { format: file.format, width: image.width, height: image.height };
}
