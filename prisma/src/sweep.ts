// Removes what is no longer wanted: uploads that never became images, and rows past their retention.
import { PLANNED_ANEW } from './client.ts';
import type { PrismaClient } from './generated/client.ts';

interface Slice {
  olderThanMs: number;
  limit: number;
}

export interface Sweep {
  /**
   * Marks uploads older than `olderThanMs`, which then can become no image any more, has `remove` delete each object and forgets
   * those for which it succeeded. Answers how many are gone. No transaction stays open meanwhile: it would hold the feed of events up.
   */
  abandonedUploads(options: {
    olderThanMs: number;
    limit: number;
    remove: (objectKey: string) => Promise<void>;
  }): Promise<number>;
  /** Deletes rows past their age, at most `limit` at a time; answers how many. */
  requestLogs(options: Slice): Promise<number>;
  /** Leaves of addresses in the request log the network: /24 of IPv4, /48 of IPv6. */
  requestLogAddresses(options: Slice): Promise<number>;
  events(options: Slice): Promise<number>;
  idempotencyKeys(options: Slice): Promise<number>;
  /** Deliveries that ended so long ago, with their attempts. */
  webhookDeliveries(options: Slice): Promise<number>;
  /** Logins that ran out so long ago. */
  sessions(options: Slice): Promise<number>;
  /** Keys that were revoked, or ran out, so long ago. */
  apiKeys(options: Slice): Promise<number>;
  usageDays(options: Slice): Promise<number>;
  /** Windows that ended so long ago. */
  rateWindows(options: Slice): Promise<number>;
  /** Contents whose image is gone. Looks at the next `limit` behind `after`; answers where it stopped, undefined at the end. */
  contents(options: { after: string | undefined; limit: number }): Promise<string | undefined>;
  /** Those of these object keys that belong to no image, no derivative and no upload. What is not of our own keys is left out. */
  unknownObjects(objectKeys: string[]): Promise<string[]>;
}

const REMOVING_MS = 40_000;
/** Marked so long ago, a row belongs to a sweep that died. */
const SWEPT_MS = 60_000;
const AT_ONCE = 10;

