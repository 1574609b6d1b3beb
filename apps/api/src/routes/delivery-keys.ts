// /v1/delivery-keys: what signs addresses of a tenant's pictures.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Auth } from '../plugins/auth.ts';
import { ownOf } from '../principal.ts';
import { DeliveryKeyRotation } from '../schemas/delivery.ts';
import { problems } from '../schemas/problem.ts';

export function addDeliveryKeyRoutes(instance: FastifyInstance, { auth }: { auth: Auth }): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().post(
    '/v1/delivery-keys/rotate',
    {
      config: { access: 'images:write', idempotent: true },
      schema: {
        operationId: 'rotateDeliveryKey',
        tags: ['delivery'],
        summary: 'A new key for signed addresses',
        description:
          'Takes back every address that was signed before, at once or after a time of overlap. Other processes may believe them for some seconds longer.',
        body: DeliveryKeyRotation,
        response: {
          200: { description: 'The key that signs from now on.', ...Type.Ref('DeliveryKey#') },
          ...problems(400, 401, 409, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request) => {
      const own = ownOf(request);
      const overlapSeconds = request.body?.overlapSeconds ?? 0;
      const { id } = await own.deliveryKeys.rotate(overlapSeconds);
      auth.forget(({ kind, tenantId }) => kind === 'signature' && tenantId === own.tenantId);
      return { id, previousUntil: new Date(Date.now() + overlapSeconds * 1000).toISOString() };
    },
  );
}
