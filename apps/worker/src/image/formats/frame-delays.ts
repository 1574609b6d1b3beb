// Delays of an animation's frames, as written and as browsers play them: a rule that began with GIF and that they apply to APNG and
// WebP as well.
import type { Header } from '../header.ts';
import { round } from '../round.ts';

type Animation = NonNullable<Header['animation']>;

const MAX_DELAYS = 1000;

/** Blink, Gecko and WebKit take a delay up to the first for a mistake, and wait the second. */
const MAX_MISTAKEN_MS = 10;
const INSTEAD_MS = 100;

export interface Delays {
  /** Frames seen so far. */
  frames: number;
  totalMs: number;
  playedMs: number;
  /** Of the first 1,000 frames. */
  firstMs: number[];
}

export function noDelays(): Delays {
  return { frames: 0, totalMs: 0, playedMs: 0, firstMs: [] };
}

export function addDelay(delays: Delays, delayMs: number): void {
  delays.frames += 1;
  delays.totalMs += delayMs;
  delays.playedMs += delayMs <= MAX_MISTAKEN_MS ? INSTEAD_MS : delayMs;
  if (delays.firstMs.length < MAX_DELAYS) delays.firstMs.push(round(delayMs, 3));
}

/** @param isComplete false: frames are missing, so that nothing is said about the sum */
export function describeDelays(
  delays: Delays,
  isComplete: boolean,
): Pick<Animation, 'durationMs' | 'playedDurationMs' | 'delaysMs'> {
  const sums = {
    durationMs: round(delays.totalMs, 3),
    playedDurationMs: round(delays.playedMs, 3),
  };
  return isComplete ? { ...sums, delaysMs: delays.firstMs } : { delaysMs: delays.firstMs };
}
