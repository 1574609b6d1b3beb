// Takes a file that a client sends past the forms, for stores that it can't reach itself: exactly what was promised, as a whole or not at all.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { AppError, type ObjectStore } from '@tintype/core';
import type { PromisedUpload, TenantDatabase } from '@tintype/prisma';

/**
 * Before a byte of the file is read.
 * @throws AppError LENGTH_REQUIRED, IMAGE_TOO_LARGE, UPLOAD_MISMATCH
 */
export function expectPromised(headers: IncomingHttpHeaders, { bytes, contentType }: PromisedUpload): void {
  const length = headers['content-length'];
  if (length === undefined) throw new AppError('LENGTH_REQUIRED');
  if (Number(length) > bytes)
    throw new AppError('IMAGE_TOO_LARGE', {
      message: `The file is larger than the ${bytes} bytes that were promised.`,
    });
  if (Number(length) < bytes)
    throw new AppError('UPLOAD_MISMATCH', { message: `The file was promised to have ${bytes} bytes.` });
  if (headers['content-type']?.toLowerCase() !== contentType)
    throw new AppError('UPLOAD_MISMATCH', { message: `The file was promised to be ${contentType}.` });
}

/**
 * An error of `file` is thrown as it is, and leaves what was there before.
 * @throws AppError UPLOAD_NOT_FOUND, OBJECT_STORE_UNAVAILABLE
 */
export async function receiveUpload(
  file: Readable,
  { id, objectKey, contentType }: PromisedUpload,
  { own, objects }: { own: Pick<TenantDatabase, 'directUploads'>; objects: ObjectStore },
): Promise<void> {
  const [stored] = await Promise.allSettled([objects.putStream(objectKey, file, { contentType })]);
  // Taken in or swept while it came: nobody would look after it any more.
  if ((await own.directUploads.find(id)) === undefined) {
    await objects.remove(objectKey).catch(() => undefined);
    throw new AppError('UPLOAD_NOT_FOUND');
  }
  if (stored.status === 'rejected') throw stored.reason;
}
