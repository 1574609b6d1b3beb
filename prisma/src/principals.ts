// Who a credential belongs to, asked once for each request that is not remembered: one statement each.
import { Prisma, type PrismaClient } from './generated/client.ts';
import type { PlanLimits } from './plans.ts';

/** What is known of the owner of any credential. A tenant that is being deleted has none. */
export interface Owner {
  tenantId: string;
  /** Null for tenants without a person: those of the command line. */
  userId: string | null;
  isAdmin: boolean;
  isSuspended: boolean;
  planName: string;
  limits: PlanLimits;
}

export interface KeyOwner extends Owner {
  keyId: string;
  secretSha256: Uint8Array;
  scopes: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** Of the key itself, beside those of its tenant. */
  keyPlanName: string | null;
  keyLimits: PlanLimits | null;
}

export interface SessionOwner extends Owner {
  userId: string;
  sessionId: string;
  expiresAt: Date;
}

export interface Principals {
  ofKey(keyId: string): Promise<KeyOwner | undefined>;
  /** Of a session that has not expired. */
  ofSession(tokenSha256: Uint8Array): Promise<SessionOwner | undefined>;
  /** Of a person that an OIDC provider vouches for. Undefined: unknown here. */
  ofSubject(issuer: string, subject: string): Promise<(Owner & { userId: string }) | undefined>;
  /** Remembers that it was used now; at most once a minute. */
  touchKey(keyId: string): Promise<void>;
  touchSession(sessionId: string): Promise<void>;
}

const limitsOf = (plan: 'p' | 'own'): Prisma.Sql => {
  const p = Prisma.raw(plan);
  return Prisma.sql`jsonb_build_object('requestsPerSecond', ${p}.requests_per_second, 'requestsPerDay', ${p}.requests_per_day,
    'storedBytes', ${p}.stored_bytes, 'uploadBytes', ${p}.upload_bytes, 'concurrentJobs', ${p}.concurrent_jobs)`;
};
export const OWNER = Prisma.sql`t.id AS "tenantId", u.id AS "userId", coalesce(u.is_admin, false) AS "isAdmin",
  t.suspended_at IS NOT NULL AS "isSuspended", t.plan AS "planName", ${limitsOf('p')} AS limits`;
export const PLAN = Prisma.sql`JOIN plans p ON p.name = t.plan`;
const OF_USER = Prisma.sql`JOIN tenants t ON t.id = u.tenant_id AND t.deleted_at IS NULL ${PLAN}`;

export function createPrincipals(prisma: PrismaClient): Principals {
  return {
    ofKey: async (id) => {
      const [owner] = await prisma.$queryRaw<KeyOwner[]>`
        SELECT ${OWNER}, k.id AS "keyId", k.secret_sha256 AS "secretSha256", k.scopes, k.expires_at AS "expiresAt",
          k.revoked_at AS "revokedAt", own.name AS "keyPlanName", CASE WHEN own.name IS NOT NULL THEN ${limitsOf('own')} END AS "keyLimits"
        FROM api_keys k JOIN tenants t ON t.id = k.tenant_id AND t.deleted_at IS NULL ${PLAN}
        LEFT JOIN users u ON u.tenant_id = t.id LEFT JOIN plans own ON own.name = k.plan
        WHERE k.id = ${id}`;
      return owner;
    },

    ofSession: async (tokenSha256) => {
      const [owner] = await prisma.$queryRaw<SessionOwner[]>`
        SELECT ${OWNER}, s.id AS "sessionId", s.expires_at AS "expiresAt"
        FROM sessions s JOIN users u ON u.id = s.user_id ${OF_USER}
        WHERE s.token_sha256 = ${new Uint8Array(tokenSha256)} AND s.expires_at > now()`;
      return owner;
    },

    ofSubject: async (issuer, subject) => {
      const [owner] = await prisma.$queryRaw<(Owner & { userId: string })[]>`
        SELECT ${OWNER} FROM users u ${OF_USER} WHERE u.issuer = ${issuer} AND u.subject = ${subject}`;
      return owner;
    },

    touchKey: async (id) => {
      await prisma.$executeRaw`
        UPDATE api_keys SET last_used_at = now()
        WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;
    },

    touchSession: async (id) => {
      await prisma.$executeRaw`
        UPDATE sessions SET last_used_at = now() WHERE id = ${id}::uuid AND last_used_at < now() - interval '1 minute'`;
    },
  };
}
