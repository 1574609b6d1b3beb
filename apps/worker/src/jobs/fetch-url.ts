// Brings the image of a job that came as an URL: downloaded under the rules for outgoing requests into an object that is the image's
// own from then on. Whatever goes wrong, nothing is left behind that the sweep does not know of.
import { AppError, discardUpload, fetchedKey, storeUpload, type UploadDeps } from '@tintype/core';
import { type ClaimedJob, newId, type StoredFile } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { type FileLimits, readFileLimits } from '../fetch/file-limits.ts';
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
 * @throws AppError URL_*, NOT_AN_IMAGE, EMPTY_FILE, IMAGE_TOO_LARGE, STORAGE_QUOTA_EXCEEDED, OBJECT_STORE_UNAVAILABLE
 */
export async function fetchUrl(
  job: ClaimedJob,
  { config, lost }: FetchUrlOptions,
  deps: Pick<Deps, 'db' | 'objects' | 'fetchAgent'>,
): Promise<StoredJob | undefined> {
  const { id, attempt, tenantId, imageId, sourceUrl } = job;
  if (sourceUrl === null) throw new AppError('ORIGINAL_MISSING');
  const upload = { id: newId(), objectKey: fetchedKey(tenantId, imageId, attempt) };
  const { uploads, admissions } = deps.db.of(tenantId);
  const stores = { uploads, objects: deps.objects };
  const limits = await readFileLimits(admissions, config);
  const time = limitTime(config.fetchTimeoutMs, lost);
  try {
    const wanted = { allow: config.outgoingAllow, upload, limits, signal: time.signal };
    const found = await download(sourceUrl, wanted, { ...deps, stores });
    await limits.admit(upload.id, found.stored.bytes).catch(async (error) => {
      await discardUpload(upload, stores);
      throw error;
    });
    // If this throws, it may have been written all the same: the object stays, known to the image or to the upload's row.
    if (await deps.db.work.fetched({ id, attempt, uploadId: upload.id, ...found.stored, ...found.names }))
      return { ...job, objectKey: upload.objectKey, stored: found.stored, ...found.names };
    await discardUpload(upload, stores);
    return undefined;
  } finally {
    time.end();
  }
}

interface Download {
  allow: readonly string[];
  upload: { id: string; objectKey: string };
  limits: Pick<FileLimits, 'maxBytes' | 'explain'>;
  signal: AbortSignal;
}

async function download(
  sourceUrl: string,
  { allow, upload, limits: { maxBytes, explain }, signal }: Download,
  { stores, fetchAgent: agent }: Pick<Deps, 'fetchAgent'> & { stores: UploadDeps },
): Promise<{ stored: StoredFile; names: Pick<ClaimedJob, 'fileName' | 'declaredMimeType'> }> {
  const { body, ...names } = await openUrl(sourceUrl, { agent, allow, maxBytes, signal }).catch((error) => {
    throw explain(error);
  });
  let ofSource: unknown;
  body.on('error', (error) => {
    ofSource = error;
  });
  try {
    return { stored: await storeUpload(body, { ...upload, maxBytes }, stores), names };
  } catch (error) {
    // The database and the object store have errors of their own that look like those of a far server.
    const isOfSource = error === ofSource || (error instanceof AppError && error.code === 'UPLOAD_ABORTED');
    throw isOfSource ? brokenOff(error) : explain(error);
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
