// A POST /v1/jobs under an Idempotency-Key that was answered before: read, compared, not stored, and given the same job.
import type { Multipart } from '@fastify/multipart';
import type { StoredAnswer, TenantDatabase } from '@tintype/prisma';
import { fingerprintOfUpload, type Uploader } from './accept-upload.ts';
import { hashFile } from './hash-file.ts';
import { readForm } from './read-form.ts';
import { readJob } from './read-job.ts';
import { DUPLICATE } from './reuse-job.ts';
import { type Job, presentAcceptedJob } from './schemas/job.ts';

/** The fingerprint of an upload whose file is not stored. @throws AppError; see {@link readForm} */
export async function rereadUpload(
  parts: AsyncIterable<Multipart>,
  { limit: { maxBytes }, rules }: Pick<Uploader, 'limit' | 'rules'>,
): Promise<string> {
  const form = await readForm(parts, {
    store: (part) => hashFile(part.file, maxBytes),
    discard: async () => undefined,
    rules,
  });
  return fingerprintOfUpload(form, form.stored);
}

/** The job of the first answer, as it was then; one that was there before that as it is now. @throws AppError JOB_NOT_FOUND */
export async function recallJob(
  { body, headers }: StoredAnswer,
  own: Pick<TenantDatabase, 'jobs' | 'derivatives'>,
): Promise<Job> {
  const { id, imageId, createdAt } = body as { id: string; imageId: string; createdAt: string };
  if (headers[DUPLICATE] !== undefined) return readJob(id, own);
  return presentAcceptedJob({ id, imageId, createdAt: new Date(createdAt) });
}
