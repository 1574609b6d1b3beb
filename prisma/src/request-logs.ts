// The request log: one row for each changing request, written in batches after the answer.
import { createBatch } from './batch.ts';
import { isDataError } from './errors.ts';
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
  /** The API key's id. */
  principal: string | null;
  tenantId: string | null;
  requestId: string;
}

export interface RequestLogs {
  write(row: RequestLogRow): Promise<void>;
  idle(): Promise<void>;
}

export function createRequestLogs(prisma: PrismaClient): RequestLogs {
  const rows = createBatch<RequestLogRow, void>({
    isItemError: isDataError,
    maxInFlight: 1,
    flush: async (batch) => {
      await prisma.$executeRaw`
        INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, principal, tenant_id, request_id)
        SELECT at, ip, method, route, status, "durationMs", bytes, principal, "tenantId", "requestId"
        FROM jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) AS r(
          at timestamptz, ip inet, method text, route text, status int, "durationMs" real, bytes bigint,
          principal text, "tenantId" uuid, "requestId" text)`;
      return batch.map(() => undefined);
    },
  });
  return { write: rows.add, idle: rows.idle };
}
