// How often something was done in the present second, day, quarter of an hour: exact over all processes, by PostgreSQL's clock.
// What Redis does where there is one.
import { createBatch } from './batch.ts';
import { isDatabaseSilent, isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';

export interface RateWindow {
  /** What is counted: `tenant:<id>`, `key:<id>`, `login:…`. Windows of a day of the first two never fall behind usage_days. */
  subject: string;
  /** Windows begin at whole multiples of it since 1970 (UTC). */
  seconds: number;
  /** At most so many; more are refused. */
  limit: number;
  /** 1 by default; 0 looks whether there is room for one, without counting. */
  cost?: number;
}

export interface RateAnswer {
  /** All windows have room, and all have counted it; or none has. */
  isAllowed: boolean;
  /** In the order of the question: what is left, and in how many whole seconds the window has ended. */
  windows: { remaining: number; resetSeconds: number }[];
}

export interface RateWindows {
  /** No window twice. Where there is none, all is allowed. */
  take(windows: RateWindow[]): Promise<RateAnswer>;
  /** How often a `tenant:<id>` or `key:<id>` was let in on a day (YYYY-MM-DD, UTC), as usage_days knows. */
  usedOn(subject: string, day: string): Promise<number>;
  idle(): Promise<void>;
}

export function createRateWindows(prisma: PrismaClient): RateWindows {
  const takes = createBatch<RateWindow[], RateAnswer>({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (items) => {
      const rows = await prisma.$queryRaw<TakenRow[]>`
        SELECT is_allowed AS "isAllowed", remaining::float8[], reset_seconds AS "resetSeconds"
        FROM tintype_take(${JSON.stringify(items)}::jsonb)`;
      return rows.map(toAnswer);
    },
  });
  const looks = createBatch<{ subject: string; day: string }, number>({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (items) => {
      const rows = await prisma.$queryRaw<{ used: number }[]>`
        SELECT tintype_used_on(s.subject, s.day)::float8 AS used
        FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS (subject text, day date)) WITH ORDINALITY AS s(subject, day, nth)
        ORDER BY s.nth`;
      return rows.map(({ used }) => used);
    },
  });
  return {
    // A question about nothing has no line in the statement's answer.
    take: async (windows) => (windows.length === 0 ? { isAllowed: true, windows: [] } : takes.add(windows)),
    usedOn: (subject, day) => looks.add({ subject, day }),
    idle: async () => {
      await Promise.all([takes.idle(), looks.idle()]);
    },
  };
}

interface TakenRow {
  isAllowed: boolean;
  remaining: number[];
  resetSeconds: number[];
}

function toAnswer({ isAllowed, remaining, resetSeconds }: TakenRow): RateAnswer {
  const windows = remaining.map((left, nth) => ({ remaining: left, resetSeconds: resetSeconds[nth] ?? 0 }));
  return { isAllowed, windows };
}
