// npm run test:sources: everything that the systems before this one promised, shown on a running service, through HTTP.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SOURCES, type Source } from './promises.ts';
import { playAsync } from './scenarios/async.ts';
import { playLibrary } from './scenarios/library.ts';
import { playMetadata } from './scenarios/metadata.ts';
import { playServer } from './scenarios/server.ts';
import { startWorld, type World } from './service.ts';
import { type Line, type Story, type Told, tell, unsoughtFaults } from './story.ts';

const HELP = `npm run test:sources [-- options] – shows on a running service that it does what four older systems promised, without their faults

  --only A,B   only these of ${SOURCES.map(({ id }) => id).join(', ')}
  --calls      under each line, the calls that show it
  --files      objects as files in a folder, also where there could be S3
  --keep       leaves logs behind even where all is well

Exit code 1: a promise does not hold, a fault is there, or one of them was not looked at.
`;

const PLAYS: Record<Source['id'], (story: Story, world: World) => Promise<void>> = {
  metadata: playMetadata,
  async: playAsync,
  library: playLibrary,
  server: playServer,
};

interface Options {
  sources: readonly Source[];
  calls: boolean;
  keep: boolean;
  files: boolean;
}

const say = (text: string) => void process.stdout.write(`${text}\n`);

const DAY_MS = 86_400_000;
/** Longer than all of it takes. */
const NEAR_MS = 180_000;

/** Quotas and usage are counted by the day (UTC): a run must not see two of them. */
async function farFromMidnight(): Promise<void> {
  const left = DAY_MS - (Date.now() % DAY_MS);
  if (left > NEAR_MS) return;
  say(`waiting for midnight (UTC), ${Math.ceil(left / 1000)} s`);
  await sleep(left + 1000);
}

async function tellAll(world: World, { sources, calls }: Options): Promise<Told[]> {
  const told: Told[] = [];
  for (const source of sources) {
    say(`\n${source.title}`);
    const hear = (line: Line) => say(lineOf(line, calls));
    told.push(await tell(source, (story) => PLAYS[source.id](story, world), { heard: world.heard, hear }));
    for (const one of source.elsewhere) say(`  – elsewhere: ${one}`);
  }
  return told;
}

function lineOf({ kind, says, calls, ms, failure }: Line, withCalls: boolean): string {
  const line = `  ${failure === undefined ? '✓' : '✗'} ${kind}: ${says}  (${(ms / 1000).toFixed(1)} s)`;
  const under = [
    ...(withCalls || failure !== undefined ? calls : []),
    ...(failure === undefined ? [] : [`✗ ${failure}`]),
  ];
  return [line, ...under.map((one) => `      ${one}`)].join('\n');
}

function conclude(told: readonly Told[], isWhole: boolean, seconds: number): boolean {
  const uncovered = [
    ...told.flatMap(({ source, uncovered }) => uncovered.map((one) => `${source.id}: ${one}`)),
    ...(isWhole ? unsoughtFaults(told).map((fault) => `nobody looked for: ${fault}`) : []),
  ];
  for (const one of uncovered) say(`not covered: ${one}`);
  const lines = told.flatMap(({ lines: all }) => all);
  const failed = lines.filter(({ failure }) => failure !== undefined).length;
  const count = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).length;
  say(
    `\n${told.length} systems: ${count('promise')} promises and ${count('fault absent')} absent faults shown, failed: ${failed}, not covered: ${uncovered.length} (${seconds.toFixed(0)} s)`,
  );
  return failed === 0 && uncovered.length === 0;
}

async function main(options: Options): Promise<number> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-sources-'));
  let isWell = false;
  try {
    const world = await startWorld(folder, { isFolder: options.files, say });
    say(
      `api and worker on PostgreSQL, Redis and ${world.bucket.kind}: ${options.sources.length} systems before this one`,
    );
    await farFromMidnight();
    const begunAt = performance.now();
    try {
      const told = await tellAll(world, options);
      isWell = conclude(told, told.length === SOURCES.length, (performance.now() - begunAt) / 1000);
    } finally {
      await world.close();
    }
  } finally {
    if (isWell && !options.keep) await rm(folder, { recursive: true, force: true });
    else say(`logs: ${folder}`);
  }
  return isWell ? 0 : 1;
}

/** Undefined: help was asked for. @throws Error in one sentence */
function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      calls: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      files: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const { help, calls, keep, files, only } = values;
  if (help) return undefined;
  const names = only?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !SOURCES.some(({ id }) => id === name));
  if (unknown !== undefined) throw new Error(`There is no system "${unknown}": see --help.`);
  return { calls, keep, files, sources: SOURCES.filter(({ id }) => names?.includes(id) ?? true) };
}

function command(): Options | undefined {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

const options = command();
if (options === undefined) say(HELP);
else
  main(options).then(
    (code) => process.exit(code),
    (error: Error) => {
      process.stderr.write(`${error.stack ?? error.message}\n`);
      process.exit(1);
    },
  );
