// When a delivery that failed is tried again. Decides, and writes nothing.

export interface FailedTry {
  /** Tries that failed before this one. */
  failures: number;
  /** What the receiver asked for by Retry-After, in milliseconds. */
  askedMs?: number | undefined;
}

const DAY_MS = 86_400_000;
/** So that what failed together does not come again together. */
const JITTER = 0.1;

/** Milliseconds to wait; null: the schedule is used up. A receiver may ask for more patience, up to a day, and not for less. */
export function nextPauseMs(
  { failures, askedMs = 0 }: FailedTry,
  scheduleSeconds: readonly number[],
): number | null {
  const seconds = scheduleSeconds[failures];
  if (seconds === undefined) return null;
  const plannedMs = seconds * 1000 * (1 - JITTER + 2 * JITTER * Math.random());
  return Math.max(plannedMs, Math.min(askedMs, DAY_MS));
}

/** The milliseconds of a Retry-After (RFC 9110, section 10.2.3): seconds or a date. Undefined for what is neither. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  // Date.parse takes much that is no date of HTTP.
  const at = /^[A-Z][a-z]+, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0);
}
