// A fixed number of decoders that share the images out. An image that ends its process ends nobody else's job: those that waited
// behind it are given to another decoder.
import type { Logger } from '@tintype/core';
import { type Decoder, type DecoderOptions, NotBegunError, startDecoder } from './decoder.ts';
import type { Found } from './messages.ts';
import type { Task } from './send.ts';

export interface DecoderPoolOptions extends DecoderOptions {
  size: number;
  /** Images that a decoder is given at once. One that finds its next image in its pipe need not be woken for it. */
  depth: number;
  /** A decoder is replaced after so many images. */
  recycleAfter: number;
  log: Logger;
  /** Decoders end again and again before they have begun: nothing here can be read, and no image is to blame. */
  onBroken: () => void;
}

export interface DecoderPool<Wish, Facts> {
  /** @throws AppError DECODER_CRASHED, DECODER_TIMEOUT, ORIGINAL_CORRUPT, OBJECT_STORE_UNAVAILABLE, and what its program throws */
  run(task: Task<Wish>): Promise<Found<Facts>>;
  pids(): number[];
  close(): void;
}

const MAX_STILLBORN = 10;

interface Place<Wish, Facts> {
  decoder: Decoder<Wish, Facts>;
  /** How much of the depth is taken. */
  taken: number;
}

export function createDecoderPool<Wish, Facts>(options: DecoderPoolOptions): DecoderPool<Wish, Facts> {
  const { size, depth, recycleAfter, log, onBroken } = options;
  type Seat = Place<Wish, Facts>;
  const places = new Set<Seat>();
  const waiting: { weight: number; take: (place: Seat) => void }[] = [];
  let closed = false;
  let stillborn = 0;

  function add(): void {
    // One that ended shortly before the pool was closed is not replaced shortly after.
    if (closed) return;
    const place: Seat = { decoder: startDecoder(options), taken: 0 };
    places.add(place);
    // Whoever dies is replaced, but not in a tight loop where none can start.
    const bornAt = Date.now();
    void place.decoder.gone.then(() => {
      places.delete(place);
      stillborn = place.decoder.ready ? 0 : stillborn + 1;
      if (stillborn === MAX_STILLBORN && !closed) onBroken();
      setTimeout(add, Date.now() - bornAt < 1000 ? 500 : 0);
    });
    serve();
  }

  function find(weight: number): Seat | undefined {
    const open = [...places].filter(
      ({ decoder, taken }) => !decoder.dead && decoder.count < recycleAfter && taken + weight <= depth,
    );
    return open.sort((a, b) => Number(b.decoder.ready) - Number(a.decoder.ready) || b.taken - a.taken)[0];
  }

  /** In the order they came: a heavy task is not overtaken for ever by light ones. */
  function serve(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const place = find(next.weight);
      if (place === undefined) return;
      waiting.shift();
      place.taken += next.weight;
      next.take(place);
    }
  }

  /** What streams, and what is suspected of ending its process, has a decoder to itself. */
  function weightOf({ body, suspect }: Task<Wish>): number {
    return body instanceof Uint8Array && suspect !== true ? 1 : depth;
  }

  async function runOnce(task: Task<Wish>): Promise<Found<Facts>> {
    const weight = weightOf(task);
    const place = await new Promise<Seat>((take) => {
      waiting.push({ weight, take });
      serve();
    });
    try {
      return await place.decoder.run(task);
    } finally {
      place.taken -= weight;
      if (place.taken === 0 && place.decoder.count >= recycleAfter) place.decoder.kill();
      serve();
    }
  }

  async function run(task: Task<Wish>): Promise<Found<Facts>> {
    for (;;) {
      try {
        return await runOnce(task);
      } catch (err) {
        if (!(err instanceof NotBegunError)) throw err;
        log.debug({ err }, 'decoder ended before this image, which is given to another');
      }
    }
  }

  for (let index = 0; index < size; index += 1) add();

  return {
    run,
    pids: () => [...places].flatMap(({ decoder }) => decoder.pid ?? []),
    close: () => {
      closed = true;
      for (const { decoder } of places) decoder.kill();
    },
  };
}
