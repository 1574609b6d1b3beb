// The parts of the proof: each tells figures and complaints. Knows what is shown, and not how it is printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildStack } from './build-stack.ts';
import { checkComparisons } from './comparisons.ts';
import { checkActions } from './iam.ts';
import { tryMutants } from './lanes.ts';
import type { Options, Part } from './options.ts';
import { checkPreviews } from './previews.ts';
import { PROFILES } from './profiles.ts';
import { complaintsOf } from './rule.ts';
import { RULES } from './rules.ts';
import { checkSettings } from './settings-table.ts';
import { compareSnapshot, updateSnapshot } from './snapshots.ts';
import { checkSources } from './sources.ts';
import type { Stack } from './stack.ts';

export interface Outcome {
  /** For the closing line, e.g. "8 profiles". */
  figures: string[];
  complaints: string[];
}

/** What parts share: stacks are built once. */
export interface Proof {
  options: Pick<Options, 'update' | 'verbose'>;
  say: (text: string) => void;
  stacks: () => Promise<Stack[]>;
}

export function startProof(options: Proof['options'], say: Proof['say']): Proof {
  let built: Promise<Stack[]> | undefined;
  return {
    ...{ options, say },
    stacks: () => {
      built ??= buildAll();
      return built;
    },
  };
}

async function buildAll(): Promise<Stack[]> {
  const stacks: Stack[] = [];
  for (const profile of Object.keys(PROFILES)) stacks.push(await buildStack(profile));
  return stacks;
}

export const RUN: Record<Part, (proof: Proof) => Promise<Outcome>> = {
  async settings() {
    const { cases, complaints } = checkSettings();
    return { figures: [`${cases} configurations`], complaints };
  },
  async sources() {
    const { files, complaints } = checkSources();
    return { figures: [`${files} source files`], complaints };
  },
  units,
  profiles,
  async places() {
    const found = await checkComparisons();
    return { figures: [], complaints: found.map(({ rule, complaint }) => `${rule}: ${complaint}`) };
  },
  async actions({ stacks }) {
    const { actions, complaints } = await checkActions(await stacks());
    return { figures: [`${actions} IAM actions`], complaints };
  },
  async previews() {
    const { resources, edges, complaints } = await checkPreviews();
    return { figures: [`previews of ${resources} resources and ${edges} dependencies`], complaints };
  },
  mutants,
};

async function units(): Promise<Outcome> {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.js'));
  if (files.length === 0) return { figures: [], complaints: [] };
  const child = spawn(process.execPath, ['--test', '--test-reporter=spec', ...files], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: Buffer) => {
    output += text.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [code] = (await once(child, 'close')) as [number | null];
  const passed = /^ℹ pass (\d+)/m.exec(output)?.[1] ?? '0';
  return {
    figures: [`${passed} unit tests`],
    complaints: code === 0 ? [] : [output.slice(output.lastIndexOf('✖ failing tests:'))],
  };
}

async function profiles({ options, stacks, say }: Proof): Promise<Outcome> {
  const complaints: string[] = [];
  let checks = 0;
  const all = await stacks();
  for (const stack of all) {
    checks += RULES.filter(({ when }) => when === undefined || when(stack.settings)).length;
    complaints.push(
      ...complaintsOf(RULES, stack).map(({ rule, complaint }) => `${stack.profile}: ${rule}: ${complaint}`),
    );
    if (options.update) updateSnapshot(stack);
    else
      complaints.push(
        ...compareSnapshot(stack).map((difference) => `${stack.profile}: snapshot: ${difference}`),
      );
  }
  if (options.update) say(`${all.length} snapshots are written.`);
  const resources = all.reduce((sum, stack) => sum + stack.resources.length, 0);
  return {
    figures: [
      `${all.length} profiles`,
      `${resources} resources`,
      `${RULES.length} assertions in ${checks} checks`,
    ],
    complaints,
  };
}

async function mutants({ options, say }: Proof): Promise<Outcome> {
  const verdicts = await tryMutants(({ mutant, killedBy }) => {
    if (options.verbose && killedBy !== undefined)
      say(`  ${mutant}\n    ${killedBy.rule}: ${killedBy.complaint}`);
  });
  const alive = verdicts.filter(({ killedBy, error }) => killedBy === undefined && error === undefined);
  const broken = verdicts.filter(({ error }) => error !== undefined);
  const killed = verdicts.length - alive.length - broken.length;
  return {
    figures: [`${killed} of ${verdicts.length} mutants killed`],
    complaints: [
      ...alive.map(({ mutant }) => `it lives: ${mutant}`),
      ...broken.map(({ mutant, error }) => `it is no mutant: ${mutant}: ${error}`),
    ],
  };
}
