// Plans on the wire: what an account, or a key, may use.
import type { PlanRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Time } from './types.ts';

const limit = (most: number, least: number, description: string) =>
  Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    minimum: least,
    maximum: most,
    description: `${description} null: no limit.`,
  });
/** PostgreSQL's integer, and what a number of JSON holds exactly. */
const [INTEGER, EXACT] = [2_147_483_647, Number.MAX_SAFE_INTEGER];

const limits = {
  requestsPerSecond: limit(INTEGER, 1, 'Requests in one second.'),
  requestsPerDay: limit(EXACT, 1, 'Requests in one day (UTC).'),
  storedBytes: limit(EXACT, 0, 'Bytes of all originals together.'),
  uploadBytes: limit(EXACT, 0, 'Bytes of one file.'),
  concurrentJobs: limit(INTEGER, 0, 'Jobs that have not ended.'),
};

export const PlanName = (description: string) =>
  Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$', description });

export const PlanLimits = Type.Object(
  {
    description: Type.Optional(Type.String({ maxLength: 500, pattern: '^[^\\p{Cc}\\p{Cs}]*$' })),
    ...limits,
  },
  { additionalProperties: false },
);

export const Plan = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    ...limits,
    updatedAt: Time('When it was changed last.'),
  },
  { $id: 'Plan' },
);
export const PlanList = Type.Object(
  { items: Type.Array(Type.Ref('Plan#'), { description: 'All of them, by name.' }) },
  { $id: 'PlanList' },
);

export const PLAN_SCHEMAS = [Plan, PlanList];

export type Plan = Static<typeof Plan>;

export function presentPlan({ updatedAt, ...plan }: PlanRow): Plan {
  return { ...plan, updatedAt: updatedAt.toISOString() };
}
