// The command line of the run, and the sizes of its phases.
import { parseArgs } from 'node:util';
import type { GunicornWorker } from './baseline.ts';
import { goals, type PhaseName, phaseNames } from './goals.ts';
import type { QueueBackend } from './stack.ts';

/** Numbers of jobs or images; the warm-up comes before and is not counted. */
export interface PhaseSizes {
  readonly pathWarmUp: number;
  readonly pathJobs: number;
  readonly acceptWarmUp: number;
  readonly acceptJobs: number;
  readonly workerWarmUp: number;
  readonly pacedWarmUp: number;
  readonly pacedJobs: number;
  readonly libraryImages: number;
  /** Images of other tenants in the same tables. */
  readonly libraryOthers: number;
  /** Times that each kind of page is asked for. */
  readonly libraryAsks: number;
  readonly cachedWarmUp: number;
  readonly cachedRequests: number;
  readonly renderWarmUp: number;
  readonly renders: number;
}

export interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly rounds: number;
  readonly only: ReadonlySet<PhaseName>;
  readonly queue: QueueBackend;
  readonly concurrency: number;
  readonly gunicorn: GunicornWorker;
  readonly sizes: PhaseSizes;
}

const full: PhaseSizes = {
  pathWarmUp: 1_500,
  pathJobs: 3_000,
  acceptWarmUp: 300,
  acceptJobs: 3_000,
  workerWarmUp: 1_000,
  pacedWarmUp: 100,
  pacedJobs: 160,
  libraryImages: 100_000,
  libraryOthers: 200_000,
  libraryAsks: 60,
  cachedWarmUp: 4_000,
  cachedRequests: 20_000,
  renderWarmUp: 16,
  renders: 96,
};
const quick: PhaseSizes = {
  pathWarmUp: 500,
  pathJobs: 1_000,
  acceptWarmUp: 200,
  acceptJobs: 1_200,
  workerWarmUp: 400,
  pacedWarmUp: 10,
  pacedJobs: 60,
  libraryImages: 20_000,
  libraryOthers: 20_000,
  libraryAsks: 20,
  cachedWarmUp: 1_000,
  cachedRequests: 5_000,
  renderWarmUp: 8,
  renders: 32,
};

export const usage = `Usage: npm run bench -- [options]

  --json                 print one JSON object on stdout instead of the table
  --rounds N             interleaved rounds (default 5; 2 with --quick)
  --quick                fewer rounds, smaller phases: a first look, not a figure to quote
  --only NAME            one phase (${phaseNames.join(', ')}) or ratio
                         (${goals.map(({ ratio }) => ratio).join(', ')}); may be repeated
  --queue BACKEND        redis (default) or postgres
  --concurrency N        uploads in flight under full load (default 32)
  --gunicorn CLASS       worker class of the baseline: gthread (default) or sync
  --help                 this text
`;

function oneOf<Name extends string>(names: readonly Name[], option: string, value: string): Name {
  const found = names.find((name) => name === value);
  if (!found) throw new Error(`--${option} must be one of ${names.join(', ')}; got "${value}"`);
  return found;
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} must be a whole number above 0`);
  return number;
}

/** The phase of this name, or the one that measures the ratio of this name. */
function phaseOf(name: string): PhaseName {
  return goals.find(({ ratio }) => ratio === name)?.phase ?? oneOf(phaseNames, 'only', name);
}

/** Throws an Error whose message is for the person at the keyboard. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [...phaseNames] },
      queue: { type: 'string', default: 'redis' },
      concurrency: { type: 'string', default: '32' },
      gunicorn: { type: 'string', default: 'gthread' },
    },
  });
  return {
    json: values.json,
    help: values.help,
    rounds: positive('rounds', values.rounds ?? (values.quick ? '2' : '5')),
    only: new Set(values.only.map(phaseOf)),
    queue: oneOf(['redis', 'postgres'], 'queue', values.queue),
    concurrency: positive('concurrency', values.concurrency),
    gunicorn: oneOf(['gthread', 'sync'], 'gunicorn', values.gunicorn),
    sizes: values.quick ? quick : full,
  };
}
