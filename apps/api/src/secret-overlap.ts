// How long the old secret of a webhook signs beside the new one.
const DEFAULT_OVERLAP_HOURS = 24;
const HOUR_MS = 3_600_000;

export function overlapMsOf(rotation: { overlapHours?: number } | null): number {
  return (rotation?.overlapHours ?? DEFAULT_OVERLAP_HOURS) * HOUR_MS;
}
