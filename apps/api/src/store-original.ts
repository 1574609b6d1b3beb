// Brings one file that a request sends into the object store, as the original of an image-to-be.
import type { Readable } from 'node:stream';
import { discardUpload, originalKey, type StoredUpload, storeUpload } from '@tintype/core';
import { newId } from '@tintype/prisma';
import type { Deps } from './deps.ts';

export interface StoredOriginal extends StoredUpload {
  imageId: string;
  objectKey: string;
}

/** @throws AppError NOT_AN_IMAGE, EMPTY_FILE, IMAGE_TOO_LARGE, UPLOAD_ABORTED, OBJECT_STORE_UNAVAILABLE */
export async function storeOriginal(
  file: Readable,
  { tenantId, maxBytes }: { tenantId: string; maxBytes: number },
  { db: { uploads }, objects }: Pick<Deps, 'db' | 'objects'>,
): Promise<StoredOriginal> {
  const imageId = newId();
  const objectKey = originalKey(tenantId, imageId);
  const stored = await storeUpload(
    file,
    { id: imageId, tenantId, objectKey, maxBytes },
    { uploads, objects },
  );
  return { imageId, objectKey, ...stored };
}

/** Removes what {@link storeOriginal} stored. What can't be removed now is left to the sweep. */
export async function discardOriginal(
  { imageId: id, objectKey }: Pick<StoredOriginal, 'imageId' | 'objectKey'>,
  { db: { uploads }, objects }: Pick<Deps, 'db' | 'objects'>,
): Promise<void> {
  await discardUpload({ id, objectKey }, { uploads, objects });
}
