// People. Each has a tenant of his own, made and deleted with him.
import { endDeliveries } from './end-deliveries.ts';
import { Prisma, type PrismaClient } from './generated/client.ts';
import { newId } from './id.ts';

/** Never with a password. */
export interface UserRow {
  id: string;
  tenantId: string;
  email: string | null;
  name: string | null;
  isAdmin: boolean;
  /** The tenant's. */
  planName: string;
  suspendedAt: Date | null;
  /** Logs in with a password; false: by an OIDC provider alone. */
  hasPassword: boolean;
  issuer: string | null;
  createdAt: Date;
  lastLoginAt: Date | null;
  /** Where the tenant's files lie that are no images here; null: under its own name. */
  filesPrefix: string | null;
}

export interface NewUser {
  email: string;
  name: string | null;
  /** argon2id, in PHC form. */
  passwordHash: string;
  planName: string;
  isAdmin?: boolean;
  /** A tenant that belongs to no person yet and is to be his, with what it owns. */
  tenantId?: string;
}

export interface Users {
  /** With a tenant. Undefined: the address is taken, or the tenant is. @throws the foreign key's error for an unknown plan */
  create(user: NewUser): Promise<UserRow | undefined>;
  /** The person of an OIDC provider, made with a tenant where it is missing; its email and name follow the provider's, where it tells them. Never joined by email. */
  ensureSubject(person: {
    issuer: string;
    subject: string;
    email: string | null;
    name: string | null;
    planName: string;
  }): Promise<UserRow>;
  get(id: string): Promise<UserRow | undefined>;
  /** By address, whatever its capitals: who logs in with a password. */
  findByEmail(email: string): Promise<(UserRow & { passwordHash: string }) | undefined>;
  passwordHash(id: string): Promise<string | undefined>;
  /** Of somebody who has one; ends all sessions but `keepSessionId`. False: no such user. */
  setPassword(id: string, passwordHash: string, keepSessionId?: string): Promise<boolean>;
  /** The same password hashed anew: no session ends. False: the hash is not `oldHash` any more. */
  rehash(id: string, oldHash: string, newHash: string): Promise<boolean>;
  loggedIn(id: string): Promise<void>;
  /** Newest first; those being deleted are not there. An address is looked for as a whole, whatever its capitals. */
  list(query: { email?: string | undefined; after?: string | undefined; limit: number }): Promise<UserRow[]>;
  /** What administrators decide; of a prefix see `faultOfFilesPrefix`. Suspension takes effect within the time that a key is believed. Undefined: no such user. @throws the foreign key's error for an unknown plan: ask `plans.get` first */
  update(
    id: string,
    change: {
      planName?: string;
      suspended?: boolean;
      isAdmin?: boolean;
      name?: string | null;
      filesPrefix?: string | null;
    },
  ): Promise<UserRow | undefined>;
  /**
   * Lets nobody in any more: the person, sessions and keys are gone when this resolves, and the address is free again. What the tenant owns
   * is removed by `purge`, in a worker. False: no such user.
   */
  remove(id: string): Promise<boolean>;
}

const COLUMNS = Prisma.sql`u.id, u.tenant_id AS "tenantId", u.email, u.name, u.is_admin AS "isAdmin", t.plan AS "planName",
  t.suspended_at AS "suspendedAt", u.password_hash IS NOT NULL AS "hasPassword", u.issuer, u.created_at AS "createdAt",
  u.last_login_at AS "lastLoginAt", t.files_prefix AS "filesPrefix"`;
const USERS = Prisma.sql`users u JOIN tenants t ON t.id = u.tenant_id AND t.deleted_at IS NULL`;
/** What makes the tenants of the people that a statement has just made: no two people can be given the same. */
const TENANT = (planName: string) => Prisma.sql`tenant AS (
  INSERT INTO tenants (id, name, plan) SELECT tenant_id, 'user:' || id, ${planName} FROM person`;

