// The use case of the door for an image that a worker is to fetch: record → nudge. Nothing is called from here.
import { AppError, type Logger, originalKey } from '@tintype/core';
import { isDataError, newId, type TenantDatabase } from '@tintype/prisma';
import type { Asker } from './accept-upload.ts';
import type { Deps } from './deps.ts';
import { digestOf } from './digest-of.ts';
import { readAddress, readFields } from './job-fields.ts';
import { jobOptionsOf } from './job-options.ts';
import { admitUpload } from './limits/room.ts';
import { nudge } from './nudge.ts';
import { answerUnder, keyInUse, writeUnderKey } from './plugins/idempotency.ts';
import { type Job, presentAcceptedJob } from './schemas/job.ts';
import type { UrlJob } from './schemas/new-job.ts';

/** @throws AppError INVALID_REQUEST, URL_NOT_ALLOWED, IDEMPOTENCY_KEY_IN_USE, STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS, PATH_TAKEN */
export async function acceptUrl(
  body: UrlJob,
  { requestId, traceparent, rules, room, turn, defaults }: Asker,
  deps: Pick<Deps, 'nudges' | 'telemetry'> & {
    own: Pick<TenantDatabase, 'tenantId' | 'uploads' | 'admissions'>;
    log: Pick<Logger, 'debug'>;
  },
): Promise<Job> {
  const { url, ...rest } = body;
  const sourceUrl = readAddress('url', url, rules);
  const fields = readFields(rest, rules);
  const { title, tags, path, isPublic, webhookUrl } = fields;
  const options = jobOptionsOf(fields, defaults);
  const { tenantId, uploads } = deps.own;
  // What can't be given back now is swept.
  const giveBack = async () => {
    if (room !== undefined) await uploads.abandon(imageId).catch(() => undefined);
  };
  const id = newId();
  const imageId = newId();
  const objectKey = originalKey(tenantId, imageId);
  await admitUpload(room, { uploadId: imageId, bytes: 0, objectKey }, deps.own);
  const acceptance = await writeUnderKey(turn, () =>
    uploads.acceptUrl({
      ...{ imageId, requestId, traceparent, sourceUrl, title, tags, webhookUrl, objectKey },
      ...{ path, isPublic, options },
      jobId: id,
      idempotency: answerUnder(turn, fingerprintOfUrl(body)),
    }),
  ).catch(async (error) => {
    if (isDataError(error)) await giveBack();
    throw error;
  });
  if (acceptance.outcome !== 'accepted') {
    await giveBack();
    throw acceptance.outcome === 'key-lost' ? keyInUse() : new AppError('PATH_TAKEN');
  }
  nudge(deps.nudges, [{ id, generation: 0 }], { ...deps, traceparent });
  return presentAcceptedJob({ id, imageId, createdAt: acceptance.createdAt });
}

/** All that makes two such requests under one Idempotency-Key the same. */
export function fingerprintOfUrl(body: UrlJob): string {
  return digestOf({ ...body });
}
