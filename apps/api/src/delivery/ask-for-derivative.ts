// Has a picture made by a worker, or finds the one that was made: once for all who ask the same. Never decodes, and never waits for ever.
import { AppError, ERRORS, type ErrorCode } from '@tintype/core';
import type { DerivativeRow, MadeDerivative, RoomLimits, TenantDatabase } from '@tintype/prisma';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { refuseWhenFull } from '../limits/room.ts';
import { nudge } from '../nudge.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';
import type { DeliveryMemory } from './memory.ts';
import type { Wish } from './wish.ts';

/** A picture that is ready. */
export interface Made extends MadeDerivative {
  id: string;
  imageId: string | null;
}

export interface Asker {
  requestId: string;
  traceparent: string | null;
  room: RoomLimits | undefined;
  /** What he asks for was named at upload, and stays as long as its image. */
  isKept: boolean;
  /** Aborts when nobody is there any more to see it. */
  signal: () => AbortSignal;
}

export interface RenderDeps extends Pick<Deps, 'finished' | 'makings' | 'telemetry'> {
  config: Pick<ApiConfig, 'renderWaitMs' | 'renderFailedMs' | 'maxDerivativesPerImage'>;
  own: Pick<TenantDatabase, 'tenantId' | 'derivatives' | 'admissions' | 'uploads'>;
  memory: Pick<DeliveryMemory, 'made'>;
  log: FastifyBaseLogger;
}

/**
 * @returns with `hasWaited`, where it was not there at once
 * @throws AppError RENDER_TIMEOUT, STORAGE_QUOTA_EXCEEDED, TOO_MANY_DERIVATIVES, IMAGE_NOT_FOUND, FILE_NOT_FOUND, and why it can't be made: 422
 */
export async function askForDerivative(
  wish: Wish,
  asker: Asker,
  deps: RenderDeps,
): Promise<{ made: Made; hasWaited: boolean }> {
  const { own, memory } = deps;
  const { digestHex } = wish;
  let found: { row: DerivativeRow | undefined } | undefined;
  const made = await memory.made.get(nameOfMade(own, digestHex), async () => {
    found = { row: await own.derivatives.find(digestHex) };
    return madeOf(found.row);
  });
  if (made !== undefined) return { made, hasWaited: false };
  // Somebody else has asked at the same time, and only what is ready is shared.
  const row = found === undefined ? await own.derivatives.find(digestHex) : found.row;
  const deadline = performance.now() + deps.config.renderWaitMs;
  const wanted = isUnderWay(row) ? row : await want(wish, { asker, deps, isNew: row === undefined });
  return { made: madeOf(wanted) ?? (await untilMade(wanted, { deadline, asker }, deps)), hasWaited: true };
}

/** Its object is not in the store any more: it is made anew when it is asked for again. */
export async function forgetLost(
  { id, objectKey }: Made,
  { digestHex }: Wish,
  { own, memory }: Pick<RenderDeps, 'own' | 'memory'>,
): Promise<void> {
  memory.made.drop(nameOfMade(own, digestHex));
  await own.derivatives.forgetLost({ id, objectKey });
}

const nameOfMade = ({ tenantId }: { tenantId: string }, digestHex: string) => `${tenantId} ${digestHex}`;

function isUnderWay(row: DerivativeRow | undefined): row is DerivativeRow {
  return row?.status === 'waiting' || row?.status === 'making';
}

function madeOf(row: DerivativeRow | undefined): Made | undefined {
  if (row?.status !== 'ready' || row.made === null) return undefined;
  return { ...row.made, id: row.id, imageId: row.imageId };
}

async function want(
  { source, transform, digestHex }: Wish,
  { asker, deps, isNew }: { asker: Asker; deps: RenderDeps; isNew: boolean },
): Promise<DerivativeRow> {
  const { own, config } = deps;
  const { requestId, traceparent, room, isKept } = asker;
  // Jobs that have not ended are no reason: a picture is none.
  if (isNew && room !== undefined) await refuseWhenFull({ ...room, concurrentJobs: null }, own);
  const { imageId, sourceKey } = source;
  const found = await own.derivatives.want(
    { imageId, sourceKey, digestHex, transform, isKept, requestId, traceparent },
    { most: config.maxDerivativesPerImage, retryFailedAfterMs: config.renderFailedMs },
  );
  if (found === 'too-many') throw new AppError('TOO_MANY_DERIVATIVES');
  if (found === undefined) throw new AppError(imageId === null ? 'FILE_NOT_FOUND' : 'IMAGE_NOT_FOUND');
  if (found.nudge !== undefined) nudge(deps.makings, [found.nudge], { ...deps, traceparent });
  return found.row;
}

async function untilMade(
  { id, digestHex, ...first }: DerivativeRow,
  { deadline, asker }: { deadline: number; asker: Asker },
  { own, finished }: Pick<RenderDeps, 'own' | 'finished'>,
): Promise<Made> {
  if (first.status === 'failed') throw failureOf(first);
  const signal = asker.signal();
  const timeoutMs = deadline - performance.now();
  const look = () => own.derivatives.find(digestHex);
  const hasEnded = (row: DerivativeRow | undefined) => !isUnderWay(row);
  const row = await waitUntilEnded(id, { timeoutMs, signal, look, hasEnded }, { finished });
  return endOf(row, { isGone: signal.aborted, ...first });
}

/** @throws AppError for whatever is not ready */
function endOf(
  row: DerivativeRow | undefined,
  { isGone, imageId }: { isGone: boolean; imageId: string | null },
): Made {
  const made = madeOf(row);
  if (made !== undefined) return made;
  // Its image was removed.
  if (row === undefined) throw new AppError(imageId === null ? 'FILE_NOT_FOUND' : 'IMAGE_NOT_FOUND');
  if (row.status === 'failed') throw failureOf(row);
  throw new AppError(isGone ? 'UPLOAD_ABORTED' : 'RENDER_TIMEOUT');
}

function failureOf({ errorCode, errorMessage }: Pick<DerivativeRow, 'errorCode' | 'errorMessage'>): AppError {
  const isKnown = errorCode !== null && Object.hasOwn(ERRORS, errorCode);
  const code = isKnown ? (errorCode as ErrorCode) : 'NOT_RENDERABLE';
  // A picture that ended every worker that tried it is the picture's fault.
  if (ERRORS[code].status !== 422) return new AppError('DECODER_CRASHED');
  return new AppError(code, errorMessage === null ? {} : { message: errorMessage });
}
