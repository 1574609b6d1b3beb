// What derivatives are made of: an image's original, or a file that is no image's and of which nothing is known before it is read.
import type { Readable } from 'node:stream';
import { AppError, type ImageFormat, SNIFF_BYTES, sniff } from '@tintype/core';
import type { ClaimedDerivative } from '@tintype/prisma';
import type { Deps } from '../deps.ts';

/** All of a file: its bytes, or a stream of exactly `bodyBytes` of them. */
export interface Source {
  body: Uint8Array | Readable;
  bodyBytes: number;
  /** What it was found to be. */
  file: { format: ImageFormat };
}

/** @throws AppError ORIGINAL_MISSING, ORIGINAL_CORRUPT, NOT_RENDERABLE, IMAGE_TOO_LARGE, OBJECT_STORE_UNAVAILABLE */
export type ReadSource = () => Promise<Source>;

/** Up to this size a file is read into memory, an original once for all that is made of it; a larger one streams to whoever renders it. */
const IN_MEMORY_BYTES = 8 * 1024 * 1024;

interface SourceOptions {
  /** Larger files are not rendered. */
  maxBytes: number;
}

export function readSourceOf(
  { imageId, sourceKey, source }: Pick<ClaimedDerivative, 'imageId' | 'sourceKey' | 'source'>,
  { maxBytes }: SourceOptions,
  { objects }: Pick<Deps, 'objects'>,
): ReadSource {
  async function open(bytes: number): Promise<Readable> {
    const object = await objects.open(sourceKey);
    if (object === undefined) throw new AppError('ORIGINAL_MISSING');
    if (object.totalBytes === bytes) return object.body;
    object.body.destroy();
    throw new AppError('ORIGINAL_CORRUPT');
  }

  async function read(bytes: number, file: Source['file']): Promise<Source> {
    if (bytes > maxBytes) throw new AppError('IMAGE_TOO_LARGE');
    if (bytes > IN_MEMORY_BYTES) return { body: await open(bytes), bodyBytes: bytes, file };
    const body = await objects.read(sourceKey, bytes);
    if (body === undefined) throw new AppError('ORIGINAL_MISSING');
    if (body.length !== bytes) throw new AppError('ORIGINAL_CORRUPT');
    return { body, bodyBytes: bytes, file };
  }

  async function readFile(): Promise<Source> {
    const head = await objects.head(sourceKey);
    if (head === undefined) throw new AppError('ORIGINAL_MISSING');
    const first = await objects.read(sourceKey, SNIFF_BYTES);
    if (first === undefined) throw new AppError('ORIGINAL_MISSING');
    const format = sniff(first);
    if (format === undefined) throw new AppError('NOT_RENDERABLE');
    return read(head.bytes, { format });
  }

  async function readOriginal(): Promise<Source> {
    // One that was not wanted has no file any more.
    if (source === null) throw new AppError('ORIGINAL_MISSING');
    return read(source.bytes, { format: source.format as ImageFormat });
  }

  let shared: Promise<Source> | undefined;
  return () => {
    if (imageId === null) return readFile();
    if (source === null || source.bytes > IN_MEMORY_BYTES) return readOriginal();
    shared ??= readOriginal().catch((error) => {
      shared = undefined;
      throw error;
    });
    return shared;
  };
}
