// Whose a bearer token of an OIDC provider is: the person that it speaks for, made here when he comes for the first time.
import { hash } from 'node:crypto';
import { AppError } from '@tintype/core';
import { SCOPES, USER_SCOPES } from '@tintype/prisma';
import type { ApiDatabase } from '../guard-database.ts';
import type { Checked } from './remembered.ts';
import type { TokenVerifier, VerifiedToken } from './token-verifier.ts';

export interface TokenCheck {
  db: Pick<ApiDatabase, 'principals' | 'users'>;
  tokens: TokenVerifier | undefined;
  defaultPlan: string;
}

type CheckToken = (text: string) => Promise<Checked>;

const MAX_SEEN_TOKENS = 10_000;

/** The check, which throws AppError UNAUTHENTICATED for whatever is no token of the provider, and always where there is no provider. */
export function createTokenCheck({ db, tokens, defaultPlan }: TokenCheck): CheckToken {
  /** Digests of tokens whose person was told of here. */
  const seen = new Set<string>();

  /** Email and name follow the provider's, once for each token. */
  async function introduce({ subject, issuer, email, name }: VerifiedToken): Promise<void> {
    await db.users.ensureSubject({ subject, issuer, email, name, planName: defaultPlan });
  }

  async function ownerOf(text: string, token: VerifiedToken) {
    const digest = hash('sha256', text, 'base64url');
    const find = () => db.principals.ofSubject(token.issuer, token.subject);
    const known = seen.has(digest) ? await find() : undefined;
    if (known !== undefined) return known;
    await introduce(token);
    if (seen.size >= MAX_SEEN_TOKENS) seen.clear();
    seen.add(digest);
    return find();
  }

  return async (text) => {
    if (tokens === undefined) throw new AppError('UNAUTHENTICATED');
    const token = await tokens.verify(text);
    const owner = await ownerOf(text, token);
    // Deleted in this very moment.
    if (owner === undefined) throw new AppError('UNAUTHENTICATED');
    const { tenantId, userId, planName, limits, isSuspended } = owner;
    return {
      principal: {
        kind: 'token',
        id: userId,
        sessionId: null,
        scopes: owner.isAdmin || token.isAdmin ? SCOPES : USER_SCOPES,
        keyLimits: null,
        ...{ tenantId, userId, planName, limits },
      },
      isSuspended,
      expiresAt: token.expiresAt,
    };
  };
}
