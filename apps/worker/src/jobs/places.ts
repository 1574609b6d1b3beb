// Keeps one slow kind of job from filling a worker: what finds no place comes again when it would be its turn.
import { AppError } from '@tintype/core';

/** @throws AppError OVERLOADED with the given message and the time to come again, when `most` are under way already */
export type TakePlace = <Result>(action: () => Promise<Result>) => Promise<Result>;

/** Until one has ended. */
const FIRST_MEAN_MS = 1000;
/** Weight of the latest in the mean. */
const LATEST = 0.2;
/** A backlog of thousands must not come again every second, and none may sleep while places are free for long. */
const MAX_LATER_MS = 60_000;

export function createPlaces(most: number, message: string): TakePlace {
  let taken = 0;
  let meanMs = FIRST_MEAN_MS;
  /** When the next that is sent away may come back: as if they queued outside. */
  let nextAt = 0;

  function later(): AppError {
    const now = performance.now();
    const eachMs = meanMs / most;
    nextAt = Math.min(Math.max(nextAt, now) + eachMs, now + MAX_LATER_MS);
    // What is added and taken away again may come out a little larger.
    return new AppError('OVERLOADED', {
      message,
      retryAfterSeconds: Math.min(nextAt - now, MAX_LATER_MS) / 1000,
    });
  }

  return async (action) => {
    if (taken >= most) throw later();
    taken += 1;
    const begunAt = performance.now();
    try {
      return await action();
    } finally {
      taken -= 1;
      meanMs += LATEST * (performance.now() - begunAt - meanMs);
    }
  };
}
