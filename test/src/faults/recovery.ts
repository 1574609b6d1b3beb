// How soon the normal rate was back, from the times at which jobs ended.
import type { Outcome } from './system.ts';

export interface Recovery {
  /** Until one second's completions were as many as usual again, or nothing was left to complete. */
  recoverySeconds: number | undefined;
  /** Until all jobs accepted before the fault's end had ended. */
  caughtUpSeconds: number | undefined;
  usualPerSecond: number | undefined;
}

/** The stretch before the fault that tells what is usual. */
const BASELINE_MS = 2000;
const WINDOW_MS = 1000;
/** A second's completions that count as the usual rate: seconds differ. */
const NORMAL_SHARE = 0.8;
const STEP_MS = 50;
const LONGEST_MS = 120_000;

export function recoveryOf(
  outcomes: readonly Outcome[],
  { beganAt, endedAt }: { beganAt?: number; endedAt?: number },
): Recovery {
  if (beganAt === undefined || endedAt === undefined)
    return { recoverySeconds: undefined, caughtUpSeconds: undefined, usualPerSecond: undefined };
  const done = outcomes.flatMap(({ createdAt, finishedAt }) =>
    finishedAt === null ? [] : [{ createdAt, finishedAt }],
  );
  const doneBetween = (from: number, to: number) =>
    done.filter(({ finishedAt }) => finishedAt >= from && finishedAt < to).length;
  const waitingAt = (time: number) =>
    outcomes.filter(
      ({ createdAt, finishedAt }) => createdAt < time && (finishedAt === null || finishedAt > time),
    ).length;
  const usual = (doneBetween(beganAt - BASELINE_MS, beganAt) / BASELINE_MS) * WINDOW_MS;

  let recoverySeconds: number | undefined;
  for (let ms = 0; ms < LONGEST_MS && recoverySeconds === undefined; ms += STEP_MS) {
    const from = endedAt + ms;
    const isNormal = doneBetween(from, from + WINDOW_MS) >= usual * NORMAL_SHARE;
    // A job or two are always under way.
    if (isNormal || waitingAt(from + WINDOW_MS) <= 3) recoverySeconds = ms / 1000;
  }
  const affected = outcomes.filter(({ createdAt }) => createdAt < endedAt);
  const last = Math.max(endedAt, ...affected.map(({ finishedAt }) => finishedAt ?? Number.POSITIVE_INFINITY));
  const caughtUpSeconds = Number.isFinite(last) ? (last - endedAt) / 1000 : undefined;
  return { recoverySeconds, caughtUpSeconds, usualPerSecond: usual };
}
