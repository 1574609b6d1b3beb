// Whose a signed address is, and whether it still counts. It lets in to the one route it was signed for, as its tenant.
import { AppError, readSignature, verifyAddress } from '@tintype/core';
import type { FastifyRequest } from 'fastify';
import type { ApiDatabase } from '../guard-database.ts';
import { type Checked, createRemembered, type Remembered } from './remembered.ts';

interface KnownKey extends Checked {
  secret: string;
}

export interface SignatureCheck {
  /** @throws AppError SIGNATURE_INVALID, SIGNATURE_EXPIRED */
  check(request: FastifyRequest): Promise<Checked>;
  forget: Remembered<KnownKey>['forget'];
}

/** The address says that it is signed, well or not. */
export function isSigned({ query, routeOptions }: FastifyRequest): boolean {
  if (routeOptions.config.signed !== true) return false;
  const { signature, key, expires } = query as Record<string, unknown>;
  return signature !== undefined || key !== undefined || expires !== undefined;
}

export function createSignatureCheck(
  { deliveryOwners }: Pick<ApiDatabase, 'deliveryOwners'>,
  kept: { forMs: number; most: number },
): SignatureCheck {
  const remembered = createRemembered<KnownKey>(kept);

  async function ask(keyId: string): Promise<KnownKey> {
    const owner = await deliveryOwners.ofKey(keyId);
    if (owner === undefined) throw new AppError('SIGNATURE_INVALID');
    const { secret, tenantId, userId, planName, limits, isSuspended, retiredAt } = owner;
    return {
      principal: {
        kind: 'signature',
        id: keyId,
        sessionId: null,
        // No more than what a signed route wants: it is the signature that says which.
        scopes: ['images:read', 'jobs:write'],
        keyLimits: null,
        ...{ tenantId, userId, planName, limits },
      },
      secret,
      isSuspended,
      expiresAt: retiredAt,
    };
  }

  /** A key that is unknown is looked at like any other: what is wrong is told from the signature alone. */
  async function findKey(keyId: string): Promise<KnownKey | undefined> {
    try {
      return await remembered.check({ kind: 'signature', text: keyId }, () => ask(keyId));
    } catch (error) {
      if (error instanceof AppError && error.code === 'SIGNATURE_INVALID') return undefined;
      throw error;
    }
  }

  return {
    check: async ({ url, query }) => {
      const [path = ''] = url.split('?');
      const address = { path, query: query as Record<string, unknown> };
      const keyId = readSignature(address.query)?.keyId;
      const known = keyId === undefined ? undefined : await findKey(keyId);
      const verdict = verifyAddress(address, known?.secret);
      if (verdict === 'expired') throw new AppError('SIGNATURE_EXPIRED');
      if (verdict === 'invalid' || known === undefined) throw new AppError('SIGNATURE_INVALID');
      return known;
    },
    forget: remembered.forget,
  };
}
