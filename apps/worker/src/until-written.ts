// What is done must be written down, or it is done again: while PostgreSQL is away, the result waits for it.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable } from '@tintype/prisma';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Writes, and while PostgreSQL is away again and again. Undefined: `lost` aborted meanwhile; the work belongs to somebody else.
 * @throws what PostgreSQL would refuse again
 */
export async function untilWritten<Result>(
  write: () => Promise<Result>,
  lost: AbortSignal,
): Promise<Result | undefined> {
  for (let pauseMs = FIRST_PAUSE_MS; !lost.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      await sleep(pauseMs, undefined, { signal: lost }).catch(() => undefined);
    }
  }
  return undefined;
}
