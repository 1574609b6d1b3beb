// One of several processes that try mutants: every nth of them. A line of JSON on stdout for each.

import { MUTANTS } from './mutants.ts';
import { tryMutant } from './mutate.ts';
import { forgetTraces, PROGRAM } from './run-program.ts';

const [lane = 0, lanes = 1] = process.argv.slice(2).map(Number);

forgetTraces();
process.chdir(PROGRAM);
for (const [nth, mutant] of MUTANTS.entries())
  if (nth % lanes === lane) process.stdout.write(`${JSON.stringify(await tryMutant(mutant, nth))}\n`);
process.exit(0);
