// Who is asking, and whether he may: found out from an API key, a session or a token, before a byte of the body is read.
import { AppError } from '@tintype/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkKey } from '../auth/check-key.ts';
import { checkSession } from '../auth/check-session.ts';
import { createTokenCheck } from '../auth/check-token.ts';
import { type Credential, cookieNameOf, isPage, readCredential } from '../auth/read-credential.ts';
import { type Checked, createRemembered } from '../auth/remembered.ts';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { type Principal, principalOf, refuseWithout } from '../principal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the problem that was answered. */
    problemCode: string | undefined;
  }
  interface FastifyInstance {
    /**
     * Asks again whether the caller may have the answer, for answers that last.
     * @throws AppError UNAUTHENTICATED when the credential works no longer, ACCOUNT_SUSPENDED, FORBIDDEN
     */
    authenticate(request: FastifyRequest): Promise<void>;
  }
}

export interface Auth {
  /** From now on the database is asked anew about these in this process. In others they are believed for `keyCacheMs` still. */
  forget(isIt: (principal: Principal) => boolean): void;
}

const MAX_REMEMBERED = 10_000;

export function addAuth(
  app: FastifyInstance,
  {
    config,
    deps,
  }: {
    config: Pick<ApiConfig, 'keyCacheMs' | 'secureCookies' | 'defaultPlan'>;
    deps: Pick<Deps, 'db' | 'tokens'>;
  },
): Auth {
  const { db, tokens } = deps;
  const cookieName = cookieNameOf(config);
  const remembered = createRemembered({ forMs: config.keyCacheMs, most: MAX_REMEMBERED });
  const checkToken = createTokenCheck({ db, tokens, defaultPlan: config.defaultPlan });

  /** Every use that the database hears of is noted there. */
  const ask: Record<Credential['kind'], (text: string) => Promise<Checked>> = {
    key: async (text) => {
      const checked = await checkKey(text, db);
      db.principals.touchKey(checked.principal.id).catch((err) => app.log.warn({ err }, 'last use of a key'));
      return checked;
    },
    session: async (text) => {
      const checked = await checkSession(text, db);
      db.principals
        .touchSession(checked.principal.sessionId)
        .catch((err) => app.log.warn({ err }, 'last use of a session'));
      return checked;
    },
    token: checkToken,
  };

  async function check(request: FastifyRequest): Promise<Checked> {
    const credential = readCredential(request, cookieName);
    if (credential === undefined) throw new AppError('UNAUTHENTICATED');
    return remembered.check(credential, () => ask[credential.kind](credential.text));
  }

  app.decorate('authenticate', async (request: FastifyRequest) => {
    const principal = letIn(await check(request));
    // An account that was deleted meanwhile, and made anew by a token, is another one.
    if (principal.tenantId !== principalOf(request).tenantId) throw new AppError('UNAUTHENTICATED');
    const { access } = request.routeOptions.config;
    if (access !== undefined && access !== 'public') refuseWithout(access, principal);
  });
  app.decorateRequest('principal', undefined);
  app.decorateRequest('own', undefined);
  app.decorateRequest('problemCode', undefined);
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    // There is none that does not say it: see access.ts.
    const { access = 'admin' } = request.routeOptions.config;
    if (access === 'public') return;
    const checked = await check(request);
    // The request log names those who are refused, too.
    request.principal = checked.principal;
    request.own = db.of(checked.principal.tenantId);
    // Of cookies and of X-API-Key, unlike Authorization, shared caches know nothing (RFC 9111, section 3.5).
    if (request.headers.authorization === undefined) reply.header('cache-control', 'no-store');
    letIn(checked);
  });
  return { forget: remembered.forget };
}

/** Who is known may not do everything. Apart from the rest, so that limits come in between: what is refused here counts, too. */
export function addScopeCheck(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access !== undefined && access !== 'public') refuseWithout(access, principalOf(request));
  });
}

/** @throws AppError ACCOUNT_SUSPENDED */
function letIn({ principal, isSuspended }: Checked): Principal {
  if (isSuspended) throw new AppError('ACCOUNT_SUSPENDED');
  return principal;
}

/** What WWW-Authenticate asks for: pages for a browser are the only ones that want a name and a password from it. */
export function challengeOf(request: FastifyRequest): string {
  return `${isPage(request) ? 'Basic' : 'Bearer'} realm="tintype"`;
}
