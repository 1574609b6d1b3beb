// Waits for what comes true by itself, as long as a busy machine may need.
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves as soon as `isTrue` answers true. @throws Error after half a minute */
export async function eventually(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${isTrue}`);
    await sleep(20);
  }
}
