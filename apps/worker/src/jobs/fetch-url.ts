// Brings the image of a job that came as an URL: downloaded under the rules for outgoing requests into an object that is the image's
// own from then on. Whatever goes wrong, nothing is left behind that the sweep does not know of.
import { AppError, discardUpload, fetchedKey, storeUpload } from '@tintype/core';
import { type ClaimedJob, newId, type StoredFile } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { openUrl } from '../fetch/open-url.ts';
import { brokenOff } from '../fetch/without-answer.ts';

export type StoredJob = ClaimedJob & { stored: StoredFile };

export function isStored(job: ClaimedJob): job is StoredJob {
  return job.stored !== undefined;
}

export interface FetchUrlOptions {
  config: Pick<WorkerConfig, 'outgoingAllow' | 'maxFetchBytes' | 'fetchTimeoutMs'>;
  /** Aborts when the job belongs to somebody else. */
  lost: AbortSignal;
}

/**
 * Undefined: the job was lost meanwhile.
 * @throws AppError URL_*, NOT_AN_IMAGE, EMPTY_FILE, IMAGE_TOO_LARGE, OBJECT_STORE_UNAVAILABLE
 */
export async function fetchUrl(
  job: ClaimedJob,
  { config, lost }: FetchUrlOptions,
  deps: Pick<Deps, 'db' | 'objects' | 'fetchAgent'>,
): Promise<StoredJob | undefined> {
  const { id, attempt, tenantId, imageId, sourceUrl } = job;
  if (sourceUrl === null) throw new AppError('ORIGINAL_MISSING');
  const upload = { id: newId(), tenantId, objectKey: fetchedKey(tenantId, imageId, attempt) };
  const limit = limitTime(config.fetchTimeoutMs, lost);
  try {
    const found = await download(sourceUrl, { ...config, upload, signal: limit.signal }, deps);
    // If this throws, it may have been written all the same: the object stays, known to the image or to the upload's row.
    if (await deps.db.work.fetched({ id, attempt, uploadId: upload.id, ...found.stored, ...found.names }))
      return { ...job, objectKey: upload.objectKey, stored: found.stored, ...found.names };
    await discardUpload(upload, { uploads: deps.db.uploads, objects: deps.objects });
    return undefined;
  } finally {
    limit.end();
  }
}

type Download = Pick<WorkerConfig, 'outgoingAllow' | 'maxFetchBytes'> & {
  upload: { id: string; tenantId: string; objectKey: string };
  signal: AbortSignal;
};

async function download(
  sourceUrl: string,
  { outgoingAllow: allow, maxFetchBytes: maxBytes, upload, signal }: Download,
  { db: { uploads }, objects, fetchAgent: agent }: Pick<Deps, 'db' | 'objects' | 'fetchAgent'>,
): Promise<{ stored: StoredFile; names: Pick<ClaimedJob, 'fileName' | 'declaredMimeType'> }> {
  const { body, ...names } = await openUrl(sourceUrl, { agent, allow, maxBytes, signal });
  let ofSource: unknown;
  body.on('error', (error) => {
    ofSource = error;
  });
  try {
    return { stored: await storeUpload(body, { ...upload, maxBytes }, { uploads, objects }), names };
  } catch (error) {
    // The database and the object store have errors of their own that look like those of a far server.
    const isOfSource = error === ofSource || (error instanceof AppError && error.code === 'UPLOAD_ABORTED');
    throw isOfSource ? brokenOff(error) : error;
  } finally {
    body.destroy();
  }
}

/** A signal that aborts when the time is up, or with `lost`. */
function limitTime(timeoutMs: number, lost: AbortSignal): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new AppError('URL_TIMEOUT')), timeoutMs);
  const onLost = () => controller.abort(lost.reason);
  if (lost.aborted) onLost();
  lost.addEventListener('abort', onLost, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      lost.removeEventListener('abort', onLost);
    },
  };
}
