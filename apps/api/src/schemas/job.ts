// A job as its owner sees it.
import { ERRORS, type ErrorCode } from '@tintype/core';
import { type Image as ImageRow, type ImageSummaryRow, JOB_STATUSES, type JobRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { type ImageDerivative, presentImage } from './image.ts';
import { presentMetadata } from './metadata.ts';
import { Id, Nullable, Time } from './types.ts';

const Milliseconds = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

export const JobStatus = Type.Enum([...JOB_STATUSES], {
  description: 'queued → processing → completed | failed | canceled',
});

export const Job = Type.Object(
  {
    id: Id('Names the job.'),
    status: JobStatus,
    attempt: Type.Integer({ description: 'How often a worker has begun it.' }),
    worker: Nullable(Type.String({ description: 'The process that ran the last attempt, or runs it.' })),
    imageId: Id('The image it works on.'),
    createdAt: Time('When it was accepted.'),
    startedAt: Nullable(Time('When the last attempt began.')),
    finishedAt: Nullable(Time('When it ended, for better or worse.')),
    timings: Type.Object(
      {
        queuedMs: Milliseconds('From accepted to begun.'),
        fetchMs: Milliseconds('Reading the file from the object store.'),
        inspectMs: Milliseconds('Finding out what it says.'),
        persistMs: Milliseconds('Writing that down.'),
      },
      { description: 'Of the last attempt, milliseconds.' },
    ),
    queue: Type.Optional(
      Type.Object({
        position: Type.Integer({ description: 'Jobs ahead of this one; 1000 means 1000 or more.' }),
        notBefore: Type.Optional(Time('After a failure: when it is tried again at the earliest.')),
      }),
    ),
    attempts: Type.Array(
      Type.Object({
        attempt: Type.Integer(),
        worker: Nullable(Type.String()),
        startedAt: Nullable(Time('When it began.')),
        endedAt: Nullable(Time('When it ended; null while it runs.')),
        code: Type.Optional(Type.String({ description: 'Why it did not complete. Stable.' })),
        message: Type.Optional(Type.String()),
      }),
      {
        description:
          'The attempts, the last 21 at most, oldest first. One that completed, was canceled or was given back by a stopping worker has no code.',
      },
    ),
    image: Type.Optional(Type.Ref('ImageWithMetadata#')),
    error: Type.Optional(
      Type.Object({
        code: Type.String({ description: 'Stable.' }),
        message: Type.String(),
        retryable: Type.Boolean({ description: 'It may succeed when run again.' }),
      }),
    ),
    links: Type.Object({ self: Type.String(), image: Type.String() }),
  },
  { $id: 'Job' },
);

export const JobPage = Type.Object(
  {
    items: Type.Array(Type.Ref('Job#'), { description: 'Newest first, without metadata.' }),
    nextCursor: Nullable(Type.String()),
    links: Type.Object({ next: Type.Optional(Type.String()) }),
  },
  { $id: 'JobPage' },
);

type JobWithImage = JobRow & { image: ImageSummaryRow | ImageRow };
export type Job = Omit<Static<typeof Job>, 'image'> & { image?: object };

interface Known {
  /** How many jobs are ahead of one that is queued. */
  position?: number | undefined;
  /** Of the image of one that has completed. */
  derivatives?: ImageDerivative[];
}

export function presentJob(row: JobWithImage, { position, derivatives = [] }: Known = {}): Job {
  const metadata = 'metadata' in row.image ? row.image.metadata : undefined;
  return {
    id: row.id,
    status: row.status,
    attempt: row.attempt,
    worker: row.worker,
    imageId: row.imageId,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    timings: presentTimings(row),
    ...(position === undefined ? {} : { queue: { position, ...presentPause(row) } }),
    attempts: presentAttempts(row),
    ...(metadata == null || row.status !== 'completed'
      ? {}
      : { image: { ...presentImage(row.image, derivatives), metadata: presentMetadata(metadata) } }),
    ...(row.errorCode === null ? {} : { error: presentError(row, row.errorCode) }),
    links: jobLinks(row),
  };
}

/** A job that was accepted this moment, without asking the database for it. */
export function presentAcceptedJob(job: { id: string; imageId: string; createdAt: Date }): Job {
  return {
    id: job.id,
    status: 'queued',
    attempt: 0,
    worker: null,
    imageId: job.imageId,
    createdAt: job.createdAt.toISOString(),
    startedAt: null,
    finishedAt: null,
    timings: {},
    attempts: [],
    links: jobLinks(job),
  };
}

type Attempt = Job['attempts'][number];
type PastAttempt = Omit<Attempt, 'code' | 'message'> & { code: string | null; message: string | null };

/** Those that did not complete are written down; the last one may stand in the row alone. */
function presentAttempts(row: JobRow): Attempt[] {
  const past = (row.pastAttempts as unknown as PastAttempt[]).map(presentPastAttempt);
  if (row.status === 'queued' || row.startedAt === null || past.at(-1)?.attempt === row.attempt) return past;
  const { status, errorCode } = row;
  const last = {
    attempt: row.attempt,
    worker: row.worker,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.finishedAt?.toISOString() ?? null,
  };
  // Attempts were not always written down.
  const hasFailed = status === 'failed' && errorCode !== null;
  return [...past, hasFailed ? { ...last, code: errorCode, message: messageOf(row, errorCode) } : last];
}

function presentPastAttempt({ code, message, ...attempt }: PastAttempt): Attempt {
  return { ...attempt, ...(code !== null && { code }), ...(message !== null && { message }) };
}

function presentPause({ runAfter, attempt }: JobRow): { notBefore?: string } {
  return attempt > 0 && runAfter.getTime() > Date.now() ? { notBefore: runAfter.toISOString() } : {};
}

function jobLinks({ id, imageId }: { id: string; imageId: string }) {
  return { self: `/v1/jobs/${id}`, image: `/v1/images/${imageId}` };
}

function presentError(row: JobRow, code: string) {
  return {
    code,
    message: messageOf(row, code),
    retryable: row.errorRetryable ?? false,
  };
}

function messageOf({ errorMessage }: JobRow, code: string): string {
  return errorMessage ?? ERRORS[code as ErrorCode]?.message ?? code;
}

function presentTimings({
  createdAt,
  startedAt,
  finishedAt,
  fetchMs,
  inspectMs,
  status,
}: JobRow): Job['timings'] {
  if (startedAt === null) return {};
  const queuedMs = Math.max(0, startedAt.getTime() - createdAt.getTime());
  if (status !== 'completed' || finishedAt === null || fetchMs === null || inspectMs === null)
    return { queuedMs };
  const persistMs = Math.max(0, finishedAt.getTime() - startedAt.getTime() - fetchMs - inspectMs);
  return { queuedMs, fetchMs: round(fetchMs), inspectMs: round(inspectMs), persistMs: round(persistMs) };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
