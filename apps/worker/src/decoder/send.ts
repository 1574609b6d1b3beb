// Writes one task to a decoder: the line, then exactly the announced bytes.
import type { Readable, Writable } from 'node:stream';
import { AppError } from '@tintype/core';
import type { Request } from './messages.ts';

/** A file and what is wanted of it: its bytes in memory, or a stream of exactly `bodyBytes` of them. */
export interface Task<Wish> extends Request<Wish> {
  body: Uint8Array | Readable;
  /** Ended its process before: no other image may wait behind it. */
  suspect?: boolean;
}

/**
 * `onBlocked` and `onDrained` frame the times in which the decoder, not the source, is waited for.
 * @throws AppError OBJECT_STORE_UNAVAILABLE, ORIGINAL_CORRUPT; the decoder then waits for bytes that never come
 */
export async function send<Wish>(
  { wish, body, bodyBytes }: Task<Wish>,
  input: Writable,
  { onBlocked, onDrained }: { onBlocked: () => void; onDrained: () => void },
): Promise<void> {
  // Corked: line and bytes leave in one call.
  input.cork();
  input.write(`${JSON.stringify({ wish, bodyBytes } satisfies Request<Wish>)}\n`);
  if (body instanceof Uint8Array) input.write(body);
  input.uncork();
  if (body instanceof Uint8Array) return;
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bodyBytes || input.destroyed) break;
      if (input.write(chunk)) continue;
      onBlocked();
      await drained(input);
      onDrained();
    }
  } catch (cause) {
    throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
  }
  if (bytes !== bodyBytes && !input.destroyed) throw new AppError('ORIGINAL_CORRUPT');
}

/** Resolves when more can be written, or when nothing can be written any more. */
async function drained(input: Writable): Promise<void> {
  if (input.destroyed) return;
  await new Promise<void>((resolve) => {
    const settle = () => {
      input.off('drain', settle).off('close', settle);
      resolve();
    };
    input.on('drain', settle).on('close', settle);
  });
}
