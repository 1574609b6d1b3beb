// The use case of the door: store → record → nudge. When it resolves, the job is durable; only then may the client be told.
import type { Multipart } from '@fastify/multipart';
import { AppError, type Logger } from '@tintype/core';
import { isDataError, newId } from '@tintype/prisma';
import type { Deps } from './deps.ts';
import { readForm, type UploadForm } from './read-form.ts';
import { discardOriginal, type StoredOriginal, storeOriginal } from './store-original.ts';

export interface AcceptedJob extends UploadForm<StoredOriginal> {
  id: string;
  createdAt: Date;
}

export interface Uploader {
  tenantId: string;
  requestId: string;
  maxBytes: number;
}

/** @throws AppError; see {@link readForm} and {@link storeOriginal} for the codes */
export async function acceptUpload(
  parts: AsyncIterable<Multipart>,
  { tenantId, requestId, maxBytes }: Uploader,
  deps: Pick<Deps, 'db' | 'objects' | 'nudges'> & { log: Pick<Logger, 'debug'> },
): Promise<AcceptedJob> {
  const form = await readForm(parts, {
    store: (part) => storeOriginal(part.file, { tenantId, maxBytes }, deps),
    discard: (stored) => discardOriginal(stored, deps),
  });
  const id = newId();
  const createdAt = await record({ form, id, tenantId, requestId }, deps);
  if (createdAt === undefined) {
    // The sweep forgot the upload before its last byte was stored: nobody else knows of the object.
    await discardOriginal(form.stored, deps);
    throw new AppError('UPLOAD_EXPIRED');
  }

  // Not awaited: the queue may hang or be gone, the reconciler finds the job all the same.
  deps.nudges.send([{ id, generation: 0 }]).catch((err) => deps.log.debug({ err, jobId: id }, 'nudge lost'));
  return { ...form, id, createdAt };
}

async function record(
  job: { form: UploadForm<StoredOriginal>; id: string; tenantId: string; requestId: string },
  { db, objects }: Pick<Deps, 'db' | 'objects'>,
): Promise<Date | undefined> {
  const { form, id, tenantId, requestId } = job;
  const { stored, fileName, declaredMimeType, title, tags, options } = form;
  const { imageId, bytes, sha256Hex, format } = stored;
  try {
    return await db.uploads.accept({
      imageId,
      jobId: id,
      tenantId,
      bytes,
      sha256Hex,
      fileName,
      declaredMimeType,
      format,
      title,
      tags,
      options,
      requestId,
    });
  } catch (error) {
    // Only an error of the data means that nothing was committed. After any other the sweep finds out whether the object is wanted.
    if (isDataError(error)) await discardOriginal(stored, { db, objects });
    throw error;
  }
}
