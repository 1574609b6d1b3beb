// Who asks, and what he may do. Where it comes from: plugins/auth.ts.
import { AppError } from '@tintype/core';
import type { PlanLimits, Scope, TenantDatabase } from '@tintype/prisma';
import type { FastifyRequest } from 'fastify';

export interface Principal {
  /** `signature`: an address that its tenant has signed. `public`: anybody, asking for what its owner shows to all. */
  kind: 'key' | 'session' | 'token' | 'signature' | 'public';
  /** As the request log names it: the key's id, the user's, or the image's that is public. */
  id: string;
  tenantId: string;
  /** Null for a tenant of the command line, which has no person. */
  userId: string | null;
  /** Of a session alone. */
  sessionId: string | null;
  scopes: readonly Scope[];
  planName: string;
  /** Of the tenant's plan. */
  limits: PlanLimits;
  /** Of the key's own plan, beside the tenant's: both hold. */
  keyLimits: PlanLimits | null;
}

/**
 * Who may call a route: anybody; anybody who is known; a person, by session or token, and no key; whoever has the scope.
 * `admin` has every scope.
 */
export type Access = 'public' | 'any' | 'person' | Scope;

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined on public routes alone. */
    principal: Principal | undefined;
    /** The database as the principal sees it. Undefined where `principal` is. */
    own: TenantDatabase | undefined;
  }
  interface FastifyContextConfig {
    /** Every route must say who may call it. */
    access?: Access;
    /** Whoever has an address of it that was signed is let in, too. */
    signed?: boolean;
    /** Anybody is let in where the image of its `id` is public. */
    publicImages?: boolean;
  }
}

/** The caller of a route that is not public. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (principal === undefined) throw new AppError('UNAUTHENTICATED');
  return principal;
}

/** The caller of a route with access "person". */
export function personOf(request: FastifyRequest): Principal & { userId: string } {
  const principal = principalOf(request);
  const { userId } = principal;
  if (userId === null) throw new AppError('PERSON_REQUIRED');
  return { ...principal, userId };
}

/** What the caller of a route that is not public owns. */
export function ownOf({ own }: FastifyRequest): TenantDatabase {
  if (own === undefined) throw new AppError('UNAUTHENTICATED');
  return own;
}

/** @throws AppError PERSON_REQUIRED, FORBIDDEN naming the scope */
export function refuseWithout(access: Exclude<Access, 'public'>, { kind, scopes }: Principal): void {
  if (access === 'any') return;
  if (access === 'person') {
    if (kind === 'key') throw new AppError('PERSON_REQUIRED');
    return;
  }
  if (scopes.includes(access) || scopes.includes('admin')) return;
  throw new AppError('FORBIDDEN', {
    message: `Only callers with the scope "${access}" may do that.`,
  });
}
