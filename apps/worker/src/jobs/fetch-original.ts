// Brings what a decoder needs of an original: the header alone where the format keeps all of it in front and nothing else is wanted,
// else the whole file.
import type { Readable } from 'node:stream';
import { AppError } from '@tintype/core';
import type { Deps } from '../deps.ts';
import type { InspectWishes } from '../image/file-facts.ts';
import { jpegHeaderEnd } from '../image/jpeg-header.ts';
import type { StoredJob } from './fetch-url.ts';

export interface FetchedOriginal {
  body: Uint8Array | Readable;
  bodyBytes: number;
  /** The same once more, where `body` is a stream. */
  again?: () => Promise<Readable>;
}

/** First looks at a JPEG: nearly all headers fit the first, those with large profiles or previews the second. */
const HEAD_BYTES = [64 * 1024, 1024 * 1024];

/** Decoders look a little way into the pixels before they believe a header. */
const SCAN_BYTES = 1024;

/** A whole file up to this size is read into memory while a decoder is still busy; a larger one streams into it. */
const PREFETCH_BYTES = 1024 * 1024;

/** @throws AppError ORIGINAL_MISSING, ORIGINAL_CORRUPT, OBJECT_STORE_UNAVAILABLE */
export async function fetchOriginal(
  { objectKey, stored }: Pick<StoredJob, 'objectKey' | 'stored'>,
  { profile, pixels }: InspectWishes,
  { objects }: Pick<Deps, 'objects'>,
): Promise<FetchedOriginal> {
  const { bytes, format } = stored;

  async function readFirst(count: number): Promise<Buffer> {
    const head = await objects.read(objectKey, count);
    if (head === undefined) throw new AppError('ORIGINAL_MISSING');
    if (head.length !== count) throw new AppError('ORIGINAL_CORRUPT');
    return head;
  }

  const headIsEnough = format === 'jpeg' && profile === 'fast' && !pixels;
  for (const count of headIsEnough ? HEAD_BYTES.filter((size) => size < bytes) : []) {
    const head = await readFirst(count);
    const end = jpegHeaderEnd(head);
    if (end !== undefined) return all(head.subarray(0, end + SCAN_BYTES));
  }
  if (bytes <= PREFETCH_BYTES) return all(await readFirst(bytes));
  async function open(): Promise<Readable> {
    const object = await objects.open(objectKey);
    if (object === undefined) throw new AppError('ORIGINAL_MISSING');
    return object.body;
  }
  return { body: await open(), bodyBytes: bytes, again: open };
}

function all(body: Buffer): FetchedOriginal {
  return { body, bodyBytes: body.length };
}
