// What every phase of the proof stands on.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Door } from '../faults/post-image.ts';
import type { Checks } from './checks.ts';
import type { Sent } from './ledger.ts';
import type { Stack } from './stack.ts';

export interface Proof extends Pick<Checks, 'check' | 'figure'> {
  stack: Stack;
  /** nginx, by the port it publishes, with a key. */
  door: Door;
  clients: number;
  /** What clients of earlier phases were promised. */
  promised: Sent[];
  /** A folder for what passes. */
  folder: string;
  say: (text: string) => void;
  signal: AbortSignal;
}

/**
 * Looks again and again until `look` throws nothing, and answers what it found.
 *
 * @throws what it threw last, when time is up
 */
export async function eventually<Found>(
  look: () => Promise<Found>,
  { atMostMs, signal }: { atMostMs: number; signal: AbortSignal },
): Promise<Found> {
  const deadline = Date.now() + atMostMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      signal.throwIfAborted();
      if (Date.now() > deadline) throw error;
    }
    await sleep(250, undefined, { signal });
  }
}

/** @throws Error that says what is so instead */
export function expectSame(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what} is ${one} instead of ${other}`);
}

export const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
