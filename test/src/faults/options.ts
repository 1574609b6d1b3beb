// The command line.
import { parseArgs } from 'node:util';

export const HELP = `npm run test:faults [-- options] – breaks everything under the real service and counts what is lost

  --smoke              a subset, for every change
  --scenario A,B       only these; see --list
  --queue NAME         redis, or postgres: BullMQ's own backend there (default: redis)
  --naive              the control: a service without reconciler and claim, which must be caught losing jobs
  --at-once N          scenarios at once (default: 2)
  --seed N             where chance begins (default: the time)
  --keep               leaves logs behind even where all is well
  --json FILE          results for programs
  --markdown FILE      the two tables
  --list               names and sentences

Exit code 1: something was lost, late or wrong; with --naive: the control was caught too seldom.
`;

export interface Options {
  help: boolean;
  list: boolean;
  smoke: boolean;
  naive: boolean;
  keep: boolean;
  scenarios: string[] | undefined;
  queue: 'redis' | 'postgres';
  atOnce: number;
  seed: number;
  json: string | undefined;
  markdown: string | undefined;
}

/** @throws Error in one sentence */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      naive: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      queue: { type: 'string', default: 'redis' },
      'at-once': { type: 'string', default: '2' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'string' },
      markdown: { type: 'string' },
    },
  });
  const { queue, scenario, seed, 'at-once': atOnce, ...rest } = values;
  if (queue !== 'redis' && queue !== 'postgres') throw new Error('--queue must be redis or postgres.');
  if (rest.naive && queue === 'postgres') throw new Error('--naive has its queue in Redis.');
  return {
    ...rest,
    json: values.json,
    markdown: values.markdown,
    queue,
    scenarios: scenario?.split(','),
    atOnce: wholeNumber('--at-once', atOnce, 1),
    seed: wholeNumber('--seed', seed, 0),
  };
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min)
    throw new Error(`${name} must be a whole number from ${min} on.`);
  return value;
}
