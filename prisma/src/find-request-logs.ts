// Reads the request log, newest first. A filter that nothing matches must not cost a look at a year of rows: a page looks at a bounded
// number of them and says where to go on.
import { Prisma, type PrismaClient } from './generated/client.ts';
import type { RequestLogRow } from './request-logs.ts';

/** A place between two rows. */
export interface RequestLogCursor {
  at: Date;
  id: bigint;
}

export interface RequestLogQuery {
  /** Begun at that time or later. */
  after?: Date | undefined;
  /** Begun before that time. */
  before?: Date | undefined;
  /** An address or a network: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32. A truncated address matches networks that hold all of it. */
  network?: string | undefined;
  method?: string | undefined;
  route?: string | undefined;
  /** The least and the most, both included. */
  status?: { from: number; to: number } | undefined;
  principal?: string | undefined;
  tenantId?: string | undefined;
  requestId?: string | undefined;
  /** Only what is behind it. */
  cursor?: RequestLogCursor | undefined;
  limit: number;
}

export interface StoredRequestLog extends RequestLogRow {
  id: bigint;
  /** One address, or the network that is left of it: 203.0.113.0/24. */
  ip: string;
}

export interface RequestLogPage {
  rows: StoredRequestLog[];
  /** Where the next page begins; undefined: there is nothing behind this one. */
  next: RequestLogCursor | undefined;
}

/** Rows that one page looks at. */
const LOOKED_AT = 50_000;

type FoundRow = StoredRequestLog & { isEdge: boolean };

export async function findRequestLogs(prisma: PrismaClient, query: RequestLogQuery): Promise<RequestLogPage> {
  const { limit } = query;
  // PostgreSQL plans for any bounds at once and guesses that few rows are within: it must not gather and sort a year of them.
  const [, found] = await prisma.$transaction([
    prisma.$queryRaw`SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)`,
    prisma.$queryRaw<FoundRow[]>`
      WITH page AS MATERIALIZED (
        SELECT * FROM (SELECT * FROM request_logs WHERE ${bounds(query)} ORDER BY at DESC, id DESC LIMIT ${LOOKED_AT}) looked
        WHERE ${filters(query)} ORDER BY at DESC, id DESC LIMIT ${limit + 1}
      ), edge AS (
        -- The last row that was looked at, where that was not enough.
        SELECT id, at FROM request_logs WHERE ${bounds(query)} AND (SELECT count(*) FROM page) <= ${limit}
        ORDER BY at DESC, id DESC OFFSET ${LOOKED_AT - 1} LIMIT 1
      )
      SELECT id, at, abbrev(ip) AS ip, method, route, status, duration_ms AS "durationMs", bytes::float8 AS bytes, principal,
             tenant_id AS "tenantId", request_id AS "requestId", false AS "isEdge" FROM page
      UNION ALL
      SELECT id, at, '', '', '', 0, 0, 0, NULL, NULL, '', true FROM edge
      ORDER BY at DESC, id DESC, "isEdge"`,
  ]);
  const rows = found.filter(({ isEdge }) => !isEdge).map(({ isEdge: _no, ...row }) => row);
  const last = rows.length > limit ? rows[limit - 1] : found.find(({ isEdge }) => isEdge);
  return { rows: rows.slice(0, limit), next: last && { at: last.at, id: last.id } };
}

/** What is compared row by row. */
function filters(query: RequestLogQuery): Prisma.Sql {
  const { method = null, route = null, principal = null, tenantId = null, network = null } = query;
  const { from, to } = query.status ?? { from: null, to: null };
  return Prisma.sql`(${method}::text IS NULL OR method = ${method}) AND (${route}::text IS NULL OR route = ${route})
    AND (${from}::int IS NULL OR status BETWEEN ${from}::int AND ${to}::int)
    AND (${principal}::text IS NULL OR principal = ${principal}) AND (${tenantId}::uuid IS NULL OR tenant_id = ${tenantId}::uuid)
    AND (${network}::inet IS NULL OR ip <<= ${network}::inet)`;
}

/** What an index finds. */
function bounds({ after, before, cursor, requestId }: RequestLogQuery): Prisma.Sql {
  const [from, to] = [after ?? null, before ?? null];
  const [at, id] = [cursor?.at ?? null, cursor?.id ?? null];
  const named = requestId === undefined ? Prisma.empty : Prisma.sql`AND request_id = ${requestId}`;
  return Prisma.sql`at >= coalesce(${from}::timestamptz, '-infinity') AND at < coalesce(${to}::timestamptz, 'infinity')
    AND at <= coalesce(${at}::timestamptz, 'infinity') AND (at < coalesce(${at}::timestamptz, 'infinity') OR id < ${id}::bigint) ${named}`;
}
