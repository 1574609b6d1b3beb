// The command line.
import { parseArgs } from 'node:util';

export const HELP = `npm run test:fuzz [-- options] – hostile requests to every operation of the HTTP API, generated from its own OpenAPI document

  --requests N         how many (default: 20000)
  --seed S             where chance begins (default: the time)
  --operation A,B      only these operationIds
  --at-once N          requests at once (default: 24)
  --keep               leaves the service's log behind even where all is well

Exit code 1: an answer that is not documented, an error of the service's, a request that hangs, a process that ended or grew.
`;

/** What was asked for can't be done: a sentence says why. */
export class UsageError extends Error {}

export interface Options {
  help: boolean;
  keep: boolean;
  requests: number;
  seed: number;
  operations: string[] | undefined;
  atOnce: number;
}

/** @throws Error in one sentence */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      requests: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      operation: { type: 'string' },
      'at-once': { type: 'string', default: '24' },
    },
  });
  return {
    help: values.help,
    keep: values.keep,
    requests: wholeNumber('--requests', values.requests, 1),
    seed: wholeNumber('--seed', values.seed, 0),
    operations: values.operation?.split(','),
    atOnce: wholeNumber('--at-once', values['at-once'], 1),
  };
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min)
    throw new Error(`${name} must be a whole number from ${min} on.`);
  return value;
}
