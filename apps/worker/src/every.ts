// Runs a round again and again: the pause begins when the round has ended, and an error only ends its own round.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Repeating {
  /** Resolves when the round that runs has ended. */
  stop(): Promise<void>;
}

export function every(
  pauseMs: number,
  round: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Repeating {
  const stopped = new AbortController();
  async function repeat(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch(onError);
      await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }
  const ended = repeat();
  return {
    stop: () => {
      stopped.abort();
      return ended;
    },
  };
}
