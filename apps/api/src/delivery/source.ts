// What pictures are made of: an image's original, or a file that lay in the store before. Knows where it is and which version it is.
import { AppError, filesPrefix, type ObjectStore, type Presets } from '@tintype/core';
import type { ImageSummaryRow, TenantDatabase } from '@tintype/prisma';
import { findImage } from '../find-image.ts';
import { readPath } from '../image-fields.ts';
import type { DeliveryMemory } from './memory.ts';

export interface Source {
  /** Null: a file that is no image's. */
  imageId: string | null;
  sourceKey: string;
  /** Changes with its bytes. */
  version: string;
  /** Those that were asked for at upload. */
  derivatives: Presets;
}

type Own = Pick<TenantDatabase, 'tenantId' | 'images' | 'files'>;
type SourceDeps = { own: Own; memory: Pick<DeliveryMemory, 'sources'>; objects: Pick<ObjectStore, 'head'> };

/** @throws AppError IMAGE_NOT_FOUND, ORIGINAL_NOT_READY, ORIGINAL_UNAVAILABLE */
export async function sourceOfImage(
  id: string,
  { own, memory }: Omit<SourceDeps, 'objects'>,
): Promise<Source> {
  const imageId = id.toLowerCase();
  const source = await memory.sources.get(`${own.tenantId} image ${imageId}`, async () =>
    sourceOf(await findImage(imageId, own), own),
  );
  if (source === undefined) throw new AppError('IMAGE_NOT_FOUND');
  return source;
}

/** @throws AppError FILE_NOT_FOUND, ORIGINAL_NOT_READY, ORIGINAL_UNAVAILABLE, OBJECT_STORE_UNAVAILABLE */
export async function sourceOfFile(path: string, { own, memory, objects }: SourceDeps): Promise<Source> {
  expectPath(path);
  const source = await memory.sources.get(`${own.tenantId} file ${path}`, async () => {
    const { image, prefix } = await own.files.find(path);
    if (image !== undefined) return sourceOf(image, own);
    const sourceKey = `${prefix ?? filesPrefix(own.tenantId)}${path}`;
    const head = await objects.head(sourceKey);
    return head && { imageId: null, sourceKey, version: head.version, derivatives: {} };
  });
  if (source === undefined) throw new AppError('FILE_NOT_FOUND');
  return source;
}

/** Nothing can lie where no path leads. @throws AppError FILE_NOT_FOUND */
function expectPath(path: string): void {
  try {
    readPath(path);
  } catch (cause) {
    throw new AppError('FILE_NOT_FOUND', { cause });
  }
}

async function sourceOf({ id, objectKey, sha256, ...image }: ImageSummaryRow, own: Own): Promise<Source> {
  if (image.bytes === null || sha256 === null) throw await whyNoOriginal(id, own);
  return {
    imageId: id,
    sourceKey: objectKey,
    version: Buffer.from(sha256).toString('hex'),
    derivatives: image.derivatives as Presets,
  };
}

async function whyNoOriginal(id: string, { images }: Pick<Own, 'images'>): Promise<AppError> {
  return (await images.isFailed(id))
    ? new AppError('ORIGINAL_UNAVAILABLE')
    : new AppError('ORIGINAL_NOT_READY', { retryAfterSeconds: 1 });
}
