// API keys and the tenants they belong to. Holds digests, never secrets.
import type { PrismaClient } from './generated/client.ts';
import { newId } from './id.ts';

export interface ApiKeyRow {
  id: string;
  tenantId: string;
  secretSha256: Uint8Array;
  scopes: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface ApiKeys {
  find(id: string): Promise<ApiKeyRow | undefined>;
  create(key: {
    id: string;
    tenantId: string;
    name: string;
    secretSha256: Uint8Array;
    /** `admin`: operates the service. */
    scopes?: string[];
    expiresAt?: Date | null;
  }): Promise<void>;
  /** Remembers that the key was used now; at most once a minute. */
  touch(id: string): Promise<void>;
  /** True when a live key was revoked. */
  revoke(id: string): Promise<boolean>;
  list(): Promise<
    {
      id: string;
      name: string;
      tenantId: string;
      scopes: string[];
      createdAt: Date;
      expiresAt: Date | null;
      revokedAt: Date | null;
    }[]
  >;
  /** The tenant of that name, made where it is missing. */
  ensureTenant(name: string): Promise<string>;
}

export function createApiKeys(prisma: PrismaClient): ApiKeys {
  return {
    find: async (id) =>
      (await prisma.apiKey.findUnique({
        where: { id },
        select: {
          id: true,
          tenantId: true,
          secretSha256: true,
          scopes: true,
          expiresAt: true,
          revokedAt: true,
        },
      })) ?? undefined,

    create: async ({ secretSha256, ...key }) => {
      await prisma.apiKey.create({ data: { ...key, secretSha256: new Uint8Array(secretSha256) } });
    },

    touch: async (id) => {
      await prisma.$executeRaw`
        UPDATE api_keys SET last_used_at = now()
        WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;
    },

    revoke: async (id) =>
      (await prisma.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } }))
        .count > 0,

    list: () =>
      prisma.apiKey.findMany({
        omit: { secretSha256: true, lastUsedAt: true },
        orderBy: { createdAt: 'asc' },
      }),

    ensureTenant: (name) =>
      prisma.$transaction(async (tx) => {
        // Two who ask at the same time must get the same tenant, and names are not unique by themselves.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
        const found = await tx.tenant.findFirst({ where: { name }, orderBy: { createdAt: 'asc' } });
        return found?.id ?? (await tx.tenant.create({ data: { id: newId(), name } })).id;
      }),
  };
}
