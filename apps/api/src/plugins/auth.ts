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

  app.decorateRequest('principal', undefined);
  app.decorateRequest('problemCode', undefined);
  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access === undefined) throw new Error(`Route ${method} ${url} does not say who may call it.`);
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access !== 'key' && access !== 'admin') return;
    request.principal = await check(credential(request));
    if (access === 'admin' && !request.principal.scopes.includes('admin')) throw new AppError('FORBIDDEN');
  });
}

/** The caller of a route with access "key" or "admin". */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new AppError('UNAUTHENTICATED');
  return request.principal;
}

function credential({ headers }: FastifyRequest): string {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}
