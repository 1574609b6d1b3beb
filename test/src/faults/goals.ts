// The goals of the proof, and what a run came to.
import { held, RECOVERY_GOALS, type RecoveryGoal, type Result, zerosHold } from './scenario.ts';

export interface Goal {
  goal: string;
  wanted: string;
  reached: string;
  holds: boolean;
}

const ACKNOWLEDGED = 10_000;
const ACCEPTED_SHARE = 0.999;
const ANSWER_MS = 3000;
const MINUTES = 15;
/** Scenarios in which the control must be caught. */
export const CAUGHT = 6;

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** @param whole the run was all scenarios, not some: only then do its size and its time count */
export function goalsOf(
  results: readonly Result[],
  { seconds, whole }: { seconds: number; whole: boolean },
): Goal[] {
  const acknowledged = sum(results.map((result) => result.acknowledged));
  const atZero = results.filter(zerosHold).length;
  const goals: Goal[] = [
    {
      goal: 'the checker’s five zeros',
      wanted: `in all ${results.length} scenarios`,
      reached: `in ${atZero}`,
      holds: atZero === results.length,
    },
    ...(Object.keys(RECOVERY_GOALS) as RecoveryGoal[]).flatMap((name) => recoveryGoal(name, results)),
    ...outageGoals(results),
    ...countGoals(results),
  ];
  if (!whole) return goals;
  return [
    {
      goal: 'acknowledged jobs over the matrix',
      wanted: `≥ ${ACKNOWLEDGED.toLocaleString('en')}`,
      reached: acknowledged.toLocaleString('en'),
      holds: acknowledged >= ACKNOWLEDGED,
    },
    ...goals,
    {
      goal: 'the whole matrix',
      wanted: `≤ ${MINUTES} min`,
      reached: `${(seconds / 60).toFixed(1)} min`,
      holds: seconds <= MINUTES * 60,
    },
  ];
}

function recoveryGoal(name: RecoveryGoal, results: readonly Result[]): Goal[] {
  const of = results.filter(({ recovery }) => recovery === name);
  if (of.length === 0) return [];
  const slowest = Math.max(...of.map(({ recoverySeconds }) => recoverySeconds ?? Number.POSITIVE_INFINITY));
  const wanted = RECOVERY_GOALS[name];
  return [
    {
      goal: `normal rate after: ${name}`,
      wanted: `≤ ${wanted} s`,
      reached: `${slowest.toFixed(1)} s, the slowest of ${of.length}`,
      holds: slowest <= wanted,
    },
  ];
}

function outageGoals(results: readonly Result[]): Goal[] {
  const goals: Goal[] = [];
  const posts = sum(results.map(({ measures }) => measures.redisOutagePosts ?? 0));
  if (posts > 0) {
    const accepted = sum(results.map(({ measures }) => measures.redisOutageAccepted ?? 0));
    goals.push({
      goal: 'POSTs accepted during a Redis outage',
      wanted: '≥ 99.9 %',
      reached: `${((accepted / posts) * 100).toFixed(2)} % of ${posts.toLocaleString('en')}`,
      holds: accepted / posts >= ACCEPTED_SHARE,
    });
  }
  const waits = results.flatMap(({ measures }) => measures.postgresOutageSlowestMs ?? []);
  if (waits.length > 0) {
    const slowest = Math.max(...waits);
    goals.push({
      goal: '503 with Retry-After during a PostgreSQL outage',
      wanted: `within ${ANSWER_MS / 1000} s`,
      reached: `${(slowest / 1000).toFixed(2)} s, the slowest`,
      holds: slowest <= ANSWER_MS,
    });
  }
  return goals;
}

function countGoals(results: readonly Result[]): Goal[] {
  const rows = [
    ['failed requests in a rolling deploy', 'deployFailedRequests'],
    ['other jobs begun again because of a poison image', 'poisonOthersRunTwice'],
  ] as const;
  return rows.flatMap(([goal, measure]) => {
    const counts = results.flatMap(({ measures }) => measures[measure] ?? []);
    const total = sum(counts);
    return counts.length === 0 ? [] : [{ goal, wanted: '0', reached: String(total), holds: total === 0 }];
  });
}

/** The control's one goal: to fail. */
export function controlGoal(results: readonly Result[]): Goal {
  const caught = results.filter(({ lostJobs }) => lostJobs > 0).length;
  return {
    goal: 'the control is caught losing jobs',
    wanted: `in ≥ ${CAUGHT} scenarios`,
    reached: `in ${caught} of ${results.length}`,
    holds: caught >= CAUGHT,
  };
}

export function allWell(results: readonly Result[], goals: readonly Goal[]): boolean {
  return results.every(held) && goals.every(({ holds }) => holds);
}
