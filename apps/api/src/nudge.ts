// Tells the workers that something waits. Not awaited: the queue may hang or be gone, the reconciler finds it all the same.
import type { Logger, Nudge, NudgeSender } from '@tintype/core';
import type { Deps } from './deps.ts';

/** @param traceparent of the request that made what waits */
export function nudge(
  sender: NudgeSender,
  nudges: Nudge[],
  {
    traceparent,
    telemetry,
    log,
  }: Pick<Deps, 'telemetry'> & { traceparent: string | null; log: Pick<Logger, 'debug'> },
): void {
  if (nudges.length === 0) return;
  telemetry
    .within(traceparent, () => sender.send(nudges))
    .catch((err) => log.debug({ err, id: nudges[0]?.id }, 'nudge lost'));
}
