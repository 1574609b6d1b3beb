// /v1/webhook-endpoints: addresses that want to hear of a tenant's events.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, checkUrl } from '@tintype/core';
import { makeWebhookSecret, type WebhookEndpointRow } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { nudge } from '../nudge.ts';
import { ownOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';
import {
  NewWebhookEndpoint,
  presentWebhookDelivery,
  presentWebhookEndpoint,
  SecretRotation,
  WebhookEndpointChange,
} from '../schemas/webhook.ts';
import { overlapMsOf } from '../secret-overlap.ts';

const params = Type.Object({ id: Id('The endpoint.') });
const tags = ['webhooks'];

export function addWebhookEndpointRoutes(
  instance: FastifyInstance,
  { config, deps }: { config: ApiConfig; deps: Deps },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const rules = { allow: config.outgoingAllow };

  app.post(
    '/v1/webhook-endpoints',
    {
      config: { access: 'webhooks', idempotent: 'sealed' },
      schema: {
        operationId: 'createWebhookEndpoint',
        tags,
        summary: 'Be called back',
        description:
          'Every event of the wanted types is POSTed to the URL, signed as Standard Webhooks 1.0 says; verify `webhook-signature` with the secret of this answer, which is shown once. An event arrives at least once, and in no promised order: drop doubles by `webhook-id`. Answer 2xx within 15 seconds. Anything else, a redirect too, is a failure and is tried again for about three days; 410 disables the endpoint, and so do failures alone for five days.',
        body: NewWebhookEndpoint,
        response: {
          201: {
            description: 'Made.',
            headers: { location: { type: 'string', description: 'Address of the endpoint.' } },
            ...Type.Ref('WebhookEndpointWithSecret#'),
          },
          ...problems(400, 401, 409, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { url, events = [], description = null } = request.body;
      const secret = makeWebhookSecret();
      const row = await ownOf(request).webhookEndpoints.create({
        url: checkUrl(url, rules).href,
        ...{ description, events, secret },
        most: config.maxWebhookEndpoints,
      });
      if (row === undefined)
        throw new AppError('TOO_MANY_WEBHOOK_ENDPOINTS', {
          message: `There are ${config.maxWebhookEndpoints} webhook endpoints already. Delete one first.`,
        });
      const endpoint = presentWebhookEndpoint(row);
      return reply
        .code(201)
        .header('location', endpoint.links.self)
        .send({ ...endpoint, secret });
    },
  );

  app.get(
    '/v1/webhook-endpoints',
    {
      config: { access: 'webhooks' },
      schema: {
        operationId: 'listWebhookEndpoints',
        tags,
        summary: 'Your webhook endpoints',
        response: {
          200: { description: 'All of them.', ...Type.Ref('WebhookEndpointList#') },
          ...problems(401, 500, 503),
        },
      },
    },
    async (request) => {
      const rows = await ownOf(request).webhookEndpoints.list();
      return { items: rows.map(presentWebhookEndpoint) };
    },
  );

  app.get(
    '/v1/webhook-endpoints/:id',
    {
      config: { access: 'webhooks' },
      schema: {
        operationId: 'getWebhookEndpoint',
        tags,
        summary: 'One webhook endpoint',
        params,
        response: {
          200: { description: 'The endpoint, without its secret.', ...Type.Ref('WebhookEndpoint#') },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request) => present(await ownOf(request).webhookEndpoints.get(request.params.id)),
  );

  app.patch(
    '/v1/webhook-endpoints/:id',
    {
      config: { access: 'webhooks' },
      schema: {
        operationId: 'updateWebhookEndpoint',
        tags,
        summary: 'Change a webhook endpoint',
        description: 'What is left out stays. A new URL counts for deliveries that wait, too.',
        params,
        body: WebhookEndpointChange,
        response: {
          200: { description: 'As it is now.', ...Type.Ref('WebhookEndpoint#') },
          ...problems(400, 401, 404, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request) => {
      const { url, ...rest } = request.body;
      const change = { ...rest, ...(url !== undefined && { url: checkUrl(url, rules).href }) };
      return present(await ownOf(request).webhookEndpoints.update(request.params.id, change));
    },
  );

  app.delete(
    '/v1/webhook-endpoints/:id',
    {
      config: { access: 'webhooks' },
      schema: {
        operationId: 'deleteWebhookEndpoint',
        tags,
        summary: 'Be called back no more',
        description: 'Deliveries that wait for it are canceled.',
        params,
        response: {
          204: { description: 'Deleted.', type: 'null' },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const removed = await ownOf(request).webhookEndpoints.remove(request.params.id);
      if (!removed) throw new AppError('WEBHOOK_ENDPOINT_NOT_FOUND');
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/webhook-endpoints/:id/rotate-secret',
    {
      config: { access: 'webhooks', idempotent: 'sealed' },
      schema: {
        operationId: 'rotateWebhookEndpointSecret',
        tags,
        summary: 'Sign with a new secret',
        description:
          'For a while the old secret signs beside the new one (`webhook-signature` holds both), so that receivers can change over without missing anything. The secret before the old one signs no more.',
        params,
        body: SecretRotation,
        response: {
          200: {
            description: 'The endpoint with its new secret.',
            ...Type.Ref('WebhookEndpointWithSecret#'),
          },
          ...problems(400, 401, 404, 409, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request) => {
      const secret = makeWebhookSecret();
      const row = await ownOf(request).webhookEndpoints.rotateSecret(request.params.id, {
        secret,
        overlapMs: overlapMsOf(request.body),
      });
      return { ...present(row), secret };
    },
  );

  app.post(
    '/v1/webhook-endpoints/:id/ping',
    {
      config: { access: 'webhooks', idempotent: true },
      schema: {
        operationId: 'pingWebhookEndpoint',
        tags,
        summary: 'Try a webhook endpoint',
        description:
          'Sends it an event of the type `ping`, whatever types it wants. The delivery tells what it answered.',
        params,
        response: {
          202: {
            description: 'The delivery, which is under way.',
            headers: { location: { type: 'string', description: 'Address of the delivery.' } },
            ...Type.Ref('WebhookDelivery#'),
          },
          ...problems(400, 401, 404, 409, 422, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const row = await ownOf(request).webhookDeliveries.ping(request.params.id);
      if (row === 'disabled') throw new AppError('WEBHOOK_ENDPOINT_DISABLED');
      if (row === undefined) throw new AppError('WEBHOOK_ENDPOINT_NOT_FOUND');
      nudge(deps.deliveries, [row.nudge], { ...deps, log: request.log, traceparent: request.traceparent });
      const delivery = presentWebhookDelivery(row);
      return reply.code(202).header('location', delivery.links.self).send(delivery);
    },
  );
}

function present(row: WebhookEndpointRow | undefined) {
  if (row === undefined) throw new AppError('WEBHOOK_ENDPOINT_NOT_FOUND');
  return presentWebhookEndpoint(row);
}
