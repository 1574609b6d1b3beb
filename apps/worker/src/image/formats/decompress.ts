// Decompression of what stands inside a file, with an end to it: a kilobyte can stand for a megabyte, and a file can have a thousand of them.
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type Header, malformed, textLimit, warnOnce } from '../header.ts';

/** Largest text that is decompressed. */
export const MAX_TEXT_BYTES = 1024 * 1024;
/** Largest profile: those of printers are tables of some megabytes. */
export const MAX_PROFILE_BYTES = 4 * 1024 * 1024;

const METHODS = {
  deflate: inflateSync,
  'deflate-raw': inflateRawSync,
  gzip: gunzipSync,
  brotli: brotliDecompressSync,
} as const;

export type Decompression = keyof typeof METHODS;

/** Undefined, with a warning, where it is too long or no such stream. @param field what the document has of it */
export function decompress(
  compressed: Uint8Array,
  method: Decompression,
  header: Header,
  { field, maxBytes = MAX_TEXT_BYTES }: { field: string; maxBytes?: number },
): Uint8Array | undefined {
  try {
    // Some writers leave the checksum at the end out: what comes before it is taken.
    const lenient = method === 'brotli' ? {} : { finishFlush: constants.Z_SYNC_FLUSH };
    return METHODS[method](compressed, { maxOutputLength: maxBytes, ...lenient });
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const damaged = malformed('Something compressed in the file can not be decompressed.', field);
    warnOnce(header, isTooLong ? textLimit(field) : damaged);
    return undefined;
  }
}
