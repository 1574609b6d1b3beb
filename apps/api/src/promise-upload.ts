// Lets a client send a file past the API: remembers it and its room first, then signs an address for it. Which store it is sent to decides
// who signs.
import { incomingKey, signAddress } from '@tintype/core';
import { newId, type PromisedUpload, type RoomLimits, type TenantDatabase } from '@tintype/prisma';
import type { ApiConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { storable } from './image-fields.ts';
import { admitUpload } from './limits/room.ts';
import type { UploadLimit } from './limits/upload-limit.ts';
import type { NewUpload, Upload } from './schemas/upload.ts';

interface Asker {
  limit: UploadLimit;
  /** Undefined: there is no limit. */
  room: RoomLimits | undefined;
}

interface PromiseDeps extends Pick<Deps, 'objects'> {
  config: Pick<ApiConfig, 'directUploadSeconds' | 'publicUrl'>;
  own: Pick<TenantDatabase, 'tenantId' | 'uploads' | 'admissions' | 'directUploads' | 'deliveryKeys'>;
}

type Promised = Omit<PromisedUpload, 'isAdmitted'>;

/** @throws AppError IMAGE_TOO_LARGE, STORAGE_QUOTA_EXCEEDED */
export async function promiseUpload(
  { bytes, contentType, fileName }: NewUpload,
  { limit, room }: Asker,
  deps: PromiseDeps,
): Promise<Upload> {
  const { own, config } = deps;
  if (bytes > limit.maxBytes) throw limit.refusal();
  const id = newId();
  const promised: Promised = {
    ...{ id, objectKey: incomingKey(own.tenantId, id), bytes, contentType: contentType.toLowerCase() },
    fileName: storable(fileName ?? '').normalize('NFC') || null,
    expiresAt: secondsFromNow(config.directUploadSeconds),
  };
  await own.directUploads.promise(promised);
  try {
    // It is no job yet.
    await admitUpload(room, { uploadId: id, bytes, jobs: 0 }, own);
    const { url, headers } = await addressOf(promised, deps);
    return { id, method: 'PUT', url, headers, expiresAt: promised.expiresAt.toISOString() };
  } catch (error) {
    await own.uploads.abandon(id).catch(() => undefined);
    throw error;
  }
}

/** Whole seconds, as both kinds of address count them. */
function secondsFromNow(seconds: number): Date {
  return new Date((Math.ceil(Date.now() / 1000) + seconds) * 1000);
}

async function addressOf(
  { id, objectKey, bytes, contentType, expiresAt }: Promised,
  { objects, config, own }: PromiseDeps,
): Promise<{ url: string; headers: Record<string, string> }> {
  const { directUploadSeconds: expiresInSeconds, publicUrl } = config;
  if (objects.presignPut !== undefined)
    return objects.presignPut(objectKey, { bytes, contentType, expiresInSeconds });
  const query = { bytes: String(bytes), type: contentType };
  const key = await own.deliveryKeys.current();
  const address = signAddress({ path: `/v1/uploads/${id}/content`, query, expiresAt }, key);
  return {
    url: `${publicUrl}${address}`,
    headers: { 'content-type': contentType, 'content-length': String(bytes) },
  };
}
