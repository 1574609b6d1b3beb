// Whose an API key is, by the database.
import { AppError } from '@tintype/core';
import { type KeyOwner, parseApiKey, SCOPES, type Scope, secretMatches } from '@tintype/prisma';
import type { ApiDatabase } from '../guard-database.ts';
import type { Checked } from './remembered.ts';

/** @throws AppError UNAUTHENTICATED for a key that is none, is unknown, expired or revoked */
export async function checkKey(
  text: string,
  { principals }: Pick<ApiDatabase, 'principals'>,
): Promise<Checked> {
  const key = parseApiKey(text);
  const owner = key && (await principals.ofKey(key.id));
  if (owner === undefined || !isLive(owner) || !secretMatches(key?.secret ?? '', owner.secretSha256))
    throw new AppError('UNAUTHENTICATED');
  const { keyId, tenantId, userId, planName, limits, keyLimits, isSuspended, expiresAt } = owner;
  return {
    principal: {
      kind: 'key',
      id: keyId,
      sessionId: null,
      scopes: scopesOf(owner),
      ...{ tenantId, userId, planName, limits, keyLimits },
    },
    isSuspended,
    expiresAt,
  };
}

function isLive({ revokedAt, expiresAt }: KeyOwner): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now());
}

/** A person's key operates the service as long as the person does. A tenant of the command line has no person, and its keys suffice. */
function scopesOf({ scopes, userId, isAdmin }: KeyOwner): Scope[] {
  const mayOperate = userId === null || isAdmin;
  return SCOPES.filter((scope) => scopes.includes(scope) && (scope !== 'admin' || mayOperate));
}
