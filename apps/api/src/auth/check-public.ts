// Whose an image is that everybody may see. Who asks is nobody, and is let in as the owner's guest.
import { AppError } from '@tintype/core';
import type { FastifyRequest } from 'fastify';
import type { ApiDatabase } from '../guard-database.ts';
import { type Checked, createRemembered, type Remembered } from './remembered.ts';

export interface PublicCheck {
  /** @throws AppError UNAUTHENTICATED for an image that is not public, and for none alike */
  check(request: FastifyRequest): Promise<Checked>;
  forget: Remembered<Checked>['forget'];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createPublicCheck(
  { deliveryOwners }: Pick<ApiDatabase, 'deliveryOwners'>,
  kept: { forMs: number; most: number },
): PublicCheck {
  const remembered = createRemembered<Checked>(kept);

  async function ask(id: string): Promise<Checked> {
    const owner = UUID.test(id) ? await deliveryOwners.ofPublicImage(id) : undefined;
    if (owner === undefined) throw new AppError('UNAUTHENTICATED');
    const { tenantId, userId, planName, limits, isSuspended } = owner;
    return {
      principal: {
        kind: 'public',
        id,
        sessionId: null,
        scopes: ['images:read'],
        keyLimits: null,
        ...{ tenantId, userId, planName, limits },
      },
      isSuspended,
      expiresAt: null,
    };
  }

  return {
    check: async ({ params, routeOptions }) => {
      const { id } = params as { id?: unknown };
      if (routeOptions.config.publicImages !== true || typeof id !== 'string')
        throw new AppError('UNAUTHENTICATED');
      const imageId = id.toLowerCase();
      return remembered.check({ kind: 'public', text: imageId }, () => ask(imageId));
    },
    forget: remembered.forget,
  };
}
