// Streams one file into the object store: sniffed before the first byte is stored, hashed and counted on the way, and gone
// without a trace when anything fails.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from './errors.ts';
import { type ImageFormat, mimeTypeOf } from './formats.ts';
import type { ObjectStore } from './object-store.ts';
import { readAhead } from './read-ahead.ts';
import { SNIFF_BYTES, sniff } from './sniff.ts';

/** What fits in here is stored by one call; what does not is streamed. */
const SMALL_BYTES = 256 * 1024;

export interface Upload {
  id: string;
  objectKey: string;
}

export interface StoredUpload {
  format: ImageFormat;
  bytes: number;
  sha256Hex: string;
}

export interface UploadDeps {
  /** The memory of the tenant's objects that nothing refers to yet. */
  uploads: { begin(upload: Upload): Promise<void>; abandon(id: string): Promise<void> };
  objects: Pick<ObjectStore, 'put' | 'putStream' | 'remove'>;
}

/**
 * An error of `file` is thrown as it is.
 * @throws AppError NOT_AN_IMAGE, EMPTY_FILE, IMAGE_TOO_LARGE, UPLOAD_ABORTED, OBJECT_STORE_UNAVAILABLE
 */
export async function storeUpload(
  file: Readable,
  { maxBytes, ...upload }: Upload & { maxBytes: number },
  deps: UploadDeps,
): Promise<StoredUpload> {
  const { uploads, objects } = deps;
  const hash = createHash('sha256');
  let bytes = 0;
  function take(chunk: Uint8Array): void {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    hash.update(chunk);
  }

  const head = await readAhead(file, SNIFF_BYTES, take);
  if (bytes === 0) throw new AppError('EMPTY_FILE');
  const format = sniff(
    head.chunks.length === 1 ? (head.chunks[0] as Uint8Array) : Buffer.concat(head.chunks),
  );
  if (format === undefined) throw new AppError('NOT_AN_IMAGE');

  const { objectKey } = upload;
  const contentType = mimeTypeOf(format);
  // The row must be there before the object is, but may be written while more of the file arrives.
  const begun = uploads.begin(upload);
  begun.catch(() => undefined);
  try {
    const rest = head.ended ? head : await readAhead(file, SMALL_BYTES - bytes, take);
    const chunks = head.ended ? head.chunks : [...head.chunks, ...rest.chunks];
    await begun;
    if (rest.ended) {
      const sha256Hex = hash.digest('hex');
      await objects.put(objectKey, chunks, { contentType, sha256Hex });
      return { format, bytes, sha256Hex };
    }
    await objects.putStream(objectKey, follow(chunks, file, take), { contentType });
    return { format, bytes, sha256Hex: hash.digest('hex') };
  } catch (error) {
    // Without the row nothing was stored, and a database that is away is not asked twice.
    const hasBegun = await begun.then(
      () => true,
      () => false,
    );
    // A store that did not answer may yet finish what it was sent: the row stays, and the sweep looks again.
    const mayYetArrive = error instanceof AppError && error.code === 'OBJECT_STORE_UNAVAILABLE';
    if (hasBegun && !mayYetArrive) await discardUpload(upload, deps);
    if (hasBegun && mayYetArrive) await objects.remove(objectKey).catch(() => undefined);
    throw error;
  }
}

/** Removes what {@link storeUpload} stored. What can't be removed now is left to the sweep. */
export async function discardUpload(
  { id, objectKey }: Upload,
  { uploads, objects }: UploadDeps,
): Promise<void> {
  try {
    await objects.remove(objectKey);
    await uploads.abandon(id);
  } catch {
    // The row of the upload stays, and with it the memory of the object.
  }
}

async function* follow(
  chunks: Uint8Array[],
  file: Readable,
  take: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  yield* chunks.splice(0);
  for await (const chunk of file) {
    take(chunk);
    yield chunk;
  }
}

/** @param whose limit it is */
export function tooLarge(maxBytes: number, whose: 'service' | 'plan' = 'service'): AppError {
  const who = whose === 'plan' ? 'your plan allows' : 'this service accepts';
  return new AppError('IMAGE_TOO_LARGE', {
    message: `The file is larger than the ${maxBytes} bytes ${who}.`,
  });
}
