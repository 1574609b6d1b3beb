// The request log: one row for each changing request, written in batches after the answer. Rows wait here while PostgreSQL is away.
import { setTimeout as sleep } from 'node:timers/promises';
import { createBatch } from './batch.ts';
import { isDatabaseUnavailable, isDataError } from './errors.ts';
import { findRequestLogs, type RequestLogPage, type RequestLogQuery } from './find-request-logs.ts';
import type { PrismaClient } from './generated/client.ts';

export interface RequestLogRow {
  at: Date;
  ip: string;
  method: string;
  /** The route's pattern, not the path. */
  route: string;
  status: number;
  durationMs: number;
  /** As announced by Content-Length; 0 where it was not. */
  bytes: number;
  /** The API key's id; of a person without a key, the user's. */
  principal: string | null;
  tenantId: string | null;
  requestId: string;
}

export interface RequestLogs {
  /**
   * Resolves when the row is written, however long PostgreSQL is away. Rejects when it is lost: its data can't be stored, too many wait
   * behind it, or the process ends. One whose answer was lost is written once more.
   */
  write(row: RequestLogRow): Promise<void>;
  /** Newest first, by the time they began. Looks at a bounded number of rows: a page may hold fewer than there are, even none. */
  list(query: RequestLogQuery): Promise<RequestLogPage>;
  /** Resolves when nothing waits any more: what can't be written now is lost. */
  idle(): Promise<void>;
}

export interface RequestLogOptions {
  /** Rows that wait while PostgreSQL is away; beyond them the oldest is lost. */
  keptLogRows?: number;
}

const TRY_AGAIN_MS = 1000;

export function createRequestLogs(
  prisma: PrismaClient,
  { keptLogRows = 10_000 }: RequestLogOptions = {},
): RequestLogs {
  let leaving = new AbortController();

  const rows = createBatch<RequestLogRow, void>({
    isItemError: isDataError,
    isStall: isDatabaseUnavailable,
    maxInFlight: 1,
    maxWaiting: keptLogRows,
    flush: async (batch) => {
      for (;;) {
        // Who leaves while it is away gets this one try.
        const isLast = leaving.signal.aborted;
        try {
          await insert(prisma, batch);
          return batch.map(() => undefined);
        } catch (error) {
          if (isLast || !isDatabaseUnavailable(error)) throw error;
          await sleep(TRY_AGAIN_MS, undefined, { signal: leaving.signal }).catch(() => undefined);
        }
      }
    },
  });

  return {
    write: rows.add,
    list: (query) => findRequestLogs(prisma, query),
    idle: async () => {
      leaving.abort();
      await rows.idle();
      leaving = new AbortController();
    },
  };
}

async function insert(prisma: PrismaClient, batch: RequestLogRow[]): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, principal, tenant_id, request_id)
    SELECT at, ip, method, route, status, "durationMs", bytes, principal, "tenantId", "requestId"
    FROM jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) AS r(
      at timestamptz, ip inet, method text, route text, status int, "durationMs" real, bytes bigint,
      principal text, "tenantId" uuid, "requestId" text)`;
}
