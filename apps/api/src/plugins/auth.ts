// Who is asking: an API key from X-API-Key or Authorization: Bearer, checked before a byte of the body is read.
import { AppError } from '@tintype/core';
import { type Database, parseApiKey, secretMatches } from '@tintype/prisma';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface Principal {
  keyId: string;
  tenantId: string;
  /** What the key may do beyond its tenant's own images. */
  scopes: readonly string[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined on public routes alone. */
    principal: Principal | undefined;
    /** The code of the problem that was answered. */
    problemCode: string | undefined;
  }
  interface FastifyInstance {
    /** Asks again who is calling, for answers that last. @throws AppError UNAUTHENTICATED when the key works no longer */
    authenticate(request: FastifyRequest): Promise<Principal>;
  }
  interface FastifyContextConfig {
    /** Every route must say who may call it. */
    access?: 'public' | 'key' | 'admin';
  }
}

interface CheckedKey {
  secret: string;
  principal: Principal;
  believedUntil: number;
}

const MAX_CACHED_KEYS = 10_000;
/** Pages for administrators, to be opened in a browser. */
const ADMIN = '/admin/';

export function addAuth(app: FastifyInstance, { db, cacheMs }: { db: Database; cacheMs: number }): void {
  const checked = new Map<string, CheckedKey>();

  async function check(text: string): Promise<Principal> {
    const key = parseApiKey(text);
    if (key === undefined) throw new AppError('UNAUTHENTICATED');
    const known = checked.get(key.id);
    if (known !== undefined && known.believedUntil > Date.now() && known.secret === key.secret)
      return known.principal;
    checked.delete(key.id);
    const row = await db.apiKeys.find(key.id);
    const expired = row?.expiresAt != null && row.expiresAt.getTime() <= Date.now();
    if (
      row === undefined ||
      row.revokedAt !== null ||
      expired ||
      !secretMatches(key.secret, row.secretSha256)
    ) {
      throw new AppError('UNAUTHENTICATED');
    }
    const principal = { keyId: row.id, tenantId: row.tenantId, scopes: row.scopes };
    if (checked.size >= MAX_CACHED_KEYS) checked.clear();
    checked.set(key.id, { secret: key.secret, principal, believedUntil: Date.now() + cacheMs });
    db.apiKeys.touch(row.id).catch((err) => app.log.warn({ err }, 'last use of a key'));
    return principal;
  }

  app.decorate('authenticate', (request: FastifyRequest) => check(credential(request)));
  app.decorateRequest('principal', undefined);
  app.decorateRequest('problemCode', undefined);
  app.addHook('onRoute', (route) => {
    const { config, method, url } = route;
    // Libraries add routes that say nothing: here that means administrators, everywhere else it is a mistake.
    if (url.startsWith(ADMIN)) route.config = { ...config, access: 'admin' };
    else if (config?.access === undefined)
      throw new Error(`Route ${method} ${url} does not say who may call it.`);
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access !== 'key' && access !== 'admin') return;
    request.principal = await app.authenticate(request);
    if (access === 'admin' && !request.principal.scopes.includes('admin')) throw new AppError('FORBIDDEN');
  });
}

/** The caller of a route with access "key" or "admin". */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new AppError('UNAUTHENTICATED');
  return request.principal;
}

/** What WWW-Authenticate asks for: pages for a browser are the only ones that want a name and a password from it. */
export function challengeOf(request: FastifyRequest): string {
  return `${isPage(request) ? 'Basic' : 'Bearer'} realm="tintype"`;
}

function isPage({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith(ADMIN) ?? false;
}

function credential(request: FastifyRequest): string {
  const { headers } = request;
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  const basic = isPage(request) && /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  // The key is the password (RFC 7617); the name does not matter.
  if (basic)
    return Buffer.from(basic, 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}
