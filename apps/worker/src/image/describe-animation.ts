// Frames, loops and delays of what moves.
import type { Metadata } from '@tintype/core/contract';
import { known } from './known.ts';
import type { SharpHeader } from './read-header.ts';

const MAX_DELAYS = 1000;

/** Null for what does not move. Pages of a document, which have no delays, do not. */
export function describeAnimation(header: SharpHeader | undefined): Metadata['animation'] {
  const { pages = 1, delay: delays, loop } = header ?? {};
  if (pages < 2 || delays === undefined) return null;
  return known({
    frames: pages,
    loopCount: loop,
    durationMs: delays.reduce((sum, delay) => sum + delay, 0),
    delaysMs: delays.slice(0, MAX_DELAYS),
  });
}
