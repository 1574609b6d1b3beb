// Usage on the wire: what a plan allows, what is used of it now, and what was done on each day.
import { SESSION_PRINCIPAL, type UsageDayRow, type UsageNow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import type { Principal } from '../principal.ts';
import { Plan } from './plan.ts';
import { Nullable } from './types.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const Day = (description: string) => Type.String({ format: 'date', description });

const UsageDay = Type.Object({
  day: Day('UTC.'),
  key: Nullable(
    Type.Object({
      id: Type.String(),
      name: Nullable(Type.String({ description: 'null: the key is gone.' })),
    }),
  ),
  requests: Count('Those that were let in: what a limit of requests refused is not counted.'),
  bytes: Count('Of the files that were sent. Files that were fetched count in `now` alone.'),
  jobs: Count('Jobs that were made of files and addresses.'),
});

export const Usage = Type.Object(
  {
    plan: Type.Object(
      { name: Type.String(), ...Type.Omit(Plan, ['name', 'description', 'updatedAt']).properties },
      { description: 'Of the account. A key may have a plan of its own besides.' },
    ),
    now: Type.Object({
      images: Count('Images that there are.'),
      storedBytes: Count('Bytes of all originals together.'),
      unfinishedJobs: Count('Jobs that have not ended.'),
      requestsToday: Count('Since midnight (UTC), a second ago.'),
    }),
    days: Type.Array(UsageDay, {
      description:
        'By day, the newest first, and key; null: without a key. Days on which nothing was done are left out.',
    }),
  },
  { $id: 'Usage' },
);
export type Usage = Static<typeof Usage>;

export function presentUsage(
  { planName, limits }: Pick<Principal, 'planName' | 'limits'>,
  now: UsageNow,
  days: UsageDayRow[],
): Usage {
  return {
    plan: { name: planName, ...limits },
    now,
    days: days.map(({ principal, keyName, ...counts }) => ({
      ...counts,
      key: principal === SESSION_PRINCIPAL ? null : { id: principal, name: keyName },
    })),
  };
}
