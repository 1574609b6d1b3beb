// What tenants do and store: by day and key, and now.
import type { PrismaClient } from './generated/client.ts';

/** The principal of what a person does without a key. */
export const SESSION_PRINCIPAL = 'session';

export interface UsageCount {
  tenantId: string;
  /** YYYY-MM-DD, UTC. */
  day: string;
  /** A key's id, or {@link SESSION_PRINCIPAL}. */
  principal: string;
  /** Those that were let in: what a limit of requests refuses does not count. */
  requests: number;
  /** Of the files that were taken in. */
  bytes: number;
  jobs: number;
}

export interface UsageDayRow extends Omit<UsageCount, 'tenantId'> {
  /** Null for {@link SESSION_PRINCIPAL}, and for a key that is gone. */
  keyName: string | null;
}

export interface UsageNow {
  images: number;
  storedBytes: number;
  /** Jobs that have not ended. */
  unfinishedJobs: number;
  /** As counted in usage_days. */
  requestsToday: number;
}

export interface Usage {
  /** Adds to what was counted before. No tenant's day and principal twice. */
  add(counts: UsageCount[]): Promise<void>;
  /** Newest first; `from` and `to` are days, both included. */
  days(tenantId: string, query: { from: string; to: string }): Promise<UsageDayRow[]>;
  now(tenantId: string): Promise<UsageNow>;
}

export function createUsage(prisma: PrismaClient): Usage {
  return {
    // Rows are locked in the order of their key: every process adds to the same ones.
    add: async (counts) => {
      await prisma.$executeRaw`
        INSERT INTO usage_days AS u (tenant_id, day, principal, requests, bytes, jobs)
        SELECT "tenantId", day, principal, requests, bytes, jobs
        FROM jsonb_to_recordset(${JSON.stringify(counts)}::jsonb) AS r(
          "tenantId" uuid, day date, principal text, requests bigint, bytes bigint, jobs bigint)
        ORDER BY "tenantId", day, principal
        ON CONFLICT (tenant_id, day, principal) DO UPDATE
        SET requests = u.requests + excluded.requests, bytes = u.bytes + excluded.bytes, jobs = u.jobs + excluded.jobs`;
    },

    days: (tenantId, { from, to }) => prisma.$queryRaw`
      SELECT u.day::text, u.principal, u.requests::float8, u.bytes::float8, u.jobs::float8, k.name AS "keyName"
      FROM usage_days u LEFT JOIN api_keys k ON k.id = u.principal AND k.tenant_id = u.tenant_id
      WHERE u.tenant_id = ${tenantId}::uuid AND u.day BETWEEN ${from}::date AND ${to}::date
      ORDER BY u.day DESC, u.principal`,

    now: async (tenantId) => {
      const [row] = await prisma.$queryRaw<UsageNow[]>`
        SELECT coalesce((SELECT images FROM tenant_usage WHERE tenant_id = t.id), 0)::float8 AS images,
          coalesce((SELECT stored_bytes FROM tenant_usage WHERE tenant_id = t.id), 0)::float8 AS "storedBytes",
          (SELECT count(*) FROM jobs j WHERE j.tenant_id = t.id AND j.status IN ('queued', 'processing'))::float8 AS "unfinishedJobs",
          coalesce((SELECT sum(requests) FROM usage_days u WHERE u.tenant_id = t.id AND u.day = (now() AT TIME ZONE 'UTC')::date), 0)::float8
            AS "requestsToday"
        FROM (SELECT ${tenantId}::uuid AS id) t`;
      return row ?? { images: 0, storedBytes: 0, unfinishedJobs: 0, requestsToday: 0 };
    },
  };
}
