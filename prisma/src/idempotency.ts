// What a request under an Idempotency-Key was answered, so that the same request sent again does nothing twice.
// IETF draft-ietf-httpapi-idempotency-key-header. A key belongs to its tenant.
import { type Batch, createBatch } from './batch.ts';
import { isDatabaseSilent, isDataError } from './errors.ts';
import type { IdempotencyKey, PrismaClient } from './generated/client.ts';

export interface StoredAnswer {
  /** SHA-256 of what was asked, hexadecimal. */
  fingerprintHex: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** A key that a request has taken. */
export interface KeyHold {
  tenantId: string;
  key: string;
  /** Names the request; a key that another has taken over meanwhile is not ours. */
  owner: string;
}

export type BegunRequest =
  | { state: 'ours' }
  | { state: 'running' }
  | { state: 'answered'; answer: StoredAnswer };

export interface Idempotency {
  /**
   * Takes the key for `leaseMs`. One that a vanished process left behind is taken over once its lease ran out, an answer older than
   * `keepMs` counts as gone.
   */
  begin(hold: KeyHold, times: { leaseMs: number; keepMs: number }): Promise<BegunRequest>;
  /** Prolongs what is held. */
  renew(holds: KeyHold[], leaseMs: number): Promise<void>;
  /** Remembers the answer. False: the key is not ours any more. */
  finish(hold: KeyHold, answer: StoredAnswer): Promise<boolean>;
  /** Gives the key back without an answer: the request failed and may be sent again. */
  release(hold: KeyHold): Promise<void>;
  idle(): Promise<void>;
}

interface Begin {
  hold: KeyHold;
  leaseMs: number;
  keepMs: number;
}

/** Each turn but the last found the key given back at the very moment. */
const MOST_TURNS = 10;

export function createIdempotency(prisma: PrismaClient): Idempotency {
  const begins: Batch<Begin, boolean> = createBatch({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (items) => {
      const rows = items.map(({ hold, leaseMs }, place) => ({ ...hold, leaseMs, place }));
      const keepMs = Math.max(...items.map((item) => item.keepMs));
      // Of two in one batch the first has it. Sorted, so that two batches can't wait for each other.
      const taken = await prisma.$queryRaw<{ owner: string }[]>`
        INSERT INTO idempotency_keys AS k (tenant_id, key, owner, locked_until)
        SELECT DISTINCT ON ("tenantId", key) "tenantId", key, owner, now() + "leaseMs" * interval '1 millisecond'
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("tenantId" uuid, key text, owner uuid, "leaseMs" float8, place int)
        ORDER BY "tenantId", key, place
        ON CONFLICT (tenant_id, key) DO UPDATE
        SET owner = excluded.owner, locked_until = excluded.locked_until, created_at = now(),
            fingerprint = NULL, status = NULL, headers = NULL, body = NULL
        WHERE k.locked_until < now() OR (k.locked_until IS NOT NULL AND k.owner = excluded.owner)
          OR (k.locked_until IS NULL AND k.created_at < now() - ${keepMs}::float8 * interval '1 millisecond')
        RETURNING owner`;
      const owners = new Set(taken.map(({ owner }) => owner));
      return items.map(({ hold }) => owners.has(hold.owner));
    },
  });

  async function begin(hold: KeyHold, times: { leaseMs: number; keepMs: number }): Promise<BegunRequest> {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      if (await begins.add({ hold, ...times })) return { state: 'ours' };
      const { tenantId, key } = hold;
      const row = await prisma.idempotencyKey.findUnique({ where: { tenantId_key: { tenantId, key } } });
      if (row !== null) return row.lockedUntil === null ? toAnswered(row) : { state: 'running' };
    }
    return { state: 'running' };
  }

  return {
    begin,

    renew: async (holds, leaseMs) => {
      // A key that somebody has locked is being answered or given back, which is as good.
      await prisma.$executeRaw`
        WITH held AS (
          SELECT k.tenant_id, k.key
          FROM jsonb_to_recordset(${JSON.stringify(holds)}::jsonb) AS r("tenantId" uuid, key text, owner uuid)
          JOIN idempotency_keys k ON k.tenant_id = r."tenantId" AND k.key = r.key AND k.owner = r.owner
          WHERE k.locked_until IS NOT NULL FOR NO KEY UPDATE OF k SKIP LOCKED
        )
        UPDATE idempotency_keys k SET locked_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
        FROM held h WHERE k.tenant_id = h.tenant_id AND k.key = h.key`;
    },

    finish: async ({ tenantId, key, owner }, { fingerprintHex, status, headers, body }) => {
      const written = await prisma.$executeRaw`
        UPDATE idempotency_keys
        SET locked_until = NULL, fingerprint = decode(${fingerprintHex}, 'hex'), status = ${status},
            headers = ${JSON.stringify(headers)}::jsonb, body = ${JSON.stringify(body ?? null)}::jsonb
        WHERE tenant_id = ${tenantId}::uuid AND key = ${key} AND owner = ${owner}::uuid AND locked_until IS NOT NULL`;
      return written > 0;
    },

    release: async ({ tenantId, key, owner }) => {
      await prisma.$executeRaw`
        DELETE FROM idempotency_keys
        WHERE tenant_id = ${tenantId}::uuid AND key = ${key} AND owner = ${owner}::uuid AND locked_until IS NOT NULL`;
    },

    idle: begins.idle,
  };
}

function toAnswered({ fingerprint, status, headers, body }: IdempotencyKey): BegunRequest {
  return {
    state: 'answered',
    answer: {
      fingerprintHex: Buffer.from(fingerprint ?? []).toString('hex'),
      status: status ?? 200,
      headers: (headers ?? {}) as Record<string, string>,
      body,
    },
  };
}
