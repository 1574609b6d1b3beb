// Waiting by asking again: on a busy machine nothing else is true.
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is wanted. After `timeoutMs` it answers the last one all the same, for the assertion to show. */
export async function eventually<Result>(
  ask: () => Result | Promise<Result>,
  isWanted: (answer: Result) => boolean,
  timeoutMs = 20_000,
): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > deadline) return answer;
    await sleep(20);
  }
}
