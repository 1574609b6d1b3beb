// Which windows of time a principal's requests are counted in, and how the standing is told (draft-ietf-httpapi-ratelimit-headers-07).
import { AppError } from '@tintype/core';
import type { PlanLimits, RateAnswer, RateWindow } from '@tintype/prisma';
import type { Principal } from '../principal.ts';

const SECOND = 1;
const DAY = 86_400;

const known = new WeakMap<Principal, RateWindow[]>();

/** Of the tenant's plan and of the key's own. None: nothing is counted. */
export function windowsOf(principal: Principal): RateWindow[] {
  const remembered = known.get(principal);
  if (remembered !== undefined) return remembered;
  const { tenantId, id, limits, keyLimits } = principal;
  const windows = [
    ...windowsFor(`tenant:${tenantId}`, limits),
    ...(keyLimits === null ? [] : windowsFor(`key:${id}`, keyLimits)),
  ];
  known.set(principal, windows);
  return windows;
}

function windowsFor(subject: string, { requestsPerSecond, requestsPerDay }: PlanLimits): RateWindow[] {
  return [
    { seconds: SECOND, limit: requestsPerSecond },
    { seconds: DAY, limit: requestsPerDay },
  ].flatMap(({ seconds, limit }) => (limit === null ? [] : [{ subject, seconds, limit }]));
}

export interface Standing {
  headers: Record<string, string>;
  /** Why the request is refused. */
  refusal: AppError | undefined;
}

/** What is told is the window with the least room; of those the one that ends last. */
export function standingOf(windows: RateWindow[], { isAllowed, windows: states }: RateAnswer): Standing {
  const [tightest] = windows
    .map(({ seconds, limit }, nth) => ({ seconds, limit, remaining: 0, resetSeconds: 0, ...states[nth] }))
    .sort((one, other) => one.remaining - other.remaining || other.resetSeconds - one.resetSeconds);
  if (tightest === undefined) return { headers: {}, refusal: undefined };
  const { seconds, limit, remaining, resetSeconds } = tightest;
  return {
    headers: {
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(resetSeconds),
      'ratelimit-policy': windows.map((one) => `${one.limit};w=${one.seconds}`).join(', '),
    },
    refusal: isAllowed ? undefined : refusalOf(seconds, resetSeconds),
  };
}

function refusalOf(seconds: number, retryAfterSeconds: number): AppError {
  return new AppError(seconds === DAY ? 'DAILY_QUOTA_EXCEEDED' : 'RATE_LIMITED', { retryAfterSeconds });
}
