// Derivatives as their tenant asks for them: made once for equal wishes, whoever asks at the same time.
import { createBatch } from './batch.ts';
import { isDatabaseSilent, isDataError } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';
import { newId } from './id.ts';
import type { Nudge } from './reconcile.ts';

export const DERIVATIVE_STATUSES = ['waiting', 'making', 'ready', 'failed'] as const;
export type DerivativeStatus = (typeof DERIVATIVE_STATUSES)[number];

export interface DerivativeRow {
  id: string;
  imageId: string | null;
  digestHex: string;
  transform: object;
  status: DerivativeStatus;
  /** Of what is ready; null before. */
  made: MadeDerivative | null;
  /** Of what failed, or will be tried again. */
  errorCode: string | null;
  errorMessage: string | null;
}

export interface MadeDerivative {
  objectKey: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256Hex: string;
}

/** What is wanted of which object. */
export interface WantedDerivative {
  /** Null: a file that is no image's. */
  imageId: string | null;
  sourceKey: string;
  /** SHA-256 of the source's version and of the transform. */
  digestHex: string;
  /** In its one writing: core's CanonicalTransform. */
  transform: object;
  /** It stays as long as its image. */
  isKept: boolean;
  requestId: string;
  traceparent: string | null;
}

export interface Derivatives {
  /** Looks, and notes about once an hour that it was asked for. */
  find(tenantId: string, digestHex: string): Promise<DerivativeRow | undefined>;
  /**
   * The one that is there, or else a new one that waits, with the nudge to send for it; one that failed more than `retryFailedAfterMs` ago
   * waits anew. Undefined: the image is gone. `too-many`: the source has `most` that are not kept.
   */
  want(
    tenantId: string,
    wanted: WantedDerivative,
    options: { most: number; retryFailedAfterMs: number },
  ): Promise<{ row: DerivativeRow; nudge: Nudge | undefined } | 'too-many' | undefined>;
  /** Of the image, by digest. */
  ofImage(tenantId: string, imageId: string, digestsHex: string[]): Promise<DerivativeRow[]>;
  /** Forgets one that is ready and whose object is not in the store any more, so that it can be wanted anew. False: it is not as told. */
  forgetLost(tenantId: string, lost: { id: string; objectKey: string }): Promise<boolean>;
}

/** How exactly it is known when one was last asked for. */
const NOTED_EVERY_MS = 3_600_000;

interface Row extends Omit<DerivativeRow, 'made'> {
  objectKey: string | null;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256Hex: string;
}

type WantRow =
  | (Row & { outcome: 'found'; isNew: boolean; generation: number })
  | { outcome: 'gone' | 'too-many' };

type Asked = { tenantId: string; digestHex: string };
type Wanted = WantedDerivative & { tenantId: string; most: number; retryFailedAfterMs: number };

export function createDerivatives(prisma: PrismaClient): Derivatives {
  const finds = createBatch<Asked, DerivativeRow | undefined>({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (asked) => {
      const rows = await prisma.$queryRaw<(Row & { tenantId: string; isUnnoted: boolean })[]>`
        SELECT d.tenant_id AS "tenantId", d.id, d.image_id AS "imageId", encode(d.digest, 'hex') AS "digestHex", d.transform, d.status,
          d.object_key AS "objectKey", d.format, d.width, d.height, d.bytes::float8 AS bytes, encode(d.sha256, 'hex') AS "sha256Hex",
          d.error_code AS "errorCode", d.error_message AS "errorMessage",
          d.used_at < now() - ${NOTED_EVERY_MS}::float8 * interval '1 millisecond' AS "isUnnoted"
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS r("tenantId" uuid, "digestHex" text)
        JOIN derivatives d ON d.tenant_id = r."tenantId" AND d.digest = decode(r."digestHex", 'hex')`;
      const unnoted = rows.filter(({ isUnnoted }) => isUnnoted).map(({ id }) => id);
      if (unnoted.length > 0) await noteUse(prisma, unnoted);
      const found = new Map(rows.map((row) => [nameOf(row), toDerivative(row)]));
      return asked.map((one) => found.get(nameOf(one)));
    },
  });

  const wishes = createBatch<Wanted, WantRow>({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: (wanted) => {
      const rows = wanted.map((one) => ({ ...one, id: newId() }));
      return prisma.$queryRaw<WantRow[]>`
        SELECT outcome, is_new AS "isNew", (made).generation, (made).id, (made).image_id AS "imageId",
          encode((made).digest, 'hex') AS "digestHex", (made).transform, (made).status, (made).object_key AS "objectKey", (made).format,
          (made).width, (made).height, (made).bytes::float8 AS bytes, encode((made).sha256, 'hex') AS "sha256Hex",
          (made).error_code AS "errorCode", (made).error_message AS "errorMessage"
        FROM tintype_want(${JSON.stringify(rows)}::jsonb)`;
    },
  });

  return {
    find: (tenantId, digestHex) => finds.add({ tenantId, digestHex }),

    want: async (tenantId, wanted, options) => {
      const row = await wishes.add({ ...wanted, ...options, tenantId });
      if (row.outcome !== 'found') return row.outcome === 'gone' ? undefined : 'too-many';
      const { id, generation, isNew } = row;
      return { row: toDerivative(row), nudge: isNew ? { id, generation } : undefined };
    },

    ofImage: async (tenantId, imageId, digestsHex) => {
      const rows = await prisma.$queryRaw<Row[]>`
        SELECT d.id, d.image_id AS "imageId", encode(d.digest, 'hex') AS "digestHex", d.transform, d.status, d.object_key AS "objectKey",
          d.format, d.width, d.height, d.bytes::float8 AS bytes, encode(d.sha256, 'hex') AS "sha256Hex", d.error_code AS "errorCode",
          d.error_message AS "errorMessage"
        FROM unnest(${digestsHex}::text[]) AS r(digest)
        JOIN derivatives d ON d.tenant_id = ${tenantId}::uuid AND d.digest = decode(r.digest, 'hex')
        WHERE d.image_id = ${imageId}::uuid`;
      return rows.map(toDerivative);
    },

    // What the trigger leaves to the sweep of it is not there: nothing that comes later lies at its key.
    forgetLost: async (tenantId, { id, objectKey }) => {
      const removed = await prisma.$executeRaw`
        DELETE FROM derivatives WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid AND object_key = ${objectKey}`;
      return removed > 0;
    },
  };
}

function nameOf({ tenantId, digestHex }: Asked): string {
  return `${tenantId}/${digestHex.toLowerCase()}`;
}

function toDerivative(row: Row): DerivativeRow {
  const { id, imageId, digestHex, transform, status, errorCode, errorMessage } = row;
  const { objectKey, format, width, height, bytes, sha256Hex } = row;
  const made = objectKey === null ? null : { objectKey, format, width, height, bytes, sha256Hex };
  return { id, imageId, digestHex, transform, status, made, errorCode, errorMessage };
}

/** No answer waits for the locks of others for that, nor fails by it. */
async function noteUse(prisma: PrismaClient, ids: string[]): Promise<void> {
  await prisma.$executeRaw`
    UPDATE derivatives SET used_at = now() WHERE id = ANY (ARRAY(
      SELECT id FROM derivatives WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))`.catch(
    () => undefined,
  );
}
