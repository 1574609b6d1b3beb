// The use case of the door for a file that the client has sent to the object store itself: copy → look → record → nudge. The client may
// write to where it sent the file as long as its address counts, so nothing is believed of that object: what is looked at is the copy.
import { AppError, describeStored, discardUpload, originalKey } from '@tintype/core';
import { newId, type PromisedUpload, type TenantDatabase } from '@tintype/prisma';
import { type AcceptDeps, type AcceptedJob, acceptStored, type Uploader } from './accept-upload.ts';
import { digestOf } from './digest-of.ts';
import { type JobFields, readFields } from './job-fields.ts';
import { jobOptionsOf } from './job-options.ts';
import type { UploadJob } from './schemas/new-job.ts';
import { discardOriginal, type StoredOriginal } from './store-original.ts';

type TakeInDeps = AcceptDeps & { own: Pick<TenantDatabase, 'directUploads'> };

/**
 * @throws AppError INVALID_REQUEST, UPLOAD_NOT_FOUND, UPLOAD_NOT_READY, UPLOAD_MISMATCH, NOT_AN_IMAGE, IMAGE_TOO_LARGE,
 * OBJECT_STORE_UNAVAILABLE; see {@link acceptStored} for the others
 */
export async function acceptDirectUpload(
  body: UploadJob,
  uploader: Uploader,
  deps: TakeInDeps,
): Promise<AcceptedJob> {
  const { uploadId, ...rest } = body;
  const fields = readFields(rest, uploader.rules);
  // What is wrong with the wishes is told before anything is copied.
  jobOptionsOf(fields, uploader.defaults);
  const { directUploads } = deps.own;
  const promise = await directUploads.find(uploadId);
  if (promise === undefined) throw new AppError('UPLOAD_NOT_FOUND');
  // The plan may be another one by now.
  if (promise.bytes > uploader.limit.maxBytes) throw uploader.limit.refusal();
  const accepted = await acceptPromised(promise, { body, fields }, { uploader, deps }).catch(
    async (error) => {
      // Somebody else has taken it in meanwhile, and what he took is gone.
      const mayBeTaken = error instanceof AppError && MAY_BE_TAKEN.has(error.code);
      const isTaken = mayBeTaken && (await directUploads.find(uploadId)) === undefined;
      throw isTaken ? new AppError('UPLOAD_NOT_FOUND') : error;
    },
  );
  // Not awaited: the job is accepted, and what of it stays now is left to the sweep.
  void discardUpload(
    { id: promise.id, objectKey: promise.objectKey },
    { ...deps, uploads: deps.own.uploads },
  );
  return accepted;
}

const MAY_BE_TAKEN: ReadonlySet<string> = new Set(['UPLOAD_EXPIRED', 'UPLOAD_NOT_READY']);

async function acceptPromised(
  promise: PromisedUpload,
  { body, fields }: { body: UploadJob; fields: JobFields },
  { uploader, deps }: { uploader: Uploader; deps: TakeInDeps },
): Promise<AcceptedJob> {
  await expectArrived(promise, deps);
  const stored = await takeIn(promise, deps);
  const { fileName, contentType: declaredMimeType } = promise;
  const form = { stored, fileName, declaredMimeType, ...fields };
  return acceptStored({ form, fingerprintHex: fingerprintOfDirectUpload(body), promise }, uploader, deps);
}

/** All that makes two such requests under one Idempotency-Key the same. */
export function fingerprintOfDirectUpload(body: UploadJob): string {
  return digestOf({ ...body });
}

/** The address that the client was given says size and type; a store that does not mind them is not believed. */
async function expectArrived(
  { objectKey, bytes, contentType }: PromisedUpload,
  { objects }: TakeInDeps,
): Promise<void> {
  const head = await objects.head(objectKey);
  if (head === undefined) throw notReady();
  const isOfType = head.contentType === undefined || head.contentType.toLowerCase() === contentType;
  if (head.bytes !== bytes || !isOfType) throw new AppError('UPLOAD_MISMATCH');
}

/** Copies it to where nobody else writes, and looks at what is there. What fails leaves nothing behind but what the sweep knows. */
async function takeIn(promise: PromisedUpload, deps: TakeInDeps): Promise<StoredOriginal> {
  const { own, objects } = deps;
  const imageId = newId();
  const original = { imageId, objectKey: originalKey(own.tenantId, imageId) };
  await own.uploads.begin({ id: imageId, objectKey: original.objectKey });
  try {
    if (!(await objects.copy(promise.objectKey, original.objectKey))) throw notReady();
    const found = await describeStored(original.objectKey, objects);
    if (found === undefined) throw new AppError('UPLOAD_EXPIRED');
    const { bytes, sha256Hex, format } = found;
    if (bytes !== promise.bytes) throw new AppError('UPLOAD_MISMATCH');
    if (format === undefined) throw new AppError('NOT_AN_IMAGE');
    return { ...original, bytes, sha256Hex, format };
  } catch (error) {
    // A store that did not answer may yet finish what it was told: the row stays, and the sweep looks again.
    const mayYetArrive = error instanceof AppError && error.code === 'OBJECT_STORE_UNAVAILABLE';
    if (mayYetArrive) await objects.remove(original.objectKey).catch(() => undefined);
    else await discardOriginal(original, deps);
    throw error;
  }
}

function notReady(): AppError {
  return new AppError('UPLOAD_NOT_READY', { retryAfterSeconds: 1 });
}
