// Browsers that are logged in. Holds digests of tokens, never tokens.
import type { PrismaClient } from './generated/client.ts';
import { newId } from './id.ts';

export interface Sessions {
  /**
   * Of a person's sessions the newest hundred are kept.
   * Undefined: the person is gone, or has another password by now than the one that was verified.
   */
  create(session: {
    userId: string;
    tokenSha256: Uint8Array;
    userAgent: string | null;
    expiresAt: Date;
    /** The hash that the password was verified against. Without it nothing is compared. */
    passwordHash?: string;
  }): Promise<{ id: string } | undefined>;
  remove(id: string): Promise<boolean>;
  removeAllOf(userId: string): Promise<number>;
}

/** Who logs in again and again without logging out fills no table. */
const MOST_SESSIONS = 100;

export function createSessions(prisma: PrismaClient): Sessions {
  return {
    // The lock waits for whoever is changing the password: such a session would outlive the change.
    create: async ({ userId, tokenSha256, userAgent, expiresAt, passwordHash = null }) => {
      const [row] = await prisma.$queryRaw<{ id: string }[]>`
        INSERT INTO sessions (id, user_id, token_sha256, user_agent, expires_at)
        SELECT ${newId()}::uuid, u.id, ${new Uint8Array(tokenSha256)}, ${userAgent}, ${expiresAt}
        FROM users u
        WHERE u.id = ${userId}::uuid AND (${passwordHash}::text IS NULL OR u.password_hash = ${passwordHash})
        FOR SHARE OF u
        RETURNING id`;
      await prisma.$executeRaw`
        DELETE FROM sessions WHERE id = ANY (ARRAY(
          SELECT id FROM sessions WHERE user_id = ${userId}::uuid ORDER BY id DESC OFFSET ${MOST_SESSIONS}))`;
      return row;
    },
    remove: async (id) => (await prisma.session.deleteMany({ where: { id } })).count > 0,
    removeAllOf: async (userId) => (await prisma.session.deleteMany({ where: { userId } })).count,
  };
}
