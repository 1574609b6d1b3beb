// Removes what belonged to tenants that are deleted: a little at a time, and without a word to anybody.
import type { PrismaClient } from './generated/client.ts';
import { lockImages, removeImages } from './remove-images.ts';

export interface Purge {
  /**
   * Removes about `limit` rows of tenants that were deleted longer ago than `graceMs`; answers how many are gone, 0 when nothing is left to
   * do. Objects are left to the sweep, which knows them as abandoned uploads from now on. The tenant itself is kept, without anything that
   * it owned, for 60 times the grace: a request that was let in before may still bring something.
   */
  next(options: { graceMs: number; limit: number }): Promise<number>;
}

interface Tenant {
  id: string;
  createdAt: Date;
}

type Remove = (tenantId: string, limit: number) => Promise<number>;

const KEPT_GRACES = 60;
/** Images bring their jobs along, and are locked while they go. */
const IMAGES_AT_ONCE = 200;
const EVENTS_AT_ONCE = 5000;
/** Events are as old as the beginning of the transaction that wrote them. */
const TRANSACTION_MS = 60_000;
const MOST_TENANTS = 1000;

export function createPurge(prisma: PrismaClient): Purge {
  /** Up to when the events of a tenant have been looked through. */
  const lookedThrough = new Map<string, Date>();

  /** Those of queued jobs are in no index of a tenant's: all events since it was made are looked through, once. */
  async function removeEvents({ id, createdAt }: Tenant, limit: number): Promise<number> {
    let removed = 0;
    let from = before(lookedThrough.get(id) ?? createdAt, TRANSACTION_MS);
    for (let isEnd = false; !isEnd && removed < limit; ) {
      // With all of the last moment, so that the next slice begins behind it.
      const [row] = await prisma.$queryRaw<{ last: Date | null; seen: number; gone: number }[]>`
        WITH seen AS (
          SELECT seq, tenant_id, created_at FROM events WHERE created_at > ${from}
          ORDER BY created_at FETCH FIRST ${EVENTS_AT_ONCE} ROWS WITH TIES
        ), gone AS (
          DELETE FROM events e USING seen s WHERE s.tenant_id = ${id}::uuid AND e.seq = s.seq RETURNING e.seq
        )
        SELECT (SELECT max(created_at) FROM seen) AS last, (SELECT count(*)::int FROM seen) AS seen,
          (SELECT count(*)::int FROM gone) AS gone`;
      const { last = null, seen = 0, gone = 0 } = row ?? {};
      removed += gone;
      isEnd = seen < EVENTS_AT_ONCE;
      from = last ?? from;
      lookedThrough.set(id, from);
    }
    return removed;
  }

  const removes: Remove[] = [
    (id, limit) => removeNewest(prisma, id, Math.min(limit, IMAGES_AT_ONCE)),
    // Of files that are no image's; the others went with their images. A trigger leaves the objects to the sweep.
    (id, limit) => prisma.$executeRaw`
      DELETE FROM derivatives WHERE id = ANY (ARRAY(
        SELECT id FROM derivatives WHERE tenant_id = ${id}::uuid ORDER BY digest LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
    (id) => prisma.$executeRaw`DELETE FROM webhook_endpoints WHERE tenant_id = ${id}::uuid`,
    (id, limit) => prisma.$executeRaw`
      DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries WHERE tenant_id = ${id}::uuid ORDER BY id DESC LIMIT ${limit}))`,
    (id, limit) => prisma.$executeRaw`
      DELETE FROM idempotency_keys WHERE tenant_id = ${id}::uuid AND key = ANY (ARRAY(
        SELECT key FROM idempotency_keys WHERE tenant_id = ${id}::uuid ORDER BY key LIMIT ${limit}))`,
    (id, limit) => prisma.$executeRaw`
      DELETE FROM contents WHERE tenant_id = ${id}::uuid AND digest = ANY (ARRAY(
        SELECT digest FROM contents WHERE tenant_id = ${id}::uuid ORDER BY digest LIMIT ${limit}))`,
    (id) => prisma.$executeRaw`DELETE FROM usage_days WHERE tenant_id = ${id}::uuid`,
    (id) => prisma.$executeRaw`DELETE FROM rate_windows WHERE subject = 'tenant:' || ${id}`,
  ];

  async function removeOwned(tenant: Tenant, limit: number): Promise<number> {
    let removed = 0;
    for (const remove of removes) {
      let gone = 0;
      do {
        gone = await remove(tenant.id, limit - removed);
        removed += gone;
        if (removed >= limit) return removed;
      } while (gone > 0);
    }
    return removed + (await removeEvents(tenant, limit - removed));
  }

  return {
    next: async ({ graceMs, limit }) => {
      const tenants = await prisma.$queryRaw<(Tenant & { isOver: boolean })[]>`
        SELECT id, created_at AS "createdAt",
          deleted_at < now() - ${graceMs * KEPT_GRACES}::float8 * interval '1 millisecond' AS "isOver"
        FROM tenants WHERE deleted_at < now() - ${graceMs}::float8 * interval '1 millisecond'
        ORDER BY deleted_at LIMIT ${MOST_TENANTS}`;
      let removed = 0;
      for (const tenant of tenants) {
        removed += await removeOwned(tenant, limit - removed);
        if (removed >= limit) return removed;
        if (tenant.isOver && (await removeTenant(prisma, tenant.id))) {
          lookedThrough.delete(tenant.id);
          removed += 1;
        }
      }
      return removed;
    },
  };
}

const before = (time: Date, ms: number): Date => new Date(time.getTime() - ms);

function removeNewest(prisma: PrismaClient, tenantId: string, limit: number): Promise<number> {
  return prisma.$transaction(async (tx) => {
    const found = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM images WHERE tenant_id = ${tenantId}::uuid ORDER BY id DESC LIMIT ${limit}`;
    if (found.length === 0) return 0;
    const images = await lockImages(
      tx,
      tenantId,
      found.map(({ id }) => id),
    );
    await removeImages(tx, tenantId, images);
    return images.length;
  });
}

/** Not while the sweep has objects of it, or an upload of it is under way. */
async function removeTenant(prisma: PrismaClient, id: string): Promise<boolean> {
  const [removed] = await prisma.$transaction([
    prisma.$executeRaw`
      DELETE FROM tenants WHERE id = ${id}::uuid
        AND NOT EXISTS (SELECT FROM uploads WHERE tenant_id = ${id}::uuid)
        AND NOT EXISTS (SELECT FROM images WHERE tenant_id = ${id}::uuid)
        AND NOT EXISTS (SELECT FROM derivatives WHERE tenant_id = ${id}::uuid)`,
    prisma.$executeRaw`
      DELETE FROM tenant_usage u WHERE tenant_id = ${id}::uuid AND NOT EXISTS (SELECT FROM tenants t WHERE t.id = u.tenant_id)`,
  ]);
  return removed > 0;
}