export function createUsers(prisma: PrismaClient): Users {
  const find = async (condition: Prisma.Sql): Promise<UserRow | undefined> =>
    (await prisma.$queryRaw<UserRow[]>`SELECT ${COLUMNS} FROM ${USERS} WHERE ${condition}`)[0];
  const get = (id: string) => find(Prisma.sql`u.id = ${id}::uuid`);

  return {
    get,

    create: async ({ email, name, passwordHash, planName, isAdmin = false, tenantId = null }) => {
      const [made] = await prisma.$queryRaw<{ id: string }[]>`
        WITH person AS (
          INSERT INTO users (id, tenant_id, email, name, password_hash, is_admin)
          SELECT ${newId()}::uuid, coalesce(${tenantId}::uuid, ${newId()}::uuid), ${email}, ${name}, ${passwordHash}, ${isAdmin}
          WHERE ${tenantId}::uuid IS NULL OR EXISTS (SELECT FROM tenants WHERE id = ${tenantId}::uuid AND deleted_at IS NULL)
          ON CONFLICT DO NOTHING RETURNING id, tenant_id
        ), ${TENANT(planName)} ON CONFLICT (id) DO UPDATE SET plan = excluded.plan)
        SELECT id FROM person`;
      return made && get(made.id);
    },

    ensureSubject: async ({ issuer, subject, email, name, planName }) => {
      const known = await find(Prisma.sql`u.issuer = ${issuer} AND u.subject = ${subject}`);
      const isAsTold = (email ?? known?.email) === known?.email && (name ?? known?.name) === known?.name;
      if (known !== undefined && isAsTold) return known;
      // Whoever comes second waits for the first, and then finds his person.
      const [made] = await prisma.$queryRaw<{ id: string }[]>`
        WITH person AS (
          INSERT INTO users AS u (id, tenant_id, email, name, issuer, subject)
          VALUES (${newId()}::uuid, ${newId()}::uuid, ${email}, ${name}, ${issuer}, ${subject})
          ON CONFLICT (issuer, subject) DO UPDATE SET email = coalesce(excluded.email, u.email), name = coalesce(excluded.name, u.name)
          RETURNING u.id, u.tenant_id
        ), ${TENANT(planName)} ON CONFLICT (id) DO NOTHING)
        SELECT id FROM person`;
      const row = made && (await get(made.id));
      if (row === undefined) throw new Error('The person was removed in the same moment.');
      return row;
    },

    findByEmail: async (email) => {
      const [row] = await prisma.$queryRaw<(UserRow & { passwordHash: string })[]>`
        SELECT ${COLUMNS}, u.password_hash AS "passwordHash" FROM ${USERS}
        WHERE lower(u.email) = lower(${email}) AND u.password_hash IS NOT NULL`;
      return row;
    },

    passwordHash: async (id) => {
      const row = await prisma.user.findUnique({ where: { id }, select: { passwordHash: true } });
      return row?.passwordHash ?? undefined;
    },

    setPassword: (id, passwordHash, keepSessionId) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.user.updateMany({
          where: { id, passwordHash: { not: null } },
          data: { passwordHash },
        });
        if (count === 0) return false;
        await tx.session.deleteMany({
          where: { userId: id, ...(keepSessionId !== undefined && { id: { not: keepSessionId } }) },
        });
        return true;
      }),

    rehash: async (id, oldHash, newHash) => {
      const { count } = await prisma.user.updateMany({
        where: { id, passwordHash: oldHash },
        data: { passwordHash: newHash },
      });
      return count > 0;
    },

    loggedIn: async (id) => {
      await prisma.$executeRaw`UPDATE users SET last_login_at = now() WHERE id = ${id}::uuid`;
    },

    list: ({ email, after, limit }) => prisma.$queryRaw<UserRow[]>`
      SELECT ${COLUMNS} FROM ${USERS}
      WHERE ${email === undefined ? Prisma.sql`true` : Prisma.sql`lower(u.email) = lower(${email})`}
        AND ${after === undefined ? Prisma.sql`true` : Prisma.sql`u.id < ${after}::uuid`}
      ORDER BY u.id DESC LIMIT ${limit}`,

    update: async (id, { planName = null, suspended = null, isAdmin = null, name, filesPrefix }) => {
      await prisma.$executeRaw`
        WITH tenant AS (
          UPDATE tenants t
          SET plan = coalesce(${planName}::text, t.plan), suspended_at = CASE i.suspended
            WHEN true THEN coalesce(t.suspended_at, now()) WHEN false THEN NULL ELSE t.suspended_at END,
            files_prefix = CASE WHEN ${filesPrefix !== undefined}::boolean THEN ${filesPrefix ?? null}::text ELSE t.files_prefix END
          FROM users u, (SELECT ${suspended}::boolean AS suspended) i
          WHERE u.id = ${id}::uuid AND t.id = u.tenant_id AND t.deleted_at IS NULL
          RETURNING t.id
        )
        UPDATE users u
        SET is_admin = coalesce(${isAdmin}::boolean, u.is_admin),
            name = CASE WHEN ${name !== undefined}::boolean THEN ${name ?? null}::text ELSE u.name END
        FROM tenant t WHERE u.tenant_id = t.id`;
      return get(id);
    },

    remove: async (id) => {
      const endpoints = await prisma.$transaction((tx) => removeUser(tx, id));
      // What is missed ends at its claim.
      for (const endpoint of endpoints ?? []) await endDeliveries(prisma, endpoint.id, 'canceled');
      return endpoints !== undefined;
    },
  };
}

/** Answers the endpoints that hear no more; undefined: no such user. */
async function removeUser(
  tx: Prisma.TransactionClient,
  userId: string,
): Promise<{ id: string }[] | undefined> {
  const [tenant] = await tx.$queryRaw<{ id: string }[]>`
    UPDATE tenants t SET deleted_at = now(), webhook_secret = NULL, previous_webhook_secret = NULL FROM users u
    WHERE u.id = ${userId}::uuid AND t.id = u.tenant_id AND t.deleted_at IS NULL
    RETURNING t.id`;
  if (tenant === undefined) return undefined;
  await tx.apiKey.deleteMany({ where: { tenantId: tenant.id } });
  await tx.user.delete({ where: { id: userId } });
  return tx.$queryRaw<{ id: string }[]>`
    DELETE FROM webhook_endpoints WHERE tenant_id = ${tenant.id}::uuid RETURNING id`;
}
