// The command line.
import { parseArgs } from 'node:util';

export const HELP = `npm run test:access [-- options] – calls every route as everybody, and proves what is promised about who is let in

  --only A,B           only these operations and proofs; see --list
  --list               every operation with its access, and the proofs
  --json FILE          all cells and figures, for programs
  --keep               leaves logs behind even where all is well

Exit code 1: somebody was let in who should not be, or not let in who should, or a proof failed.
`;

export interface Options {
  help: boolean;
  list: boolean;
  keep: boolean;
  only: readonly string[] | undefined;
  json: string | undefined;
}

/** @throws Error in one sentence */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { help, list, keep, only, json } = values;
  return { help, list, keep, only: only?.split(',').map((name) => name.trim()), json };
}
