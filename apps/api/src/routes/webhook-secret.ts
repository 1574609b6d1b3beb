// /v1/webhook-secret: what signs the webhooks of jobs that name an address of their own.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { makeWebhookSecret } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ownOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { SecretRotation } from '../schemas/webhook.ts';
import { overlapMsOf } from '../secret-overlap.ts';

export function addWebhookSecretRoutes(instance: FastifyInstance): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/v1/webhook-secret/rotate',
    {
      config: { access: 'webhooks', idempotent: 'sealed' },
      schema: {
        operationId: 'rotateWebhookSecret',
        tags: ['webhooks'],
        summary: 'A secret for the webhookUrl of jobs',
        description:
          'Makes and shows the one secret that signs what is sent to the `webhookUrl` of your jobs; endpoints have their own. Call it before your first such job, or at any time: where there was a secret before, it signs beside the new one for a while.',
        body: SecretRotation,
        response: {
          200: { description: 'The new secret.', ...Type.Ref('WebhookSecret#') },
          ...problems(400, 401, 409, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request) => {
      const secret = makeWebhookSecret();
      const { previousSecretUntil } = await ownOf(request).webhookEndpoints.rotateTenantSecret({
        secret,
        overlapMs: overlapMsOf(request.body),
      });
      return { secret, previousSecretUntil: previousSecretUntil?.toISOString() ?? null };
    },
  );
}
