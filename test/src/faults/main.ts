// npm run test:faults: breaks everything under the real service, and counts what is lost, late or double.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startS3 } from '@tintype/local';
import { preparePictures } from '../service/pictures.ts';
import { allWell, controlGoal, type Goal, goalsOf } from './goals.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { preparePostgres } from './prepared-postgres.ts';
import { goalTable, line, scenarioTable } from './report.ts';
import { runScenario } from './run-scenario.ts';
import { held, type Result, type Scenario } from './scenario.ts';
import { chosen, SCENARIOS } from './scenarios.ts';
import { NAIVE, TINTYPE } from './system.ts';
import type { Ground } from './world.ts';

/** Makes well over the 10,000 of the goal. */
const LEAST_ACCEPTED = 300;
const LEAST_IN_SMOKE = 150;

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** Those that mean something for this queue and this service. */
function meaningful(scenarios: readonly Scenario[], { queue, naive }: Options): readonly Scenario[] {
  return scenarios.filter(({ name, needsRedis = false, notNaive = false }) => {
    const reason =
      needsRedis && queue === 'postgres'
        ? 'there is no Redis'
        : notNaive && naive
          ? 'not for the control'
          : undefined;
    if (reason !== undefined) say(`skipped ${name}: ${reason}`);
    return reason === undefined;
  });
}

async function runAll(scenarios: readonly Scenario[], ground: Ground, options: Options): Promise<Result[]> {
  const waiting = [...scenarios];
  const results = new Map<string, Result>();
  const turn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runScenario(next, ground);
      results.set(next.name, result);
      say(line(result, options.naive));
      if (!options.keep && (options.naive || held(result)))
        await rm(result.logFolder, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, turn));
  return scenarios.flatMap(({ name }) => results.get(name) ?? []);
}

async function report(results: Result[], goals: Goal[], options: Options): Promise<void> {
  const tables = `${scenarioTable(results, options.naive)}\n\n${goalTable(goals)}\n`;
  say(`\n${tables}`);
  if (options.markdown !== undefined) await writeFile(options.markdown, tables);
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify({ seed: options.seed, results, goals }, null, 2)}\n`);
}

/** What is asked for, or the sentence that says why it can't be. */
function readCommand(): { options: Options; scenarios: readonly Scenario[] } {
  try {
    const options = readOptions(process.argv.slice(2));
    return { options, scenarios: chosen(options) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const { options, scenarios: asked } = readCommand();
  if (options.help) return say(HELP);
  if (options.list) return say(SCENARIOS.map(({ name, says }) => `${name.padEnd(30)} ${says}`).join('\n'));
  const begunAt = performance.now();
  const scenarios = meaningful(asked, options);
  // A Redis that is named from outside is not ours to kill.
  delete process.env.REDIS_URL;
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-faults-'));
  say(`${scenarios.length} scenarios, queue on ${options.queue}, seed ${options.seed}`);
  const [s3, prepared, pictures] = await Promise.all([
    startS3({ progress: say }),
    preparePostgres(folder),
    preparePictures(),
  ]);
  const system = options.naive ? NAIVE : TINTYPE;
  const { queue, seed, smoke } = options;
  const least = smoke ? LEAST_IN_SMOKE : LEAST_ACCEPTED;
  const ground = { folder, s3, prepared, pictures, system, queue, seed, least };
  try {
    const results = await runAll(scenarios, ground, options);
    const seconds = (performance.now() - begunAt) / 1000;
    const whole = !options.smoke && options.scenarios === undefined;
    const goals = options.naive ? [controlGoal(results)] : goalsOf(results, { seconds, whole });
    await report(results, goals, options);
    const well = options.naive ? goals.every(({ holds }) => holds) : allWell(results, goals);
    say(`${well ? 'all well' : 'NOT WELL'}, ${seconds.toFixed(0)} s, seed ${seed}`);
    process.exitCode = well ? 0 : 1;
    await rm(prepared.folder, { recursive: true, force: true });
    if (well && !options.keep) await rm(folder, { recursive: true, force: true });
  } finally {
    await s3.stop();
  }
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
main().then(
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
);
