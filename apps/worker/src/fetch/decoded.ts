// Undoes the encoding of an answer's body. It was not asked for: some servers compress all the same.
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What is encoded in a way that is not known here stays as it is: its bytes are no image. */
export function decoded(body: Readable, encoding: string | string[] | undefined): Readable {
  const decoder =
    DECODERS[
      String(encoding ?? '')
        .trim()
        .toLowerCase()
    ]?.();
  // The decoder's own errors, and those of the body, come out of what is answered.
  return decoder === undefined ? body : pipeline(body, decoder, () => undefined);
}
