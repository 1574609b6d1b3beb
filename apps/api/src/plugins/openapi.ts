// The API describes itself: /openapi.json and /docs, made from the same schemas that validate requests.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Metadata } from '@tintype/core';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import { EVENT_SCHEMAS } from '../schemas/event.ts';
import { describeIdempotency } from '../schemas/idempotency.ts';
import { Image, ImageWithMetadata } from '../schemas/image.ts';
import { Job, JobPage } from '../schemas/job.ts';
import { ProblemDocument } from '../schemas/problem.ts';
import { ReprocessRun } from '../schemas/reprocess.ts';
import { WEBHOOK_SCHEMAS } from '../schemas/webhook.ts';
import { WEBHOOKS } from '../schemas/webhook-call.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The multipart form of a route that reads its body as a stream, and so has no body schema to validate it. */
    form?: TSchema;
  }
}

const SCHEMAS = [
  ProblemDocument,
  Metadata,
  Image,
  ImageWithMetadata,
  Job,
  JobPage,
  ReprocessRun,
  ...EVENT_SCHEMAS,
  ...WEBHOOK_SCHEMAS,
];

export async function addOpenApi(app: FastifyInstance): Promise<void> {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tintype',
        version: '1',
        description: 'POST an image, get a job id at once, read back everything the file says about itself.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'jobs', description: 'Work on one image.' },
        { name: 'images', description: 'What was accepted, and what is known of it.' },
        { name: 'webhooks', description: 'Be told what happened (Standard Webhooks 1.0).' },
        { name: 'events', description: 'Ask what happened.' },
        { name: 'operations', description: 'For those who run the service.' },
      ],
      webhooks: WEBHOOKS,
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`),
    },
    transform: ({ schema, url, route }) => ({ url, schema: describeRoute(schema ?? {}, route.config ?? {}) }),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', deepLinking: true },
  });
}

function describeRoute(
  schema: FastifySchema,
  { access, form, idempotent }: FastifyContextConfig,
): FastifySchema {
  return {
    ...schema,
    ...(access === 'key' || access === 'admin' ? { security: [{ apiKey: [] }, { bearer: [] }] } : {}),
    ...(idempotent === undefined ? {} : describeIdempotency(schema)),
    ...(form === undefined
      ? {}
      : { body: { content: { 'multipart/form-data': { schema: form }, ...otherContent(schema) } } }),
  };
}

/** What a route with a form takes beside it. */
function otherContent({ body }: FastifySchema): object {
  return (body as { content?: object } | undefined)?.content ?? {};
}
