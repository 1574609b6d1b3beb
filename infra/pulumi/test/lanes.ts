// Tries all mutants, on as many processes as there are cores.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './mutate.ts';

const LANE = fileURLToPath(new URL('./mutant-lane.js', import.meta.url));

/** @param told is called with each verdict */
export async function tryMutants(told: (verdict: Verdict) => void): Promise<Verdict[]> {
  const lanes = Math.max(1, Math.min(4, availableParallelism()));
  const verdicts: Verdict[] = [];
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const child = spawn(process.execPath, ['--max-semi-space-size=64', LANE, String(lane), String(lanes)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = once(child, 'close') as Promise<[number | null]>;
      for await (const line of createInterface({ input: child.stdout })) {
        const verdict = JSON.parse(line) as Verdict;
        verdicts.push(verdict);
        told(verdict);
      }
      const [code] = await closed;
      if (code !== 0) throw new Error(`a lane of mutants ended with ${code}`);
    }),
  );
  return verdicts;
}
