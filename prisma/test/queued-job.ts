// Begins and accepts uploads, for tests that need jobs and do not care how they came to be.
import { randomBytes } from 'node:crypto';
import { type AcceptedImage, type Database, type FetchedImage, newId } from '../src/index.ts';

/** An image as the door would hand it over. */
export function anImage(given: Partial<AcceptedImage> = {}): AcceptedImage {
  return {
    imageId: newId(),
    jobId: newId(),
    tenantId: newId(),
    bytes: 1234,
    sha256Hex: randomBytes(32).toString('hex'),
    fileName: 'plate.jpg',
    declaredMimeType: 'image/jpeg',
    format: 'jpeg',
    title: null,
    tags: [],
    options: {},
    requestId: 'req-1',
    webhookUrl: null,
    traceparent: null,
    contentDigestHex: null,
    path: null,
    isPublic: false,
    idempotency: null,
    ...given,
  };
}

export function beginUpload(db: Database, { imageId, tenantId }: AcceptedImage): Promise<void> {
  return db.uploads.begin({ id: imageId, tenantId, objectKey: `${tenantId}/original/${imageId}` });
}

/** Answers what was accepted; its job waits in the queue. */
export async function queueJob(db: Database, given: Partial<AcceptedImage> = {}): Promise<AcceptedImage> {
  const image = anImage(given);
  await beginUpload(db, image);
  const { outcome } = await db.uploads.accept(image);
  if (outcome !== 'accepted') throw new Error(`The upload was not accepted: ${outcome}.`);
  return image;
}

export function queueJobs(
  db: Database,
  count: number,
  given: Partial<AcceptedImage> = {},
): Promise<AcceptedImage[]> {
  return Promise.all(Array.from({ length: count }, () => queueJob(db, given)));
}

/** An image that is still to be fetched, as the door would hand it over. */
export function anImageToFetch(given: Partial<FetchedImage> = {}): FetchedImage {
  const { imageId, jobId, tenantId, title, tags, options, requestId, webhookUrl, traceparent } = anImage();
  const objectKey = `${tenantId}/original/${imageId}`;
  const sourceUrl = 'https://example.com/plate.jpg';
  const ids = { imageId, jobId, tenantId, objectKey, sourceUrl };
  const place = { path: null, isPublic: false };
  return {
    ...ids,
    ...place,
    title,
    tags,
    options,
    requestId,
    webhookUrl,
    traceparent,
    idempotency: null,
    ...given,
  };
}
