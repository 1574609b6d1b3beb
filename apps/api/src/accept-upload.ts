// The use case of the door: store → record → nudge. When it resolves, the job is durable; only then may the client be told.
import type { Multipart } from '@fastify/multipart';
import { AppError, type Logger, type OutgoingRules } from '@tintype/core';
import { isDataError, newId } from '@tintype/prisma';
import type { Deps } from './deps.ts';
import { digestOf } from './digest-of.ts';
import type { Duplicate } from './job-fields.ts';
import { nudge } from './nudge.ts';
import { type KeyTurn, keyInUse, writeUnderKey } from './plugins/idempotency.ts';
import { readForm, type UploadForm } from './read-form.ts';
import { reuseJob } from './reuse-job.ts';
import { type Job, presentAcceptedJob } from './schemas/job.ts';
import { discardOriginal, type StoredOriginal, storeOriginal } from './store-original.ts';

/** Who asks, and how. */
export interface Asker {
  tenantId: string;
  requestId: string;
  traceparent: string | null;
  rules: OutgoingRules;
  /** The request's turn at its Idempotency-Key. */
  turn: KeyTurn | undefined;
}

export interface Uploader extends Asker {
  maxBytes: number;
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
type AcceptDeps = Pick<Deps, 'db' | 'objects' | 'nudges' | 'telemetry'> & {
  log: Pick<Logger, 'debug' | 'warn'>;
};

/** @throws AppError UPLOAD_EXPIRED, IDEMPOTENCY_KEY_IN_USE; see {@link readForm} and {@link storeOriginal} for the others */
export async function acceptUpload(
  parts: AsyncIterable<Multipart>,
  uploader: Uploader,
  deps: AcceptDeps,
): Promise<AcceptedJob> {
  const { tenantId, maxBytes, rules } = uploader;
  const form = await readForm(parts, {
    store: (part) => storeOriginal(part.file, { tenantId, maxBytes }, deps),
    discard: (stored) => discardOriginal(stored, deps),
    rules,
  });
  const { imageId, bytes, sha256Hex } = form.stored;
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
  const job = await reuseJob(jobId, { tenantId, turn: uploader.turn, fingerprintHex }, deps);
  return { job, isReused: true, bytes };
}

async function record(job: { form: Form; id: string; uploader: Uploader }, { db, objects }: AcceptDeps) {
  const { form, id, uploader } = job;
  const { stored, fileName, declaredMimeType, title, tags, options, webhookUrl } = form;
  const { imageId, bytes, sha256Hex, format } = stored;
  const { tenantId, requestId, traceparent, turn } = uploader;
  const idempotency = turn && { ...turn.hold, fingerprintHex: fingerprintOfUpload(form, sha256Hex) };
  try {
    return await writeUnderKey(turn, () =>
      db.uploads.accept({
        ...{ imageId, tenantId, requestId, traceparent, bytes, sha256Hex, format },
        ...{ fileName, declaredMimeType, title, tags, options, webhookUrl },
        jobId: id,
        contentDigestHex: contentDigestOf(form, uploader),
        idempotency: idempotency ?? null,
      }),
    );
  } catch (error) {
    // Only an error of the data means that nothing was committed. After any other the sweep finds out whether the object is wanted.
    if (isDataError(error)) await discardOriginal(stored, { db, objects });
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
