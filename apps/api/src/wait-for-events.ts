// Asks for events until there are some. Nothing announces them to everybody, so the table is asked again and again.
import type { EventQuery, EventRow, TenantDatabase } from '@tintype/prisma';
import type { Deps } from './deps.ts';

const LOOK_AGAIN_MS = 1000;

/** What was found; empty when the time is over, the caller is gone or the process stops. */
export async function waitForEvents(
  query: EventQuery,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  { own, finished }: Pick<Deps, 'finished'> & { own: Pick<TenantDatabase, 'events'> },
): Promise<EventRow[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const rows = await own.events.list(query);
    const leftMs = deadline - performance.now();
    if (rows.length > 0 || leftMs <= 0 || signal.aborted || finished.closed) return rows;
    // No job has this name: the waiting ends with the time, the caller or the process.
    await finished.wait('', { timeoutMs: Math.min(leftMs, LOOK_AGAIN_MS), signal });
  }
}
