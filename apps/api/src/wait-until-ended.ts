// Waits for the end of what a worker does: hears of it at once, and looks now and then in case the news was lost.
import type { Deps } from './deps.ts';

const LOOK_AGAIN_MS = 2000;

interface Waiting<Seen> {
  timeoutMs: number;
  /** Aborts when nobody is there any more who waits. */
  signal: AbortSignal;
  look: () => Promise<Seen>;
  hasEnded: (seen: Seen) => boolean;
}

/** Answers what was seen last: an end, or not, where the time is over, the caller is gone or the process stops. */
export async function waitUntilEnded<Seen>(
  id: string,
  { timeoutMs, signal, look, hasEnded }: Waiting<Seen>,
  { finished }: Pick<Deps, 'finished'>,
): Promise<Seen> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = deadline - performance.now();
    // Listening begins before looking: no end can fall between the two.
    const stop = new AbortController();
    const heard = finished.wait(id, {
      timeoutMs: Math.max(0, Math.min(leftMs, LOOK_AGAIN_MS)),
      signal: AbortSignal.any([signal, stop.signal]),
    });
    const seen = await look();
    if (hasEnded(seen) || leftMs <= 0 || signal.aborted || finished.closed) {
      stop.abort();
      return seen;
    }
    await heard;
  }
}
