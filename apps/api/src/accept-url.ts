// The use case of the door for an image that a worker is to fetch: record → nudge. Nothing is called from here.
import { type Logger, originalKey } from '@tintype/core';
import { newId } from '@tintype/prisma';
import type { Asker } from './accept-upload.ts';
import type { Deps } from './deps.ts';
import { digestOf } from './digest-of.ts';
import { type JobFields, noFields, readAddress, readField } from './job-fields.ts';
import { nudge } from './nudge.ts';
import { keyInUse, writeUnderKey } from './plugins/idempotency.ts';
import { type Job, presentAcceptedJob } from './schemas/job.ts';
import type { UrlJob } from './schemas/new-job.ts';

/** @throws AppError INVALID_REQUEST, URL_NOT_ALLOWED, IDEMPOTENCY_KEY_IN_USE */
export async function acceptUrl(
  body: UrlJob,
  { tenantId, requestId, traceparent, rules, turn }: Asker,
  deps: Pick<Deps, 'db' | 'nudges' | 'telemetry'> & { log: Pick<Logger, 'debug'> },
): Promise<Job> {
  const sourceUrl = readAddress('url', body.url, rules);
  const { title, tags, options, webhookUrl } = readFields(body, { rules });
  const id = newId();
  const imageId = newId();
  const acceptance = await writeUnderKey(turn, () =>
    deps.db.uploads.acceptUrl({
      ...{ imageId, tenantId, requestId, traceparent, sourceUrl, title, tags, options, webhookUrl },
      jobId: id,
      objectKey: originalKey(tenantId, imageId),
      idempotency: turn === undefined ? null : { ...turn.hold, fingerprintHex: fingerprintOfUrl(body) },
    }),
  );
  if (acceptance.outcome === 'key-lost') throw keyInUse();
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
