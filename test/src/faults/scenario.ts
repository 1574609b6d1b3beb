// What a scenario is, and what becomes of it.
import type { RedisOptions } from '@tintype/local';
import type { World } from './world.ts';

/** The times within which the normal rate must be back; the goals of the proof. */
export const RECOVERY_GOALS = {
  'worker crash': 15,
  'Redis back': 5,
  'empty Redis': 20,
  'PostgreSQL back': 10,
} as const;
export type RecoveryGoal = keyof typeof RECOVERY_GOALS;

export interface Scenario {
  name: string;
  /** One sentence: what is done to the service. */
  says: string;
  apis?: number;
  workers?: number;
  /** What its processes get beside the addresses. */
  env?: Record<string, string>;
  redis?: RedisOptions['persistence'];
  /** Means nothing where the queue lives in PostgreSQL. */
  needsRedis?: boolean;
  /** The naive service is not made for it: what is tested is no matter of losing jobs. */
  notNaive?: boolean;
  recovery?: RecoveryGoal;
  /** What happens. It ends with the load stopped; the checker comes after. */
  play(world: World): Promise<void>;
}

/** What scenarios measure for the table of goals. */
export interface Measures {
  redisOutagePosts?: number;
  redisOutageAccepted?: number;
  postgresOutageSlowestMs?: number;
  deployFailedRequests?: number;
  poisonOthersRunTwice?: number;
}

/** The checker's five zeros. */
export interface Zeros {
  lostJobs: number;
  lostWebhooks: number;
  duplicateResults: number;
  severalIds: number;
  orphans: number;
}

export interface Result extends Zeros {
  name: string;
  preconditions: string[];
  acknowledged: number;
  /** From the end of the fault until the rate was the normal one again. */
  recoverySeconds: number | undefined;
  /** From the end of the fault until all that was accepted before had ended. */
  caughtUpSeconds: number | undefined;
  recovery: RecoveryGoal | undefined;
  /** What did not hold, beside the zeros. Empty: all well. */
  failures: string[];
  notes: string[];
  measures: Measures;
  seconds: number;
  logFolder: string;
}

export function zerosHold({ lostJobs, lostWebhooks, duplicateResults, severalIds, orphans }: Zeros): boolean {
  return lostJobs + lostWebhooks + duplicateResults + severalIds + orphans === 0;
}

export function held(result: Result): boolean {
  return zerosHold(result) && result.failures.length === 0;
}
