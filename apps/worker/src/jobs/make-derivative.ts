// One derivative: claim → read → render → store → finish. The same for one that somebody waits for and for those that an upload asked for.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type CanonicalTransform, derivedKey, type Logger, mimeTypeOf, type Nudge } from '@tintype/core';
import type { ClaimedDerivative, MadeDerivative } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { Lease, Leases } from '../leases.ts';
import { untilWritten } from '../until-written.ts';
import { afterFailure } from './after-failure.ts';
import type { Lines } from './lines.ts';
import { type ReadSource, readSourceOf } from './read-source.ts';

/** asked: somebody waits for it. upload: a job makes it. */
export const RENDER_LINES = ['asked', 'upload'] as const;
export type RenderLine = (typeof RENDER_LINES)[number];

export interface MakeOptions {
  config: Pick<WorkerConfig, 'leaseMs' | 'maxAttempts' | 'retryDelayMs' | 'maxRenderBytes'>;
  leases: Leases;
  lines: Lines<RenderLine>;
  /** Aborts when no more are to be begun. */
  stopping: AbortSignal;
}

export type MakeDeps = Pick<Deps, 'db' | 'objects' | 'renderer' | 'metrics' | 'telemetry' | 'log'>;

/** Makes the one of this id, unless somebody else has it or it has ended. Throws for no picture: what went wrong is written down. */
export type MakeOne = (
  id: string,
  options: { line: RenderLine; read?: ReadSource; unlessLost?: AbortSignal },
) => Promise<void>;

export function createMakeOne({ config, leases, lines, stopping }: MakeOptions, deps: MakeDeps): MakeOne {
  const { leaseMs } = config;

  return async (id, { line, read, unlessLost = stopping }) => {
    // While PostgreSQL is away the nudge is held on to: one that is let go comes back seconds later at best.
    const derivative = await untilWritten(() => deps.db.making.claim(id, { leaseMs }), unlessLost);
    if (derivative === undefined) return;
    deps.metrics.derivativeStep('queued', derivative.queuedMs);
    const { attempt, requestId, imageId } = derivative;
    const log = deps.log.child({ derivativeId: id, attempt, requestId, imageId });
    const lease = leases.hold(derivative);
    const readSource = read ?? readSourceOf(derivative, { maxBytes: config.maxRenderBytes }, deps);
    const making = { read: readSource, line, lines, lost: lease.signal };
    const about = { 'tintype.derivative': id, 'tintype.attempt': attempt };
    try {
      await deps.telemetry.span('make derivative', derivative.traceparent, about, () =>
        make(derivative, making, { ...deps, log }),
      );
    } catch (cause) {
      await recordFailure(derivative, { cause, lease, config }, { ...deps, log });
    } finally {
      lease.end();
    }
  };
}

export function createMakeDerivative(makeOne: MakeOne): (nudge: Nudge) => Promise<void> {
  return ({ id }) => makeOne(id, { line: 'asked' });
}

interface Attempt {
  read: ReadSource;
  line: RenderLine;
  lines: Lines<RenderLine>;
  lost: AbortSignal;
}

async function make(derivative: ClaimedDerivative, attempt: Attempt, deps: MakeDeps): Promise<void> {
  const { line, lines, lost } = attempt;
  // Until it is stored: what a slow store keeps waiting is held in memory.
  const made = await lines.run(line, () => renderAndStore(derivative, attempt, deps));
  if (made === undefined) return dropped(deps.log);
  await recordMade(derivative, { made, lost }, deps);
}

/** Undefined: it belongs to somebody else meanwhile. */
async function renderAndStore(
  derivative: ClaimedDerivative,
  { read, lost }: Attempt,
  deps: MakeDeps,
): Promise<MadeDerivative | undefined> {
  if (lost.aborted) return undefined;
  const source = await timed('fetch', read, deps);
  if (lost.aborted) {
    // Nobody reads it: it would keep its connection for ever.
    if (source.body instanceof Readable) source.body.destroy();
    return undefined;
  }
  const wish = { ...source, transform: derivative.transform as CanonicalTransform };
  const { bytes: body, ...picture } = await timed('render', () => deps.renderer.render(wish), deps);
  if (lost.aborted) return undefined;
  const sha256Hex = createHash('sha256').update(body).digest('hex');
  const objectKey = derivedKey(derivative);
  const contentType = mimeTypeOf(picture.format);
  await timed('store', () => deps.objects.put(objectKey, [body], { contentType, sha256Hex }), deps);
  return { ...picture, objectKey, bytes: body.length, sha256Hex };
}

async function recordMade(
  { id, attempt }: ClaimedDerivative,
  { made, lost }: { made: MadeDerivative; lost: AbortSignal },
  { db, objects, metrics, log }: MakeDeps,
): Promise<void> {
  const isOurs = await untilWritten(() => db.making.finish({ id, attempt, ...made }), lost);
  const { objectKey, format, width, height, bytes } = made;
  if (isOurs) {
    metrics.derivativeMade();
    return log.info({ format, width, height, bytes }, 'derivative made');
  }
  dropped(log);
  // Lost before PostgreSQL answered: whether the row has the object is known to the orphan sweep alone.
  if (isOurs === undefined) return;
  await objects
    .remove(objectKey)
    .catch((err) => log.warn({ err, objectKey }, 'an object that nobody wants is left to the sweep'));
}

async function recordFailure(
  derivative: ClaimedDerivative,
  { cause, lease, config }: { cause: unknown; lease: Lease; config: MakeOptions['config'] },
  { db, metrics, log }: MakeDeps,
): Promise<void> {
  // What went wrong is, at best, that the work was broken off.
  if (lease.signal.aborted) return dropped(log);
  const { error, ...failure } = afterFailure(derivative, cause, { ...config, pixelsWanted: false });
  const { id, attempt } = derivative;
  const { errorCode, errorMessage, counts, retryAfterMs } = failure;
  log.warn({ err: error, retryAfterMs }, 'derivative not made');
  const failed = { id, attempt, errorCode, errorMessage, counts, retryAfterMs };
  const written = await untilWritten(() => db.making.fail(failed), lease.signal);
  if (written) metrics.derivativeFailed(error.code, retryAfterMs !== null);
}

async function timed<Result>(
  step: Parameters<MakeDeps['metrics']['derivativeStep']>[0],
  action: () => Promise<Result>,
  { metrics }: Pick<MakeDeps, 'metrics'>,
): Promise<Result> {
  const begunAt = performance.now();
  const result = await action();
  metrics.derivativeStep(step, performance.now() - begunAt);
  return result;
}

function dropped(log: Logger): void {
  log.warn('lease lost, or the image is gone: derivative dropped');
}
