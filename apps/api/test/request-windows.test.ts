import { NO_LIMITS, type PlanLimits, type RateAnswer } from '@tintype/prisma';
import t from 'tap';
import { standingOf, windowsOf } from '../src/limits/request-windows.ts';
import type { Principal } from '../src/principal.ts';

t.test('which window is told', async (t) => {
  const limits = (requestsPerSecond: number | null, requestsPerDay: number | null): PlanLimits => ({
    ...NO_LIMITS,
    ...{ requestsPerSecond, requestsPerDay },
  });
  const rows: {
    of: PlanLimits;
    key?: PlanLimits;
    left: [remaining: number, resetSeconds: number][];
    told: string;
    code?: string;
  }[] = [
    { of: limits(10, null), left: [[9, 1]], told: '10 9 1' },
    {
      of: limits(10, 1000),
      left: [
        [9, 1],
        [900, 50],
      ],
      told: '10 9 1',
    },
    {
      of: limits(10, 1000),
      left: [
        [9, 1],
        [5, 50],
      ],
      told: '1000 5 50',
    },
    {
      of: limits(10, 1000),
      left: [
        [5, 1],
        [5, 50],
      ],
      told: '1000 5 50',
    },
    {
      of: limits(10, 1000),
      left: [
        [0, 1],
        [900, 50],
      ],
      told: '10 0 1',
      code: 'RATE_LIMITED',
    },
    {
      of: limits(10, 1000),
      left: [
        [3, 1],
        [0, 50],
      ],
      told: '1000 0 50',
      code: 'DAILY_QUOTA_EXCEEDED',
    },
    {
      of: limits(10, 1000),
      left: [
        [0, 1],
        [0, 50],
      ],
      told: '1000 0 50',
      code: 'DAILY_QUOTA_EXCEEDED',
    },
    {
      of: limits(10, null),
      key: limits(null, 20),
      left: [
        [9, 1],
        [4, 50],
      ],
      told: '20 4 50',
    },
    { of: limits(null, null), key: limits(2, null), left: [[0, 1]], told: '2 0 1', code: 'RATE_LIMITED' },
  ];
  for (const { of, key = null, left, told, code } of rows) {
    const principal = { tenantId: 't', id: 'k', limits: of, keyLimits: key } as Principal;
    const windows = left.map(([remaining, resetSeconds]) => ({ remaining, resetSeconds }));
    const answer: RateAnswer = { isAllowed: code === undefined, windows };
    const { headers, refusal } = standingOf(windowsOf(principal), answer);
    const { 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': reset } = headers;
    t.equal(`${limit} ${remaining} ${reset}`, told);
    t.equal(refusal?.code, code);
    if (code !== undefined) t.equal(refusal?.retryAfterSeconds, Number(reset));
  }
  const principal = { tenantId: 't', id: 'k', limits: limits(1, 2), keyLimits: limits(3, 4) } as Principal;
  t.same(windowsOf(principal), [
    { subject: 'tenant:t', seconds: 1, limit: 1 },
    { subject: 'tenant:t', seconds: 86_400, limit: 2 },
    { subject: 'key:k', seconds: 1, limit: 3 },
    { subject: 'key:k', seconds: 86_400, limit: 4 },
  ]);
});
