// The use case of the door: store → record → nudge. When it resolves, the job is durable; only then may the client be told.
import type { Multipart } from '@fastify/multipart';
import { AppError, type Logger, type OutgoingRules } from '@tintype/core';
import { isDataError, newId, type RoomLimits, type TenantDatabase } from '@tintype/prisma';
import type { Deps } from './deps.ts';
import { digestOf } from './digest-of.ts';
import type { Duplicate } from './job-fields.ts';
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
type AcceptDeps = Pick<Deps, 'objects' | 'nudges' | 'telemetry'> & {
  own: Pick<TenantDatabase, 'tenantId' | 'uploads' | 'jobs' | 'idempotency' | 'admissions'>;
  log: Pick<Logger, 'debug' | 'warn'>;
};

/** @throws AppError UPLOAD_EXPIRED, IDEMPOTENCY_KEY_IN_USE, STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS; see {@link readForm} and {@link storeOriginal} for the others */
export async function acceptUpload(
  parts: AsyncIterable<Multipart>,
  uploader: Uploader,
  deps: AcceptDeps,
): Promise<AcceptedJob> {
  const { limit, room, rules } = uploader;
  const form = await readForm(parts, {
    store: (part) => storeOriginal(part.file, limit, deps),
    discard: (stored) => discardOriginal(stored, deps),
    rules,
  });
  const { imageId, bytes, sha256Hex } = form.stored;
  await admitUpload(room, { uploadId: imageId, bytes }, deps.own).catch(async (error) => {
    await discardOriginal(form.stored, deps);
    throw error;
  });
  const id = newId();
  const acceptance = await record({ form, id, uploader }, deps);
  if (acceptance.outcome === 'accepted') {
    nudge(deps.nudges, [{ id, generation: 0 }], { ...deps, traceparent: uploader.traceparent });
    const { createdAt } = acceptance;
    return { job: presentAcceptedJob({ id, imageId, createdAt }), isReused: false, bytes };
  }
  // Nobody else knows of the object.
  await discardOriginal(form.stored, deps);
  if (acceptance.outcome === 'expired') throw new AppError('UPLOAD_EXPIRED');
  if (acceptance.outcome === 'key-lost') throw keyInUse();
  const { jobId } = acceptance;
  const fingerprintHex = fingerprintOfUpload(form, sha256Hex);
  const job = await reuseJob(jobId, { turn: uploader.turn, fingerprintHex }, deps);
  return { job, isReused: true, bytes };
}

async function record(job: { form: Form; id: string; uploader: Uploader }, { own, objects }: AcceptDeps) {
  const { form, id, uploader } = job;
  const { stored, fileName, declaredMimeType, title, tags, options, webhookUrl } = form;
  const { imageId, bytes, sha256Hex, format } = stored;
  const { requestId, traceparent, turn } = uploader;
  try {
    return await writeUnderKey(turn, () =>
      own.uploads.accept({
        ...{ imageId, requestId, traceparent, bytes, sha256Hex, format },
        ...{ fileName, declaredMimeType, title, tags, options, webhookUrl },
        jobId: id,
        contentDigestHex: contentDigestOf(form, uploader),
        idempotency: answerUnder(turn, fingerprintOfUpload(form, sha256Hex)),
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
  { fileName, title, tags, options, webhookUrl, duplicate }: UploadForm<unknown>,
  sha256Hex: string,
): string {
  return digestOf({ sha256Hex, fileName, title, tags, options, webhookUrl, duplicate });
}

/** What makes an image answer for a later upload. Who wants to be called back wants a job of his own. */
function contentDigestOf(
  { stored, title, tags, options, webhookUrl, duplicate }: Form,
  { duplicates }: Uploader,
) {
  if (webhookUrl !== null || (duplicate ?? duplicates) === 'allow') return null;
  return digestOf([stored.sha256Hex, options, title, tags]);
}
