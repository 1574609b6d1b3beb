// The use case of the door for an image that a worker is to fetch: record → nudge. Nothing is called from here.
import { type Logger, originalKey } from '@tintype/core';
import { isDataError, newId, type TenantDatabase } from '@tintype/prisma';
import type { Asker } from './accept-upload.ts';
import type { Deps } from './deps.ts';
import { digestOf } from './digest-of.ts';
import { type JobFields, noFields, readAddress, readField } from './job-fields.ts';
import { admitUpload } from './limits/room.ts';
import { nudge } from './nudge.ts';
import { answerUnder, keyInUse, writeUnderKey } from './plugins/idempotency.ts';
import { type Job, presentAcceptedJob } from './schemas/job.ts';
import type { UrlJob } from './schemas/new-job.ts';

/** @throws AppError INVALID_REQUEST, URL_NOT_ALLOWED, IDEMPOTENCY_KEY_IN_USE, STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS */
export async function acceptUrl(
  body: UrlJob,
  { requestId, traceparent, rules, room, turn }: Asker,
  deps: Pick<Deps, 'nudges' | 'telemetry'> & {
    own: Pick<TenantDatabase, 'tenantId' | 'uploads' | 'admissions'>;
    log: Pick<Logger, 'debug'>;
  },
): Promise<Job> {
  const sourceUrl = readAddress('url', body.url, rules);
  const { title, tags, options, webhookUrl } = readFields(body, { rules });
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
      ...{ imageId, requestId, traceparent, sourceUrl, title, tags, options, webhookUrl, objectKey },
      jobId: id,
      idempotency: answerUnder(turn, fingerprintOfUrl(body)),
    }),
  ).catch(async (error) => {
    if (isDataError(error)) await giveBack();
    throw error;
  });
  if (acceptance.outcome === 'key-lost') {
    await giveBack();
    throw keyInUse();
  }
  nudge(deps.nudges, [{ id, generation: 0 }], { ...deps, traceparent });
  return presentAcceptedJob({ id, imageId, createdAt: acceptance.createdAt });
}

/** All that makes two such requests under one Idempotency-Key the same. */
export function fingerprintOfUrl(body: UrlJob): string {
  return digestOf({ ...body });
}

function readFields({ url: _url, ...rest }: UrlJob, { rules }: Pick<Asker, 'rules'>): JobFields {
  const fields = noFields();
  for (const field of Object.entries(rest)) readField(fields, field, rules);
  return fields;
}
