// A fixed number of decoders, each with one image at a time, so that an image that ends its process ends nobody else's job.
import type { Logger, Metadata } from '@tintype/core';
import { type Decoder, type DecodeTask, startDecoder } from './decoder.ts';

export interface DecoderPoolOptions {
  size: number;
  memoryBytes: number;
  timeoutMs: number;
  /** A decoder is replaced after so many images. */
  recycleAfter: number;
  log: Logger;
}

export interface DecoderPool {
  /** @throws AppError DECODER_CRASHED, DECODER_TIMEOUT, ORIGINAL_CORRUPT, IMAGE_UNREADABLE */
  inspect(task: DecodeTask): Promise<Metadata>;
  pids(): number[];
  close(): void;
}

export function createDecoderPool(options: DecoderPoolOptions): DecoderPool {
  const { size, recycleAfter, log } = options;
  const alive = new Set<Decoder>();
  const idle: Decoder[] = [];
  const waiting: ((decoder: Decoder) => void)[] = [];
  let closed = false;

  function add(): void {
    const decoder = startDecoder(options);
    alive.add(decoder);
    // Whoever dies is replaced, but not in a tight loop where none can start.
    const bornAt = Date.now();
    void decoder.gone.then(() => {
      alive.delete(decoder);
      const index = idle.indexOf(decoder);
      if (index !== -1) idle.splice(index, 1);
      if (!closed) setTimeout(add, Date.now() - bornAt < 1000 ? 500 : 0);
    });
    offer(decoder);
  }

  function offer(decoder: Decoder): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(decoder);
    else next(decoder);
  }

  async function inspect(task: DecodeTask): Promise<Metadata> {
    const decoder = idle.shift() ?? (await new Promise<Decoder>((resolve) => waiting.push(resolve)));
    try {
      return await decoder.run(task);
    } catch (err) {
      log.debug({ err, decoder: decoder.pid }, 'decoder');
      throw err;
    } finally {
      if (decoder.count >= recycleAfter) decoder.kill();
      else if (alive.has(decoder) && !decoder.dead) offer(decoder);
    }
  }

  for (let index = 0; index < size; index += 1) add();

  return {
    inspect,
    pids: () => [...alive].flatMap(({ pid }) => pid ?? []),
    close: () => {
      closed = true;
      for (const decoder of alive) decoder.kill();
    },
  };
}
