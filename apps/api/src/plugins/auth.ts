// Who is asking, and whether he may: found out from an API key, a session, a token or a signed address, before a byte of the body is read.
import { AppError } from '@tintype/core';
import type { TenantDatabase } from '@tintype/prisma';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkKey } from '../auth/check-key.ts';
import { createPublicCheck } from '../auth/check-public.ts';
import { checkSession } from '../auth/check-session.ts';
import { createSignatureCheck, isSigned } from '../auth/check-signature.ts';
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
  const kept = { forMs: config.keyCacheMs, most: MAX_REMEMBERED };
  const remembered = createRemembered(kept);
  const signatures = createSignatureCheck(db, kept);
  const publicImages = createPublicCheck(db, kept);
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
    // Whatever a browser sends along: an address that is signed is meant as it is.
    if (isSigned(request)) return signatures.check(request);
    const credential = readCredential(request, cookieName);
    if (credential === undefined) return publicImages.check(request);
    const isShown = credential.isAmbient && request.routeOptions.config.publicImages === true;
    return isShown ? ownerOrGuest(request, credential) : checkCredential(credential);
  }

  function checkCredential(credential: Credential): Promise<Checked> {
    return remembered.check(credential, () => ask[credential.kind](credential.text));
  }

  /** Who is logged in here sees no less of others' public images than anybody, and no less once his session has ended. */
  async function ownerOrGuest(request: FastifyRequest, credential: Credential): Promise<Checked> {
    const [self, guest] = await Promise.allSettled([
      checkCredential(credential),
      publicImages.check(request),
    ]);
    if (self.status === 'fulfilled' && (guest.status === 'rejected' || isSame(self.value, guest.value)))
      return self.value;
    if (guest.status === 'fulfilled') return guest.value;
    throw self.status === 'rejected' ? self.reason : guest.reason;
  }

  app.decorate('authenticate', async (request: FastifyRequest) => {
    const principal = letIn(await check(request));
    // An account that was deleted meanwhile, and made anew by a token, is another one.
    if (principal.tenantId !== principalOf(request).tenantId) throw new AppError('UNAUTHENTICATED');
    const { access } = request.routeOptions.config;
    if (access !== undefined && access !== 'public') refuseWithout(access, principal);
  });
  /** Bound once for as long as the principal is remembered. */
  const bound = new WeakMap<Principal, TenantDatabase>();
  function boundTo(principal: Principal): TenantDatabase {
    const own = bound.get(principal) ?? db.of(principal.tenantId);
    bound.set(principal, own);
    return own;
  }

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
    request.own = boundTo(checked.principal);
    // Of cookies and of X-API-Key, unlike Authorization, shared caches know nothing (RFC 9111, section 3.5).
    if (request.headers.authorization === undefined) reply.header('cache-control', 'no-store');
    letIn(checked);
  });
  return {
    forget: (isIt) => {
      for (const one of [remembered, signatures, publicImages]) one.forget(isIt);
    },
  };
}

/** Who is known may not do everything. Apart from the rest, so that limits come in between: what is refused here counts, too. */
export function addScopeCheck(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access !== undefined && access !== 'public') refuseWithout(access, principalOf(request));
  });
}

function isSame({ principal: one }: Checked, { principal: other }: Checked): boolean {
  return one.tenantId === other.tenantId;
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
