// The run: makes the images, goes round by round, prints the report. Exit code 0 unless something broke; a missed goal
// is no failure.
import { cleanUp, cleanUpOnSignals } from './cleanup.ts';
import type { Bench } from './figures.ts';
import { goals, type PhaseName, stacklessPhases } from './goals.ts';
import { makeImages, makeLargeImage } from './images.ts';
import { startLoadGenerator } from './load-generator.ts';
import { describeMachine } from './machine.ts';
import { findNginx } from './nginx.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { progress } from './progress.ts';
import { baselineVersions, findPython } from './python.ts';
import { formatReport, makeReport, type Report, type Skipped } from './report.ts';
import { type Round, runRound } from './round.ts';
import { whyNoRedis } from './servers.ts';
import { whyNoStack } from './stack.ts';
import { makeWorkspace } from './workspace.ts';

const imageCount = 48;
interface Runnable {
  readonly noStack: string | undefined;
  readonly noBaseline: string | undefined;
  readonly python: string | undefined;
  readonly noNginx: string | undefined;
  readonly nginx: string | undefined;
}

function findSkipped(options: Options, { noStack, noBaseline, noNginx }: Runnable): Skipped[] {
  const alsoWanted: Partial<Record<PhaseName, string | undefined>> = { path: noBaseline, delivery: noNginx };
  return [...options.only].flatMap((phase) => {
    const reason = stacklessPhases.includes(phase) ? undefined : (noStack ?? alsoWanted[phase]);
    if (reason === undefined) return [];
    const names =
      phase === 'memory'
        ? ['memory']
        : goals.filter((goal) => goal.phase === phase).map(({ ratio }) => ratio);
    return names.map((name) => ({ name, reason }));
  });
}

/** What can run here, and the reasons for what cannot. */
async function findRunnable({ only, queue }: Options, workspace: string): Promise<Runnable> {
  const noRedis = await whyNoRedis();
  const noStack = whyNoStack() ?? (queue === 'redis' ? noRedis : undefined);
  const server = only.has('delivery') ? await findNginx(workspace) : { program: undefined };
  const { noNginx, nginx } =
    'reason' in server
      ? { noNginx: server.reason, nginx: undefined }
      : { noNginx: undefined, nginx: server.program };
  const found = { noStack, noNginx, nginx };
  if (!only.has('path')) return { ...found, noBaseline: undefined, python: undefined };
  const search = noRedis === undefined ? findPython() : { reason: noRedis };
  if ('reason' in search) return { ...found, noBaseline: search.reason, python: undefined };
  return { ...found, noBaseline: undefined, python: search.python };
}

async function runRounds(
  bench: Bench,
  options: Options,
  { noStack, python, nginx }: Runnable,
): Promise<Round[]> {
  const withStack = noStack === undefined;
  const largeImage =
    options.only.has('memory') && withStack ? await makeLargeImage(bench.workspace) : undefined;
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    progress(`round ${number} of ${options.rounds}`);
    rounds.push(
      await runRound(bench, {
        wanted: options.only,
        queue: options.queue,
        baseline: python === undefined ? undefined : { python, gunicorn: options.gunicorn },
        withStack,
        largeImage: number === options.rounds ? largeImage : undefined,
        nginx,
        asksLibrary: number === 1 && options.only.has('library'),
      }),
    );
  }
  return rounds;
}

async function run(options: Options): Promise<Report> {
  const machine = describeMachine();
  const workspace = await makeWorkspace();
  const runnable = await findRunnable(options, workspace);
  progress('making images');
  const images = await makeImages(workspace, imageCount);
  const { concurrency, sizes } = options;
  const rounds = await runRounds(
    { workspace, images, load: startLoadGenerator(images), concurrency, sizes },
    options,
    runnable,
  );
  const baseline = runnable.python === undefined ? 'not run' : baselineVersions(runnable.python);
  return makeReport(rounds, findSkipped(options, runnable), { ...machine, baseline });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  if (process.platform !== 'linux') throw new Error('the figures come from /proc: the benchmarks need Linux');
  cleanUpOnSignals();
  try {
    const report = await run(options);
    process.stdout.write(`${options.json ? JSON.stringify(report) : formatReport(report)}\n`);
  } finally {
    await cleanUp();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
