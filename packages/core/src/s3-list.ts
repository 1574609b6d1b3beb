// The keys of an S3 bucket below the store's prefix, page by page.
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { AppError } from './errors.ts';
import type { StoredObject } from './object-store.ts';
import type { S3Location } from './s3-location.ts';

/** As many as S3 gives at most. */
const PAGE_SIZE = 1000;

/** @throws AppError OBJECT_STORE_UNAVAILABLE */
export async function* listObjects(
  { client, bucket, fullKey }: S3Location,
  pageSize = PAGE_SIZE,
): AsyncGenerator<StoredObject> {
  const prefix = fullKey('');
  const pages = paginateListObjectsV2({ client, pageSize }, { Bucket: bucket, Prefix: prefix });
  try {
    for await (const { Contents = [] } of pages) {
      for (const { Key, LastModified } of Contents)
        if (Key !== undefined && LastModified !== undefined)
          yield { key: Key.slice(prefix.length), modifiedAt: LastModified };
    }
  } catch (cause) {
    throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
  }
}
