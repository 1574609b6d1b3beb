// The cookie of a session, and the session behind it: begun at login, ended at logout.
import { randomBytes } from 'node:crypto';
import { AppError } from '@tintype/core';
import type { UserRow } from '@tintype/prisma';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { digestOfToken } from './auth/check-session.ts';
import { cookieNameOf, readSessionToken } from './auth/read-credential.ts';
import type { ApiConfig } from './config.ts';
import type { Deps } from './deps.ts';
import type { Auth } from './plugins/auth.ts';

type CookieConfig = Pick<ApiConfig, 'secureCookies' | 'sessionDays'>;

const TOKEN_BYTES = 32;
const MAX_USER_AGENT = 300;
const DAY_SECONDS = 86_400;

export interface SessionCookies {
  /**
   * Logs the browser in. A session that it brought along is ended.
   * @throws AppError INVALID_CREDENTIALS when the password was changed, or the account deleted, in this moment
   */
  begin(
    login: { user: Pick<UserRow, 'id'>; passwordHash: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ user: UserRow; expiresAt: Date }>;
  /** Ends the session, where there is one, and takes the cookie back. */
  end(sessionId: string | null, reply: FastifyReply): Promise<void>;
}

export function createSessionCookies({
  config,
  deps,
  auth,
}: {
  config: CookieConfig;
  deps: Pick<Deps, 'db'>;
  auth: Auth;
}): SessionCookies {
  const { db } = deps;
  const name = cookieNameOf(config);
  const attributes = {
    path: '/',
    httpOnly: true,
    secure: config.secureCookies === 'yes',
    sameSite: 'lax',
  } as const;
  const maxAge = config.sessionDays * DAY_SECONDS;

  async function remove(sessionId: string): Promise<void> {
    await db.sessions.remove(sessionId);
    auth.forget((principal) => principal.sessionId === sessionId);
  }

  return {
    begin: async ({ user: { id }, passwordHash }, request, reply) => {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const expiresAt = new Date(Date.now() + maxAge * 1000);
      const session = await db.sessions.create({
        userId: id,
        tokenSha256: digestOfToken(token),
        userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
        ...{ expiresAt, passwordHash },
      });
      await db.users.loggedIn(id);
      const user = session && (await db.users.get(id));
      if (user === undefined) throw new AppError('INVALID_CREDENTIALS');
      request.loggedInAs = user;
      const before = readSessionToken(request, name);
      const old = before === undefined ? undefined : await db.principals.ofSession(digestOfToken(before));
      if (old !== undefined) await remove(old.sessionId);
      reply.setCookie(name, token, { ...attributes, maxAge }).header('cache-control', 'no-store');
      return { user, expiresAt };
    },
    end: async (sessionId, reply) => {
      if (sessionId !== null) await remove(sessionId);
      reply.clearCookie(name, attributes);
    },
  };
}
