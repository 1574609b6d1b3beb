// Reads a file to its end without keeping it.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from '@tintype/core';

/** Answers the SHA-256, hexadecimal. @throws AppError IMAGE_TOO_LARGE */
export async function hashFile(file: Readable, maxBytes: number): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of file) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new AppError('IMAGE_TOO_LARGE');
    hash.update(chunk);
  }
  return hash.digest('hex');
}
