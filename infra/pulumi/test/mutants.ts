// Mistakes that somebody might make in the program; each of them must break a rule.
import type { Mutant } from './mutant.ts';
import { AT_THE_EDGE } from './mutants/edge.ts';
import { IN_NETWORK } from './mutants/network.ts';
import { IN_STORES } from './mutants/stores.ts';
import { IN_TASKS } from './mutants/tasks.ts';

export const MUTANTS: readonly Mutant[] = [...IN_NETWORK, ...AT_THE_EDGE, ...IN_STORES, ...IN_TASKS];
