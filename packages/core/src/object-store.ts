// The port to the object store: what api and worker need of it, whatever stands behind. Adapters: S3, files.
import type { Readable } from 'node:stream';

/** Bytes in order; several buffers save a copy. */
export type Chunks = readonly Uint8Array[];

export interface OpenedObject {
  body: Readable;
  /** Size of the whole object, not of the range. */
  totalBytes: number;
}

/** First and last byte, both included, as in RFC 9110, section 14.1.2. */
export interface ByteRange {
  first: number;
  last: number;
}

export interface StoredObject {
  key: string;
  modifiedAt: Date;
}

/** What is known of an object without its bytes. */
export interface ObjectHead {
  bytes: number;
  /** Another one whenever the bytes are others: the ETag of S3, or size and time of a file. */
  version: string;
  /** As it was said when it was stored; a folder of files does not remember it. */
  contentType?: string;
}

/** A request that somebody else sends, exactly as it stands here. */
export interface PresignedPut {
  url: string;
  headers: Record<string, string>;
}

export interface ObjectStore {
  /**
   * Stores a small object that is in memory. Durable when it resolves.
   * @throws AppError OBJECT_STORE_UNAVAILABLE
   */
  put(key: string, chunks: Chunks, about: { contentType: string; sha256Hex: string }): Promise<void>;
  /**
   * Stores an object of unknown size while it arrives, in bounded memory. An error of `source` is thrown as it is and
   * leaves no object behind.
   * @throws AppError OBJECT_STORE_UNAVAILABLE
   */
  putStream(key: string, source: AsyncIterable<Uint8Array>, about: { contentType: string }): Promise<void>;
  /** Opens an object, or a range of it. Undefined where there is none. @throws AppError OBJECT_STORE_UNAVAILABLE */
  open(key: string, range?: ByteRange): Promise<OpenedObject | undefined>;
  /**
   * Reads the first `bytes` bytes of an object into memory, or all of a shorter one. Undefined where there is none.
   * @throws AppError OBJECT_STORE_UNAVAILABLE
   */
  read(key: string, bytes: number): Promise<Buffer | undefined>;
  /** Undefined where there is none. @throws AppError OBJECT_STORE_UNAVAILABLE */
  head(key: string): Promise<ObjectHead | undefined>;
  /**
   * Copies an object as it is now, without its bytes coming here where the store can do it: whoever writes to the first later does not change
   * the second. False where there is none to copy.
   * @throws AppError OBJECT_STORE_UNAVAILABLE
   */
  copy(from: string, to: string): Promise<boolean>;
  /**
   * Lets somebody without credentials store one object of exactly this size and type, for a while; the store refuses any other. Only where
   * clients can reach the store. Nothing is asked of it here.
   */
  presignPut?(
    key: string,
    about: { bytes: number; contentType: string; expiresInSeconds: number },
  ): Promise<PresignedPut>;
  /** Removes an object; one that does not exist counts as removed. @throws AppError OBJECT_STORE_UNAVAILABLE */
  remove(key: string): Promise<void>;
  /**
   * Every object there is, page by page, in no particular order. What is stored or removed meanwhile may be left out or named.
   * @throws AppError OBJECT_STORE_UNAVAILABLE
   */
  list(): AsyncIterable<StoredObject>;
  /** Rejects when the store does not answer. @throws AppError OBJECT_STORE_UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const OBJECT_STORE_PROTOCOLS = ['s3:', 'file:'] as const;

/**
 * Opens the store behind an URL:
 * `s3://bucket/prefix?region=eu-west-1&endpoint=https://…&pathStyle=true&largeUploads=32&publicEndpoint=https://…` or
 * `file:///folder?fsync=true`.
 */
export async function openObjectStore(url: string): Promise<ObjectStore> {
  // The SDK takes 40 MB: only who uses it loads it.
  if (url.startsWith('s3:')) return (await import('./object-store-s3.ts')).openS3Store(url);
  return (await import('./object-store-file.ts')).openFileStore(url);
}
