// The command line.
import { parseArgs } from 'node:util';

export const HELP = `npm run test:compose [-- options] – builds the images, brings the whole stack up, breaks it under load, and counts

  --stand-ins          makes the base images from Debian's packages instead of pulling them (root, debootstrap);
                       those that the engine has from an earlier run are used again
  --own-engine         starts a Docker engine of its own, in a network of its own, where none is installed (Debian, root)
  --cache FOLDER       keeps Debian's base systems, and what the own engine stores, in FOLDER for the next run
                       (default: a temporary folder that is removed)
  --clients N          clients that post at once while things break (default: 6)
  --only A,B           only these phases, beside the first: requests, containers, faults, backup
  --keep               leaves the stack up, and tells how to reach it
  --json FILE          results for programs

Where there is no engine it says so and ends with 0; with REQUIRE_DOCKER=1 that is a failure.
Exit code 1: something was lost, double, open or unreachable.
`;

export const PHASES = ['requests', 'containers', 'faults', 'backup'] as const;
export type Phase = (typeof PHASES)[number];

export interface Options {
  help: boolean;
  standIns: boolean;
  ownEngine: boolean;
  keep: boolean;
  cache: string | undefined;
  json: string | undefined;
  clients: number;
  phases: readonly Phase[];
}

/** @throws Error in one sentence */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      'stand-ins': { type: 'boolean', default: false },
      'own-engine': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      cache: { type: 'string' },
      json: { type: 'string' },
      only: { type: 'string' },
      clients: { type: 'string', default: '6' },
    },
  });
  const clients = Number(values.clients);
  if (!Number.isSafeInteger(clients) || clients < 1 || clients > 64)
    throw new Error('--clients must be a whole number from 1 to 64.');
  if (values.keep && values['own-engine'])
    throw new Error('--keep needs an engine that stays: leave out --own-engine.');
  const { help, keep, cache, json, only } = values;
  return {
    ...{ help, keep, cache, json, clients },
    standIns: values['stand-ins'],
    ownEngine: values['own-engine'],
    phases: only === undefined ? PHASES : only.split(',').map(readPhase),
  };
}

function readPhase(name: string): Phase {
  const phase = PHASES.find((known) => known === name.trim());
  if (phase === undefined) throw new Error(`There is no phase "${name}": there are ${PHASES.join(', ')}.`);
  return phase;
}

/** Whether a machine without an engine is a failure. */
export function isDockerRequired(env: NodeJS.ProcessEnv): boolean {
  return env.REQUIRE_DOCKER === '1' || env.REQUIRE_DOCKER === 'true';
}
