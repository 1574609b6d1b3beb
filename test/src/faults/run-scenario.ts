// One scenario from its first server to its verdict.
import path from 'node:path';
import { check } from './check.ts';
import { expectNoHang } from './expectations.ts';
import { recoveryOf } from './recovery.ts';
import { RECOVERY_GOALS, type Result, type Scenario, type Zeros } from './scenario.ts';
import { settle } from './settle.ts';
import { type Ground, openWorld, type World } from './world.ts';

const AT_MOST_MS = 240_000;

/** What was not counted is not zero. */
const UNKNOWN: Zeros = {
  lostJobs: Number.NaN,
  lostWebhooks: Number.NaN,
  duplicateResults: Number.NaN,
  severalIds: Number.NaN,
  orphans: Number.NaN,
};

export async function runScenario(scenario: Scenario, ground: Ground): Promise<Result> {
  const begunAt = performance.now();
  const done = await openWorld(scenario, ground).then(
    (world) => inWorld(world),
    (error: Error) => notOpened(error),
  );
  return {
    name: scenario.name,
    recovery: scenario.recovery,
    logFolder: path.join(ground.folder, scenario.name),
    ...done,
    seconds: (performance.now() - begunAt) / 1000,
  };
}

type Done = Omit<Result, 'name' | 'recovery' | 'logFolder' | 'seconds'>;

async function inWorld(world: World): Promise<Done> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${AT_MOST_MS / 1000} s`)), AT_MOST_MS);
  });
  let zeros = UNKNOWN;
  try {
    zeros = await Promise.race([judge(world), tooLong]);
  } catch (error) {
    world.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    clearTimeout(timer);
  }
  const { usualPerSecond, ...recovery } = recoveryOf(await world.outcomes().catch(() => []), world.fault);
  expectRecovery(world, recovery.recoverySeconds);
  if (usualPerSecond !== undefined)
    world.notes.push(`${usualPerSecond.toFixed(0)} jobs a second before the fault`);
  await world.close();
  const { preconditions, failures, notes, measures } = world;
  return {
    acknowledged: world.load.accepted().length,
    ...zeros,
    ...recovery,
    preconditions,
    failures,
    notes,
    measures,
  };
}

/** Servers or processes did not come up: that is a failure as well. */
function notOpened(error: Error): Done {
  return {
    ...UNKNOWN,
    acknowledged: 0,
    recoverySeconds: undefined,
    caughtUpSeconds: undefined,
    preconditions: [],
    failures: [error.stack ?? error.message],
    notes: [],
    measures: {},
  };
}

async function judge(world: World): Promise<Zeros> {
  const begunAt = performance.now();
  await world.scenario.play(world);
  const playedAt = performance.now();
  const isQuiet = await settle(world);
  const settledAt = performance.now();
  if (!isQuiet) world.notes.push('something was still under way when the checker came');
  if (world.system.name === 'tintype') expectNoHang(world);
  world.notes.push(...[...world.apis, ...world.workers].flatMap((one) => one.crashes()));
  const zeros = await check(world);
  const seconds = [playedAt - begunAt, settledAt - playedAt, performance.now() - settledAt];
  const [played, settled, checked] = seconds.map((ms) => (ms / 1000).toFixed(1));
  world.notes.push(`${played} s of faults, ${settled} s to settle, ${checked} s to check`);
  return zeros;
}

function expectRecovery(world: World, seconds: number | undefined): void {
  const { recovery } = world.scenario;
  if (recovery === undefined || world.system.name === 'naive') return;
  const goal = RECOVERY_GOALS[recovery];
  world.expect(
    seconds !== undefined && seconds <= goal,
    `the normal rate was back after ${seconds ?? 'more than 120'} s, not within ${goal} s`,
  );
}
