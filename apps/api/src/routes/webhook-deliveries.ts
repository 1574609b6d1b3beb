// /v1/webhook-deliveries: what was sent to whom, what came of it, and once more please.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import { EVENT_TYPES } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { nextLink } from '../next-link.ts';
import { nudge } from '../nudge.ts';
import { ownOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';
import {
  DeliveryStatus,
  presentWebhookDelivery,
  presentWebhookDeliveryWithAttempts,
} from '../schemas/webhook.ts';

const params = Type.Object({ id: Id('The delivery.') });
const tags = ['webhooks'];

export function addWebhookDeliveryRoutes(instance: FastifyInstance, { deps }: { deps: Deps }): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    '/v1/webhook-deliveries',
    {
      config: { access: 'webhooks' },
      schema: {
        operationId: 'listWebhookDeliveries',
        tags,
        summary: 'What was sent, newest first',
        description:
          '`status=dead` lists what was given up: `POST /v1/webhook-deliveries/:id/redeliver` sends it again.',
        querystring: Type.Object({
          status: Type.Optional(DeliveryStatus),
          endpointId: Type.Optional(Id('Only to this endpoint.')),
          eventType: Type.Optional(
            Type.Enum([...EVENT_TYPES, 'ping'], { description: 'Only events of this type.' }),
          ),
          jobId: Type.Optional(Id('Only of this job.')),
          cursor: Type.Optional(Id('`nextCursor` of the page before.')),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        }),
        response: {
          200: { description: 'One page.', ...Type.Ref('WebhookDeliveryPage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const { cursor, limit, ...filter } = request.query;
      const rows = await ownOf(request).webhookDeliveries.list({
        ...filter,
        after: cursor,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit).map(presentWebhookDelivery);
      const nextCursor = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
      const links = nextCursor === null ? {} : { next: nextLink(request, ['cursor', nextCursor]) };
      return { items, nextCursor, links };
    },
  );

  app.get(
    '/v1/webhook-deliveries/:id',
    {
      config: { access: 'webhooks' },
      schema: {
        operationId: 'getWebhookDelivery',
        tags,
        summary: 'One delivery with all its attempts',
        params,
        response: {
          200: { description: 'The delivery.', ...Type.Ref('WebhookDeliveryWithAttempts#') },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request) => {
      const row = await ownOf(request).webhookDeliveries.get(request.params.id);
      if (row === undefined) throw new AppError('WEBHOOK_DELIVERY_NOT_FOUND');
      return presentWebhookDeliveryWithAttempts(row);
    },
  );

  app.post(
    '/v1/webhook-deliveries/:id/redeliver',
    {
      config: { access: 'webhooks', idempotent: true },
      schema: {
        operationId: 'redeliverWebhook',
        tags,
        summary: 'Send it once more',
        description:
          'Whatever became of it: at once, and from the beginning of the schedule. The event and its `webhook-id` stay the same, so a receiver that has it already can drop it. One that is being sent at this moment is left alone.',
        params,
        response: {
          202: { description: 'The delivery, which is under way.', ...Type.Ref('WebhookDelivery#') },
          ...problems(400, 401, 404, 409, 422, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const row = await ownOf(request).webhookDeliveries.redeliver(request.params.id);
      // Nothing is sent to an endpoint that is disabled or deleted: better to say so than to let it die again.
      if (row === undefined) throw new AppError('WEBHOOK_DELIVERY_NOT_FOUND');
      if (row === 'gone') throw new AppError('WEBHOOK_ENDPOINT_NOT_FOUND');
      if (row === 'disabled') throw new AppError('WEBHOOK_ENDPOINT_DISABLED');
      nudge(deps.deliveries, [row.nudge], { ...deps, log: request.log, traceparent: request.traceparent });
      return reply.code(202).send(presentWebhookDelivery(row));
    },
  );
}
