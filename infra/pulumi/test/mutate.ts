// Makes a mutant beside the compiled program, runs the rules on it, and takes it away again. Knows no rule, and no mutant.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildStack } from './build-stack.ts';
import { checkComparisons } from './comparisons.ts';
import type { Mutant } from './mutant.ts';
import { complaintsOf } from './rule.ts';
import { RULES } from './rules.ts';
import { PROGRAM } from './run-program.ts';

export interface Verdict {
  mutant: string;
  /** The rule that killed it, and what it said. Undefined: it lives. */
  killedBy?: { rule: string; complaint: string };
  /** Why it is no mutant. */
  error?: string;
}

/** At the same depth as the program, from which it finds its packages and the sources. */
const folderOf = (nth: number): string => path.join(path.dirname(PROGRAM), `mutant-${process.pid}-${nth}`);

export async function tryMutant(mutant: Mutant, nth: number): Promise<Verdict> {
  const text = readFileSync(path.join(PROGRAM, mutant.file), 'utf8');
  const times = text.split(mutant.find).length - 1;
  if (times !== 1)
    return { mutant: mutant.name, error: `${mutant.file} has "${mutant.find}" ${times} times, and not once` };
  const program = folderOf(nth);
  try {
    copyProgram(program);
    writeFileSync(
      path.join(program, mutant.file),
      text.replace(mutant.find, () => mutant.replace),
    );
    const [killedBy] = await complaintsAbout(mutant, program);
    return killedBy === undefined ? { mutant: mutant.name } : { mutant: mutant.name, killedBy };
  } catch (error) {
    // Who does not run at all shows nothing about the rules.
    return { mutant: mutant.name, error: `it does not run: ${(error as Error).message}` };
  } finally {
    rmSync(program, { recursive: true, force: true });
  }
}

function copyProgram(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(PROGRAM))
    if (file.endsWith('.js')) cpSync(path.join(PROGRAM, file), path.join(folder, file));
}

async function complaintsAbout({ profiles = ['everything'], compared }: Mutant, program: string) {
  if (compared) return checkComparisons({ program }, profiles);
  for (const profile of profiles) {
    const found = complaintsOf(RULES, await buildStack(profile, { program }));
    if (found.length > 0) return found;
  }
  return [];
}
