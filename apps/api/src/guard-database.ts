// The database as requests see it: while it is known to be away every call fails at once, and those under way when it goes away fail in
// that moment. What was sent may have been written all the same.
import { AppError } from '@tintype/core';
import type { Database, DatabaseHealth } from '@tintype/prisma';

type Call = (...args: unknown[]) => Promise<unknown>;

/** Every method of every part rejects with DATABASE_UNAVAILABLE when `health` says so. */
export function guardDatabase({ ping, close, ...parts }: Database, health: DatabaseHealth): Database {
  function guard(call: Call): Call {
    return (...args) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(new AppError('DATABASE_UNAVAILABLE'));
        if (!health.isUp) return giveUp();
        const stop = health.onAway(giveUp);
        call(...args)
          .then((result) => {
            health.answered();
            resolve(result);
          }, reject)
          .finally(stop);
      });
  }
  const guardAll = (part: object) =>
    Object.fromEntries(Object.entries(part).map(([name, call]) => [name, guard(call)]));
  const guarded = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, guardAll(part)]));
  return { ...(guarded as unknown as typeof parts), ping, close };
}