export function createSweep(prisma: PrismaClient): Sweep {
  return {
    abandonedUploads: async ({ olderThanMs, limit, remove }) => {
      const uploads = await prisma.$queryRaw<Upload[]>`
        UPDATE uploads SET swept_at = now() WHERE id = ANY (ARRAY(
          SELECT id FROM uploads
          WHERE created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
            AND (swept_at IS NULL OR swept_at < now() - ${SWEPT_MS}::float8 * interval '1 millisecond')
          ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))
        RETURNING id, object_key AS "objectKey"`;
      const gone = await removeObjects(uploads, remove);
      await prisma.$executeRaw`DELETE FROM uploads WHERE id = ANY(${gone}::uuid[])`;
      const left = uploads.map(({ id }) => id).filter((id) => !gone.includes(id));
      if (left.length > 0)
        await prisma.$executeRaw`UPDATE uploads SET swept_at = '-infinity' WHERE id = ANY(${left}::uuid[])`;
      return gone.length;
    },

    requestLogs: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM request_logs WHERE id = ANY (ARRAY(
        SELECT id FROM request_logs WHERE at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    // In the words of the partial index: it holds those that are left to do.
    requestLogAddresses: ({ olderThanMs, limit }) => prisma.$executeRaw`
      UPDATE request_logs SET ip = network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END))
      WHERE id = ANY (ARRAY(
        SELECT id FROM request_logs
        WHERE masklen(ip) IN (32, 128) AND at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    events: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM events WHERE seq = ANY (ARRAY(
        SELECT seq FROM events WHERE created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    idempotencyKeys: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM idempotency_keys k USING (
        SELECT tenant_id, key FROM idempotency_keys
        WHERE created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond' AND (locked_until IS NULL OR locked_until < now())
        ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) old WHERE k.tenant_id = old.tenant_id AND k.key = old.key`,

    webhookDeliveries: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries
        WHERE created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
          AND finished_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    sessions: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM sessions WHERE id = ANY (ARRAY(
        SELECT id FROM sessions WHERE expires_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    apiKeys: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM api_keys WHERE id = ANY (ARRAY(
        SELECT id FROM api_keys
        WHERE (revoked_at IS NOT NULL OR expires_at IS NOT NULL)
          AND LEAST(revoked_at, expires_at) < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY LEAST(revoked_at, expires_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,

    usageDays: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM usage_days u USING (
        SELECT tenant_id, day, principal FROM usage_days
        WHERE day < ((now() - ${olderThanMs}::float8 * interval '1 millisecond') AT TIME ZONE 'UTC')::date
        ORDER BY day LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) old WHERE u.tenant_id = old.tenant_id AND u.day = old.day AND u.principal = old.principal`,

    // Those of a second or a quarter of an hour go soon, and the addresses that some of them are of; those of a day when it is over.
    rateWindows: ({ olderThanMs, limit }) => prisma.$executeRaw`
      DELETE FROM rate_windows w USING (
        SELECT subject, seconds FROM rate_windows
        WHERE started_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
          AND started_at + seconds * interval '1 second' < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        ORDER BY started_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) old WHERE w.subject = old.subject AND w.seconds = old.seconds`,

    contents: async ({ after, limit }) => {
      const [tenantId = null, digestHex = null] = after?.split('/') ?? [];
      const [slice] = await prisma.$queryRaw<{ last: string | null }[]>`
        WITH slice AS (
          SELECT tenant_id, digest, image_id FROM contents
          WHERE ${tenantId}::uuid IS NULL OR (tenant_id, digest) > (${tenantId}::uuid, decode(${digestHex}, 'hex'))
          ORDER BY tenant_id, digest LIMIT ${limit}
        ), gone AS (
          DELETE FROM contents c USING slice s
          WHERE c.tenant_id = s.tenant_id AND c.digest = s.digest AND c.image_id = s.image_id
            AND NOT EXISTS (SELECT FROM images m WHERE m.id = s.image_id)
        )
        SELECT tenant_id || '/' || encode(digest, 'hex') AS last FROM slice
        ORDER BY tenant_id, digest OFFSET ${limit - 1} LIMIT 1`;
      return slice?.last ?? undefined;
    },

    unknownObjects: async (objectKeys) => {
      // Many objects may wait to be removed: they are looked through once, not once for each key. That takes the keys being known to the planner.
      const rows = await prisma.$queryRaw<{ key: string }[]>`${PLANNED_ANEW}
        SELECT r.key FROM jsonb_to_recordset(${JSON.stringify(objectKeys.flatMap(partsOf))}::jsonb)
          AS r(key text, "imageId" uuid, "derivativeId" uuid, attempt int)
        WHERE NOT EXISTS (SELECT FROM images m WHERE m.id = r."imageId" AND m.object_key = r.key)
          AND NOT EXISTS (
            SELECT FROM derivatives d
            -- One that is being made right now has its object before it has its name.
            WHERE d.id = r."derivativeId" AND (d.object_key = r.key OR d.lease_until IS NOT NULL AND d.attempt = r.attempt))
          AND r.key NOT IN (SELECT object_key FROM uploads WHERE object_key = ANY (${objectKeys}::text[]))`;
      return rows.map(({ key }) => key);
    },
  };
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** `<tenant>/original/<image>`, and of one that was fetched `-<attempt>` behind it. */
const ORIGINAL_KEY = new RegExp(`^${UUID}/original/(${UUID})(?:-[0-9]+)?$`);
/** `<tenant>/derived/<image>/<derivative>-<attempt>`, and `files` for the image where there is none. */
const DERIVED_KEY = new RegExp(`^${UUID}/derived/(?:files|${UUID})/(${UUID})-([0-9]{1,9})$`);
/** `<tenant>/incoming/<upload>` */
const INCOMING_KEY = new RegExp(`^${UUID}/incoming/${UUID}$`);

/** By what the row is found that has the object; none for what is not of our own keys. */
function partsOf(key: string): object[] {
  const [, imageId] = ORIGINAL_KEY.exec(key) ?? [];
  if (imageId !== undefined) return [{ key, imageId }];
  const [, derivativeId, attempt] = DERIVED_KEY.exec(key) ?? [];
  if (derivativeId !== undefined) return [{ key, derivativeId, attempt: Number(attempt) }];
  return INCOMING_KEY.test(key) ? [{ key }] : [];
}

interface Upload {
  id: string;
  objectKey: string;
}

/** Answers the ids of those whose objects are gone. An object store that is slow or away leaves the rest for the next time. */
async function removeObjects(
  uploads: Upload[],
  remove: (objectKey: string) => Promise<void>,
): Promise<string[]> {
  const deadline = performance.now() + REMOVING_MS;
  const waiting = uploads.values();
  const gone: string[] = [];
  async function removeNext(): Promise<void> {
    for (const { id, objectKey } of waiting) {
      if (performance.now() > deadline) return;
      await remove(objectKey).then(
        () => gone.push(id),
        () => undefined,
      );
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, removeNext));
  return gone;
}
