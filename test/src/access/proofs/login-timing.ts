// The time of a failed login does not tell whether there is such an account.
import { loginOrder, newEmail } from '../accounts.ts';
import { send } from '../http.ts';
import type { Proof } from '../proof.ts';

const PAIRS = 150;
const ROUNDS = 5;
const MOST_APART = 0.1;
const WRONG_PASSWORD = 'not the password of anybody';

export const loginTiming: Proof = {
  name: 'login-timing',
  says: `an unknown user and a wrong password take equally long, within ${MOST_APART * 100} %`,
  isAlone: true,
  run: async ({ service, accounts }) => {
    const { address } = service.withRedis[0];
    const { email } = await accounts.person();
    async function fail(who: string): Promise<number> {
      const answer = await send(address, loginOrder(who, WRONG_PASSWORD));
      if (answer.code !== 'INVALID_CREDENTIALS') throw new Error(`${answer.status} ${answer.text}`);
      return answer.ms;
    }
    const ratios: string[] = [];
    // Other programs on the machine disturb a round, and not every round in the same way.
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { unknown, wrong } = await measure(
        () => fail(newEmail()),
        () => fail(email),
      );
      const ratio = unknown / wrong;
      ratios.push(`${ratio.toFixed(3)} (${unknown.toFixed(1)} ms to ${wrong.toFixed(1)} ms)`);
      if (Math.abs(ratio - 1) <= MOST_APART) return { figure: figureOf(ratios), failures: [] };
    }
    return { figure: figureOf(ratios), failures: ['the medians are further apart than promised'] };
  },
};

function figureOf(ratios: readonly string[]): string {
  return `${PAIRS} pairs, medians of unknown user to wrong password ${ratios.join(', then ')}`;
}

/** One after the other, each as often first as second. */
async function measure(one: () => Promise<number>, other: () => Promise<number>) {
  const unknown: number[] = [];
  const wrong: number[] = [];
  await one();
  await other();
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair % 2 === 0) unknown.push(await one());
    wrong.push(await other());
    if (pair % 2 === 1) unknown.push(await one());
  }
  return { unknown: median(unknown), wrong: median(wrong) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
