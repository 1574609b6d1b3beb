// Whose a session is, by the database.
import { createHash } from 'node:crypto';
import { AppError } from '@tintype/core';
import { SCOPES, USER_SCOPES } from '@tintype/prisma';
import type { ApiDatabase } from '../guard-database.ts';
import type { Checked } from './remembered.ts';

/** 256 bits, base64url. */
const TOKEN = /^[\w-]{43}$/;

/** @throws AppError UNAUTHENTICATED for a session that is none, has ended or has expired */
export async function checkSession(
  token: string,
  { principals }: Pick<ApiDatabase, 'principals'>,
): Promise<Checked & { principal: { sessionId: string } }> {
  const owner = TOKEN.test(token) ? await principals.ofSession(digestOfToken(token)) : undefined;
  if (owner === undefined) throw new AppError('UNAUTHENTICATED');
  const { sessionId, tenantId, userId, planName, limits, isAdmin, isSuspended, expiresAt } = owner;
  return {
    principal: {
      kind: 'session',
      id: userId,
      scopes: isAdmin ? SCOPES : USER_SCOPES,
      keyLimits: null,
      ...{ sessionId, tenantId, userId, planName, limits },
    },
    isSuspended,
    expiresAt,
  };
}

/** What is kept of a session's token. */
export function digestOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
