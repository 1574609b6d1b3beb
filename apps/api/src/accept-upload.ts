// The use case of the door: store → record → nudge. When it resolves, the job is durable; only then may the client be told.
import type { Multipart } from '@fastify/multipart';
import { AppError, type JobOptions, type Logger, type OutgoingRules } from '@tintype/core';
import {
  isDataError,
  newId,
  type PromisedUpload,
  type RoomLimits,
  type TenantDatabase,
} from '@tintype/prisma';
import type { Deps } from './deps.ts';
import { digestOf } from './digest-of.ts';
import type { Duplicate } from './job-fields.ts';
import { type JobDefaults, jobOptionsOf } from './job-options.ts';
import { admitUpload } from './limits/room.ts';
import type { UploadLimit } from './limits/upload-limit.ts';
import { nudge } from './nudge.ts';
import { answerUnder, type KeyTurn, keyInUse, writeUnderKey } from './plugins/idempotency.ts';
import { readForm, type UploadForm } from './read-form.ts';
import { reuseJob } from './reuse-job.ts';
import { type Job, presentAcceptedJob } from './schemas/job.ts';
import { discardOriginal, type StoredOriginal, storeOriginal } from './store-original.ts';

/** Who asks, and how. */
export interface Asker {
  requestId: string;
  traceparent: string | null;
  rules: OutgoingRules;
  /** Undefined: there is no limit. */
  room: RoomLimits | undefined;
  /** The request's turn at its Idempotency-Key. */
  turn: KeyTurn | undefined;
  defaults: JobDefaults;
}

export interface Uploader extends Asker {
  limit: UploadLimit;
  /** What to do with a file that is there already, where the request does not say. */
  duplicates: Duplicate;
}

export interface AcceptedJob {
  job: Job;
  /** The file was there already, and so was its job. */
  isReused: boolean;
  bytes: number;
}

type Form = UploadForm<StoredOriginal>;

/** A file that is stored, and what was said of it. */
export interface Arrived {
  form: Form;
  /** Of all that makes two such requests the same. */
  fingerprintHex: string;
  /** The upload past the API that it was; it can become one image alone. */
  promise: Pick<PromisedUpload, 'id' | 'isAdmitted'> | null;
}

export type AcceptDeps = Pick<Deps, 'objects' | 'nudges' | 'telemetry'> & {
  own: Pick<TenantDatabase, 'tenantId' | 'uploads' | 'jobs' | 'derivatives' | 'idempotency' | 'admissions'>;
  log: Pick<Logger, 'debug' | 'warn'>;
};

/** @throws AppError UPLOAD_EXPIRED, IDEMPOTENCY_KEY_IN_USE, STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS, PATH_TAKEN; see {@link readForm} and {@link storeOriginal} for the others */
export async function acceptUpload(
  parts: AsyncIterable<Multipart>,
  uploader: Uploader,
  deps: AcceptDeps,
): Promise<AcceptedJob> {
  const { limit, rules } = uploader;
  const form = await readForm(parts, {
    store: (part) => storeOriginal(part.file, limit, deps),
    discard: (stored) => discardOriginal(stored, deps),
    rules,
  });
  const fingerprintHex = fingerprintOfUpload(form, form.stored.sha256Hex);
  return acceptStored({ form, fingerprintHex, promise: null }, uploader, deps);
}

/**
 * The same from where the file is stored, whichever way it came. Discards it when anything fails.
 * @throws AppError UPLOAD_EXPIRED, IDEMPOTENCY_KEY_IN_USE, STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS, PATH_TAKEN
 */
export async function acceptStored(
  arrived: Arrived,
  uploader: Uploader,
  deps: AcceptDeps,
): Promise<AcceptedJob> {
  const { form, fingerprintHex, promise } = arrived;
  const { imageId, bytes } = form.stored;
  // What was promised room has it until the image is made.
  const wanted = promise?.isAdmitted === true ? 0 : bytes;
  const admit = async () => {
    const options = jobOptionsOf(form, uploader.defaults);
    await admitUpload(uploader.room, { uploadId: imageId, bytes: wanted }, deps.own);
    return options;
  };
  const options = await admit().catch(async (error) => {
    await discardOriginal(form.stored, deps);
    throw error;
  });
  const id = newId();
  const acceptance = await record({ arrived, id, options, uploader }, deps);
  if (acceptance.outcome === 'accepted') {
    nudge(deps.nudges, [{ id, generation: 0 }], { ...deps, traceparent: uploader.traceparent });
    const { createdAt } = acceptance;
    return { job: presentAcceptedJob({ id, imageId, createdAt }), isReused: false, bytes };
  }
  // Nobody else knows of the object.
  await discardOriginal(form.stored, deps);
  if (acceptance.outcome === 'expired') throw new AppError('UPLOAD_EXPIRED');
  if (acceptance.outcome === 'key-lost') throw keyInUse();
  if (acceptance.outcome === 'path-taken') throw new AppError('PATH_TAKEN');
  const job = await reuseJob(acceptance.jobId, { turn: uploader.turn, fingerprintHex }, deps);
  return { job, isReused: true, bytes };
}

async function record(
  job: { arrived: Arrived; id: string; options: JobOptions; uploader: Uploader },
  { own, objects }: AcceptDeps,
) {
  const { arrived, id, options, uploader } = job;
  const { form, fingerprintHex, promise } = arrived;
  const { stored, fileName, declaredMimeType, title, tags, path, isPublic, webhookUrl } = form;
  const { imageId, bytes, sha256Hex, format } = stored;
  const { requestId, traceparent, turn } = uploader;
  try {
    return await writeUnderKey(turn, () =>
      own.uploads.accept({
        ...{ imageId, requestId, traceparent, bytes, sha256Hex, format },
        ...{ fileName, declaredMimeType, title, tags, path, isPublic, webhookUrl },
        ...(promise !== null && { promiseId: promise.id }),
        options,
        jobId: id,
        contentDigestHex: contentDigestOf(form, uploader),
        idempotency: answerUnder(turn, fingerprintHex),
      }),
    );
  } catch (error) {
    // Only an error of the data means that nothing was committed. After any other the sweep finds out whether the object is wanted.
    if (isDataError(error)) await discardOriginal(stored, { own, objects });
    throw error;
  }
}

/** All that makes two uploads under one Idempotency-Key the same. */
export function fingerprintOfUpload(
  { fileName, title, tags, options, webhookUrl, duplicate, ...form }: UploadForm<unknown>,
  sha256Hex: string,
): string {
  return digestOf({ sha256Hex, fileName, title, tags, options, webhookUrl, duplicate, ...delivery(form) });
}

/** What makes an image answer for a later upload. Who wants to be called back wants a job of his own. */
function contentDigestOf(
  { stored, title, tags, options, webhookUrl, duplicate, ...form }: Form,
  { duplicates }: Uploader,
) {
  if (webhookUrl !== null || (duplicate ?? duplicates) === 'allow') return null;
  const wishes = delivery(form);
  const all = Object.keys(wishes).length === 0 ? [] : [wishes];
  return digestOf([stored.sha256Hex, options, title, tags, ...all]);
}

/** Only what is wished: digests of those who wish nothing were written down before there were such wishes. */
function delivery({
  path,
  isPublic,
  derivatives,
}: Pick<UploadForm<unknown>, 'path' | 'isPublic' | 'derivatives'>) {
  return {
    ...(path !== null && { path }),
    ...(isPublic && { isPublic }),
    ...(derivatives !== null && { derivatives }),
  };
}
