// API keys of a tenant. Holds digests, never secrets. Who a key belongs to: see principals.ts.
import type { Prisma, PrismaClient } from './generated/client.ts';
import { newId } from './id.ts';
import type { Scope } from './scopes.ts';

/** As its owner sees it: never with a secret. */
export interface ApiKeyRow {
  id: string;
  tenantId: string;
  name: string;
  scopes: string[];
  planName: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

export interface StoredApiKey {
  id: string;
  name: string;
  secretSha256: Uint8Array;
  /** What a person may do with what is his, by default. */
  scopes?: readonly Scope[];
  planName?: string | null;
  expiresAt?: Date | null;
}

export interface ApiKeys {
  /** Undefined: the tenant has `most` live keys already, or is being deleted. */
  create(tenantId: string, key: StoredApiKey & { most?: number }): Promise<ApiKeyRow | undefined>;
  /** Newest first: the live ones, and of those that were revoked or have expired the newest 1000. */
  list(tenantId: string): Promise<ApiKeyRow[]>;
  get(tenantId: string, id: string): Promise<ApiKeyRow | undefined>;
  /** A live key is replaced by a new one of the same name, scopes, plan and expiry; the old one works for `overlapMs` still. Undefined: no such live key, or it was rotated before. `too-many`: of those that were replaced `most` work still. */
  rotate(
    tenantId: string,
    id: string,
    next: { id: string; secretSha256: Uint8Array; overlapMs: number; most?: number },
  ): Promise<ApiKeyRow | 'too-many' | undefined>;
  /** True when a live key was revoked. */
  revoke(tenantId: string, id: string): Promise<boolean>;
}

/** For the command line: keys of any tenant. */
export interface AllApiKeys {
  list(): Promise<ApiKeyRow[]>;
  revoke(id: string): Promise<boolean>;
  /** Where the tenant's files lie that are no images here; null: under its own name. See `faultOfFilesPrefix`. */
  setFilesPrefix(tenantId: string, filesPrefix: string | null): Promise<void>;
  /** The oldest tenant of that name; undefined: there is none. */
  findTenant(name: string): Promise<string | undefined>;
  /** The same, made where it is missing. */
  ensureTenant(name: string): Promise<string>;
}

/** Whoever makes and revokes keys all day makes hundreds of thousands before they are removed. */
const MOST_ENDED = 1000;

const hidden = { secretSha256: true, replacedBy: true } as const;

export function createApiKeys(prisma: PrismaClient): ApiKeys {
  return {
    create: (tenantId, { most, secretSha256, scopes, ...key }) =>
      prisma.$transaction(async (tx) => {
        const isDeleted = await lockTenant(tx, tenantId);
        if (isDeleted) return undefined;
        if (most !== undefined && (await countLive(tx, tenantId)) >= most) return undefined;
        return tx.apiKey.create({
          data: {
            ...key,
            tenantId,
            secretSha256: new Uint8Array(secretSha256),
            ...(scopes && { scopes: [...scopes] }),
          },
          omit: hidden,
        });
      }),

    list: async (tenantId) => {
      const now = new Date();
      const [living, ended] = await Promise.all([
        prisma.apiKey.findMany({ where: { tenantId, ...live(now) }, omit: hidden }),
        prisma.apiKey.findMany({
          where: { tenantId, NOT: live(now) },
          omit: hidden,
          orderBy: { createdAt: 'desc' },
          take: MOST_ENDED,
        }),
      ]);
      // One that was revoked between the two statements is in both.
      const rows = new Map([...living, ...ended].map((row) => [row.id, row]));
      return [...rows.values()].sort(newestFirst);
    },

    get: async (tenantId, id) =>
      (await prisma.apiKey.findFirst({ where: { id, tenantId }, omit: hidden })) ?? undefined,

    rotate: (tenantId, id, { overlapMs, most, ...next }) =>
      prisma.$transaction(async (tx) => {
        await lockTenant(tx, tenantId);
        const old = await tx.apiKey.findFirst({
          where: { id, tenantId, replacedBy: null, ...live() },
          omit: { ...hidden, id: true, createdAt: true, lastUsedAt: true, revokedAt: true },
        });
        if (old === null) return undefined;
        // A key, replaced again and again, would leave any number of them behind.
        const isOneMore = overlapMs > 0 && most !== undefined;
        if (isOneMore && (await countReplaced(tx, tenantId)) >= most) return 'too-many';
        await tx.$executeRaw`
          UPDATE api_keys SET replaced_by = ${next.id},
            expires_at = least(expires_at, now() + ${overlapMs}::float8 * interval '1 millisecond')
          WHERE id = ${id}`;
        return tx.apiKey.create({
          data: { ...old, id: next.id, secretSha256: new Uint8Array(next.secretSha256) },
          omit: hidden,
        });
      }),

    revoke: (tenantId, id) => revoke(prisma, { id, tenantId }),
  };
}

export function createAllApiKeys(prisma: PrismaClient): AllApiKeys {
  return {
    list: () => prisma.apiKey.findMany({ omit: hidden, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
    revoke: (id) => revoke(prisma, { id }),
    setFilesPrefix: async (id, filesPrefix) => {
      await prisma.tenant.update({ where: { id }, data: { filesPrefix } });
    },

    findTenant: async (name) => (await findTenant(prisma, name))?.id,

    ensureTenant: (name) =>
      prisma.$transaction(async (tx) => {
        // Two who ask at the same time must get the same tenant, and names are not unique by themselves.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
        const found = await findTenant(tx, name);
        return found?.id ?? (await tx.tenant.create({ data: { id: newId(), name } })).id;
      }),
  };
}

function findTenant(client: Pick<PrismaClient, 'tenant'>, name: string): Promise<{ id: string } | null> {
  return client.tenant.findFirst({
    where: { name, deletedAt: null },
    orderBy: { createdAt: 'asc' },
    select: { id: true },
  });
}

const live = (now = new Date()) => ({
  revokedAt: null,
  OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
});

function newestFirst(one: ApiKeyRow, other: ApiKeyRow): number {
  return other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? -1 : 1);
}

/** Whoever makes keys of a tenant waits for the one before him. Answers whether the tenant is being deleted. */
async function lockTenant(tx: Prisma.TransactionClient, tenantId: string): Promise<boolean> {
  const [tenant] = await tx.$queryRaw<{ isDeleted: boolean }[]>`
    SELECT deleted_at IS NOT NULL AS "isDeleted" FROM tenants WHERE id = ${tenantId}::uuid FOR NO KEY UPDATE`;
  return tenant?.isDeleted ?? false;
}

function countLive(tx: Prisma.TransactionClient, tenantId: string): Promise<number> {
  return tx.apiKey.count({ where: { tenantId, ...live() } });
}

/** Live ones. */
function countReplaced(tx: Prisma.TransactionClient, tenantId: string): Promise<number> {
  return tx.apiKey.count({ where: { tenantId, replacedBy: { not: null }, ...live() } });
}

async function revoke(prisma: PrismaClient, where: { id: string; tenantId?: string }): Promise<boolean> {
  const { count } = await prisma.apiKey.updateMany({
    where: { ...where, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  return count > 0;
}
