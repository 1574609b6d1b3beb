// All scenarios, in the order in which they run and are reported.
import type { Scenario } from './scenario.ts';
import { API_SCENARIOS } from './scenarios/apis.ts';
import { DUPLICATE_SCENARIOS } from './scenarios/duplicates.ts';
import { WHOLE_SCENARIOS } from './scenarios/everything.ts';
import { STORE_SCENARIOS } from './scenarios/object-store.ts';
import { POISON_SCENARIOS } from './scenarios/poison.ts';
import { POSTGRES_SCENARIOS } from './scenarios/postgres.ts';
import { EMPTY_REDIS_SCENARIOS } from './scenarios/redis-empty.ts';
import { REDIS_SCENARIOS } from './scenarios/redis-outages.ts';
import { SINK_SCENARIOS } from './scenarios/sinks.ts';
import { WORKER_SCENARIOS } from './scenarios/workers.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...WORKER_SCENARIOS,
  ...API_SCENARIOS,
  ...REDIS_SCENARIOS,
  ...EMPTY_REDIS_SCENARIOS,
  ...POSTGRES_SCENARIOS,
  ...STORE_SCENARIOS,
  ...SINK_SCENARIOS,
  ...DUPLICATE_SCENARIOS,
  ...POISON_SCENARIOS,
  ...WHOLE_SCENARIOS,
];

/** One of each kind of loss; what runs on every change. */
export const SMOKE: ReadonlySet<string> = new Set([
  'worker-kill-backlog',
  'flushall',
  'postgres-kill',
  'sink-error',
  'duplicates-parallel',
  'poison',
]);

/** @throws Error for a name that there is not */
export function chosen(wanted: { scenarios: string[] | undefined; smoke: boolean }): readonly Scenario[] {
  const names = wanted.scenarios ?? (wanted.smoke ? [...SMOKE] : undefined);
  const unknown = names?.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new Error(`There is no scenario "${unknown}"; --list names them.`);
  return names === undefined ? SCENARIOS : SCENARIOS.filter(({ name }) => names.includes(name));
}
