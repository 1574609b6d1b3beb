// What an object in the store is: read once from end to end in bounded memory, hashed and counted, and looked at no further than its
// first bytes.
import { createHash } from 'node:crypto';
import { AppError } from './errors.ts';
import type { ImageFormat } from './formats.ts';
import type { ObjectStore } from './object-store.ts';
import { SNIFF_BYTES, sniff } from './sniff.ts';

export interface StoredBytes {
  bytes: number;
  sha256Hex: string;
  /** Undefined: it is no image known here. */
  format: ImageFormat | undefined;
}

/** Undefined where there is no such object. @throws AppError OBJECT_STORE_UNAVAILABLE */
export async function describeStored(
  objectKey: string,
  objects: Pick<ObjectStore, 'open'>,
): Promise<StoredBytes | undefined> {
  const opened = await objects.open(objectKey);
  if (opened === undefined) return undefined;
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of opened.body as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      if (head.byteLength < SNIFF_BYTES) head = Buffer.concat([head, chunk.subarray(0, SNIFF_BYTES)]);
    }
  } catch (cause) {
    throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
  }
  return { bytes, sha256Hex: hash.digest('hex'), format: bytes === 0 ? undefined : sniff(head) };
}
