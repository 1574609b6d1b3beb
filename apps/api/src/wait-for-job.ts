// Waits until a job has ended: hears of it at once, and looks at the row now and then in case the news was lost.
import type { TenantDatabase } from '@tintype/prisma';
import type { Deps } from './deps.ts';

const LOOK_AGAIN_MS = 2000;

/** Resolves true when the job has ended, false when the time is over, the caller is gone or the process stops. */
export async function waitForJob(
  id: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  { own, finished }: Pick<Deps, 'finished'> & { own: Pick<TenantDatabase, 'jobs'> },
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = deadline - performance.now();
    // Listening begins before looking: no end can fall between the two.
    const stop = new AbortController();
    const heard = finished.wait(id, {
      timeoutMs: Math.max(0, Math.min(leftMs, LOOK_AGAIN_MS)),
      signal: AbortSignal.any([signal, stop.signal]),
    });
    if (await own.jobs.isFinished(id)) {
      stop.abort();
      return true;
    }
    if (leftMs <= 0 || signal.aborted || finished.closed) return false;
    await heard;
  }
}
