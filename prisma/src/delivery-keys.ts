// Keys that sign addresses of a tenant's images, for those who have no credential of their own.
import { randomBytes } from 'node:crypto';
import { Prisma, type PrismaClient } from './generated/client.ts';
import { OWNER, type Owner, PLAN } from './principals.ts';

export interface DeliveryKeyRow {
  /** Stands in the address. */
  id: string;
  /** 32 bytes, base64url. */
  secret: string;
}

/** Of a tenant: bound. */
export interface DeliveryKeys {
  /** The key that signs; made at the first use. */
  current(tenantId: string): Promise<DeliveryKeyRow>;
  /** A new key signs from now on; those before it count `overlapSeconds` longer, unless they were to end sooner. */
  rotate(tenantId: string, overlapSeconds: number): Promise<DeliveryKeyRow>;
}

/** Of anybody: whose key is in an address, and whose image may be seen by all. */
export interface DeliveryOwners {
  /** Undefined: there is no such key, it is retired, or its tenant is deleted. */
  ofKey(keyId: string): Promise<DeliveryOwner | undefined>;
  /** The owner of an image that is public; undefined for any other, and for none. */
  ofPublicImage(imageId: string): Promise<Owner | undefined>;
}

export interface DeliveryOwner extends Owner {
  keyId: string;
  secret: string;
  /** When the key ends, where that is known. */
  retiredAt: Date | null;
}

export function createDeliveryKeys(prisma: PrismaClient): DeliveryKeys {
  const find = async (
    tx: Prisma.TransactionClient,
    tenantId: string,
  ): Promise<DeliveryKeyRow | undefined> => {
    const [row] = await tx.$queryRaw<DeliveryKeyRow[]>`
      SELECT id, secret FROM delivery_keys WHERE tenant_id = ${tenantId}::uuid AND retired_at IS NULL
      ORDER BY created_at DESC, id DESC LIMIT 1`;
    return row;
  };

  /** One after the other for each tenant: two who come first at the same time make one key. */
  const inTurn = <Result>(tenantId: string, write: (tx: Prisma.TransactionClient) => Promise<Result>) =>
    prisma.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('tintype.delivery_keys ' || ${tenantId}::uuid, 0))`;
        return write(tx);
      },
      { maxWait: 5000 },
    );

  return {
    current: async (tenantId) =>
      (await find(prisma, tenantId)) ??
      inTurn(tenantId, async (tx) => (await find(tx, tenantId)) ?? add(tx, tenantId)),

    rotate: (tenantId, overlapSeconds) =>
      inTurn(tenantId, async (tx) => {
        await tx.$executeRaw`
          UPDATE delivery_keys
          SET retired_at = least(retired_at, clock_timestamp() + ${overlapSeconds}::float8 * interval '1 second')
          WHERE tenant_id = ${tenantId}::uuid`;
        await tx.$executeRaw`
          DELETE FROM delivery_keys WHERE tenant_id = ${tenantId}::uuid AND retired_at <= clock_timestamp()`;
        return add(tx, tenantId);
      }),
  };
}

async function add(tx: Prisma.TransactionClient, tenantId: string): Promise<DeliveryKeyRow> {
  const key = {
    id: `dk_${randomBytes(9).toString('base64url')}`,
    secret: randomBytes(32).toString('base64url'),
  };
  await tx.$executeRaw`
    INSERT INTO delivery_keys (id, tenant_id, secret, created_at) VALUES (${key.id}, ${tenantId}::uuid, ${key.secret}, clock_timestamp())`;
  return key;
}

export function createDeliveryOwners(prisma: PrismaClient): DeliveryOwners {
  const OF_TENANT = Prisma.sql`${PLAN} LEFT JOIN users u ON u.tenant_id = t.id`;
  return {
    ofKey: async (keyId) => {
      // PostgreSQL's text holds no NUL, and is asked about nothing that can be no key.
      if (!/^[\w-]{1,64}$/.test(keyId)) return undefined;
      const [owner] = await prisma.$queryRaw<DeliveryOwner[]>`
        SELECT ${OWNER}, k.id AS "keyId", k.secret, k.retired_at AS "retiredAt"
        FROM delivery_keys k JOIN tenants t ON t.id = k.tenant_id AND t.deleted_at IS NULL ${OF_TENANT}
        WHERE k.id = ${keyId} AND (k.retired_at IS NULL OR k.retired_at > now())`;
      return owner;
    },

    ofPublicImage: async (imageId) => {
      const [owner] = await prisma.$queryRaw<Owner[]>`
        SELECT ${OWNER} FROM images i JOIN tenants t ON t.id = i.tenant_id AND t.deleted_at IS NULL ${OF_TENANT}
        WHERE i.id = ${imageId}::uuid AND i.is_public AND i.rejected_at IS NULL`;
      return owner;
    },
  };
}
