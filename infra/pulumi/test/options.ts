// The command line of the proof.
import { parseArgs } from 'node:util';
import { PROFILES } from './profiles.ts';

export const PARTS = [
  'settings',
  'sources',
  'units',
  'profiles',
  'places',
  'actions',
  'previews',
  'mutants',
] as const;
export type Part = (typeof PARTS)[number];

export const HELP = `npm run test:infra [-- options] – what can be shown of infra/pulumi without a cloud

  --only A,B           only these parts: ${PARTS.join(', ')}
  --update             writes infra/pulumi/test/snapshots anew
  --preview PROFILE    shows what a stack consists of, as a tree, and proves nothing: ${Object.keys(PROFILES).join(', ')}
  --verbose            says which rule killed each mutant

  settings   what is refused as a configuration
  sources    no account, region or partition in the sources; every option in docs/deploy-aws.md
  units      tests of the parts that are no resources
  profiles   every rule on every profile, and all resources as they are in the snapshots
  places     the same in another partition; two stacks in one account
  actions    every action of every policy against AWS's own list
  previews   the real language runtime against a small engine: graph, outputs, what is unknown before it is there
  mutants    mistakes that somebody might make: each must break a rule

Exit code 1: something is not as it should be.
`;

export interface Options {
  help: boolean;
  update: boolean;
  verbose: boolean;
  only: readonly Part[];
  preview: string | undefined;
}

/** @throws Error in one sentence */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      only: { type: 'string' },
      preview: { type: 'string' },
    },
  });
  const { help, update, verbose, only, preview } = values;
  const parts = only?.split(',').map((part) => part.trim()) ?? [...PARTS];
  const unknown = parts.find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}: ${PARTS.join(', ')}.`);
  return { help, update, verbose, only: parts as Part[], preview };
}
