// Reads the beginning of a stream by its events, which costs half of an async iterator, and leaves the rest in it.
import type { Readable } from 'node:stream';
import { AppError } from './errors.ts';

export interface Beginning {
  chunks: Uint8Array[];
  /** The stream has ended: there is no rest. */
  ended: boolean;
}

/**
 * Resolves when at least `bytes` have arrived or the stream has ended; `take` sees each chunk and may throw.
 * @throws the stream's own error; AppError UPLOAD_ABORTED when it closes before its end without one
 */
export function readAhead(
  stream: Readable,
  bytes: number,
  take: (chunk: Uint8Array) => void,
): Promise<Beginning> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let wanted = bytes;

    const settle = (action: () => void) => {
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      stream.pause();
      action();
    };
    const onData = (chunk: Uint8Array) => {
      try {
        take(chunk);
      } catch (error) {
        return settle(() => reject(error));
      }
      chunks.push(chunk);
      wanted -= chunk.byteLength;
      if (wanted <= 0) settle(() => resolve({ chunks, ended: false }));
    };
    const onEnd = () => settle(() => resolve({ chunks, ended: true }));
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new AppError('UPLOAD_ABORTED')));

    if (stream.readableEnded) return resolve({ chunks, ended: true });
    if (stream.destroyed) return reject(stream.errored ?? new AppError('UPLOAD_ABORTED'));
    stream.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    stream.resume();
  });
}
