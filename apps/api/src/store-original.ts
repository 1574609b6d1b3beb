// Brings one file that a request sends into the object store, as the original of an image-to-be.
import type { Readable } from 'node:stream';
import { AppError, discardUpload, originalKey, type StoredUpload, storeUpload } from '@tintype/core';
import { newId, type TenantDatabase } from '@tintype/prisma';
import type { Deps } from './deps.ts';
import type { UploadLimit } from './limits/upload-limit.ts';

type StoreDeps = Pick<Deps, 'objects'> & { own: Pick<TenantDatabase, 'tenantId' | 'uploads'> };

export interface StoredOriginal extends StoredUpload {
  imageId: string;
  objectKey: string;
}

/** @throws AppError NOT_AN_IMAGE, EMPTY_FILE, IMAGE_TOO_LARGE, UPLOAD_ABORTED, OBJECT_STORE_UNAVAILABLE */
export async function storeOriginal(
  file: Readable,
  { maxBytes, refusal }: UploadLimit,
  { own: { tenantId, uploads }, objects }: StoreDeps,
): Promise<StoredOriginal> {
  const imageId = newId();
  const objectKey = originalKey(tenantId, imageId);
  try {
    const stored = await storeUpload(file, { id: imageId, objectKey, maxBytes }, { uploads, objects });
    return { imageId, objectKey, ...stored };
  } catch (error) {
    throw error instanceof AppError && error.code === 'IMAGE_TOO_LARGE' ? refusal() : error;
  }
}

/** Removes what {@link storeOriginal} stored. What can't be removed now is left to the sweep. */
export async function discardOriginal(
  { imageId: id, objectKey }: Pick<StoredOriginal, 'imageId' | 'objectKey'>,
  { own: { uploads }, objects }: StoreDeps,
): Promise<void> {
  await discardUpload({ id, objectKey }, { uploads, objects });
}
