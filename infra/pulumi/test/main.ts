// npm run test:infra: what can be shown of the program without a cloud; or, with --preview, what a stack consists of.
import { HELP, type Options, type Part, readOptions } from './options.ts';
import { type Outcome, type Proof, RUN, startProof } from './parts.ts';
import { previewOf } from './previews.ts';
import { forgetTraces, PROGRAM } from './run-program.ts';
import { treeOf } from './tree.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** More of them nobody reads. */
const MOST_LINES = 60;

async function prove(options: Options): Promise<boolean> {
  const started = Date.now();
  const proof = startProof(options, say);
  const outcomes: Outcome[] = [];
  for (const phase of PHASES)
    await Promise.all(
      phase.map(async (parts) => {
        for (const part of parts.filter((each) => options.only.includes(each)))
          outcomes.push(await runPart(part, proof));
      }),
    );
  const wrong = outcomes.reduce((sum, { complaints }) => sum + complaints.length, 0);
  const figures = outcomes.flatMap((outcome) => outcome.figures).join(', ');
  say(`${figures}; ${wrong === 0 ? 'all is well' : `${wrong} complaints`} (${seconds(started)} s)`);
  return wrong === 0;
}

/** One after the other; within a phase, side by side what runs in this process and what runs in processes of its own. */
const PHASES: readonly (readonly (readonly Part[])[])[] = [
  [
    ['settings', 'sources', 'profiles', 'places', 'actions'],
    ['units', 'previews'],
  ],
  [['mutants']],
];

async function runPart(part: Part, proof: Proof): Promise<Outcome> {
  const since = Date.now();
  const outcome = await RUN[part](proof);
  const result = outcome.complaints.length === 0 ? 'ok' : `${outcome.complaints.length} complaints`;
  say(`${part}: ${[result, ...outcome.figures].join(', ')} (${seconds(since)} s)`);
  for (const complaint of outcome.complaints.slice(0, MOST_LINES)) say(`  ${complaint}`);
  return outcome;
}

const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);

async function show(profile: string): Promise<boolean> {
  const { resources, complaints, exitCode } = await previewOf(profile, true);
  const root = resources.find(({ type }) => type === 'tintype:index:Stack');
  say(treeOf(resources, root?.name ?? ''));
  for (const complaint of complaints) say(complaint);
  return exitCode === 0;
}

async function main(options: Options): Promise<number> {
  if (options.help) {
    say(HELP);
    return 0;
  }
  // Where the CLI runs it: paths in the state are as seen from there.
  process.chdir(PROGRAM);
  forgetTraces();
  const isWell = options.preview === undefined ? await prove(options) : await show(options.preview);
  return isWell ? 0 : 1;
}

/** What is asked for, or the sentence that says why it can't be. */
function readCommand(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

main(readCommand()).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
