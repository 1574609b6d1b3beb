// The API describes itself: /openapi.json and /docs, made from the same schemas that validate requests.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Metadata } from '@tintype/core';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { Access } from '../principal.ts';
import { API_KEY_SCHEMAS } from '../schemas/api-key.ts';
import { DELIVERY_SCHEMAS } from '../schemas/delivery.ts';
import { EVENT_SCHEMAS } from '../schemas/event.ts';
import { describeIdempotency } from '../schemas/idempotency.ts';
import { IMAGE_SCHEMAS } from '../schemas/image.ts';
import { BULK_SCHEMAS } from '../schemas/image-change.ts';
import { Job, JobPage } from '../schemas/job.ts';
import { PLAN_SCHEMAS } from '../schemas/plan.ts';
import { ProblemDocument, problems } from '../schemas/problem.ts';
import { ReprocessRun } from '../schemas/reprocess.ts';
import { REQUEST_LOG_SCHEMAS } from '../schemas/request-log.ts';
import { STANDING, tellStanding } from '../schemas/standing.ts';
import { TAG_SCHEMAS } from '../schemas/tag.ts';
import { UPLOAD_SCHEMAS } from '../schemas/upload.ts';
import { Usage } from '../schemas/usage.ts';
import { USER_SCHEMAS } from '../schemas/user.ts';
import { WEBHOOK_SCHEMAS } from '../schemas/webhook.ts';
import { WEBHOOKS } from '../schemas/webhook-call.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The multipart form of a route that reads its body as a stream, and so has no body schema to validate it. */
    form?: TSchema;
    /** The query of a route that reads it itself, to tell all that is wrong with it. */
    query?: TSchema;
  }
}

const SCHEMAS = [
  ProblemDocument,
  Metadata,
  ...IMAGE_SCHEMAS,
  ...BULK_SCHEMAS,
  ...TAG_SCHEMAS,
  ...DELIVERY_SCHEMAS,
  Job,
  JobPage,
  ReprocessRun,
  ...EVENT_SCHEMAS,
  ...REQUEST_LOG_SCHEMAS,
  ...WEBHOOK_SCHEMAS,
  ...USER_SCHEMAS,
  ...API_KEY_SCHEMAS,
  ...PLAN_SCHEMAS,
  ...UPLOAD_SCHEMAS,
  Usage,
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
        { name: 'delivery', description: 'Pictures for others to see, by URL.' },
        {
          name: 'accounts',
          description: 'Who you are, the keys of your programs, and what your plan allows.',
        },
        { name: 'webhooks', description: 'Be told what happened (Standard Webhooks 1.0).' },
        { name: 'events', description: 'Ask what happened.' },
        { name: 'operations', description: 'For those who run the service.' },
      ],
      webhooks: WEBHOOKS,
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-tintype' },
          signature: { type: 'apiKey', in: 'query', name: 'signature' },
        },
        headers: STANDING,
      },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`),
    },
    transformObject: (document) => ('openapiObject' in document ? tellStanding(document.openapiObject) : {}),
    transform: ({ schema, url, route }) => ({
      url: url.replace(/\*$/, ':path'),
      schema: describeBodyless(route.method, describeRoute(schema ?? {}, route.config ?? {})),
    }),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', deepLinking: true },
  });
}

function describeRoute(schema: FastifySchema, config: FastifyContextConfig): FastifySchema {
  const { access, form, query, idempotent } = config;
  const guarded =
    access === undefined || access === 'public'
      ? schema
      : { ...schema, ...describeAccess(access, schema, config) };
  return {
    ...guarded,
    ...describeWildcard(schema),
    ...(query === undefined ? {} : { querystring: query }),
    ...(idempotent === undefined ? {} : describeIdempotency(guarded)),
    ...(form === undefined
      ? {}
      : { body: { content: { 'multipart/form-data': { schema: form }, ...otherContent(schema) } } }),
  };
}

/** The rest of a path has no name in a route, and one in the document. */
function describeWildcard({ params }: FastifySchema): FastifySchema {
  const { '*': path, ...others } = (params as { properties?: Record<string, TSchema> })?.properties ?? {};
  return path === undefined ? {} : { params: Type.Object({ ...others, path }) };
}

/** A body is read, and may be refused, also where the route has no use for it. */
function describeBodyless(methods: string | readonly string[], schema: FastifySchema): FastifySchema {
  if (methods === 'GET' || schema.response === undefined) return schema;
  return { ...schema, response: { ...problems(400, 413, 415), ...(schema.response as object) } };
}

/** Every route that wants to know who asks can refuse in the same ways. */
function describeAccess(
  access: Exclude<Access, 'public'>,
  { response }: FastifySchema,
  { signed, publicImages }: FastifyContextConfig,
): FastifySchema {
  const needs = access === 'any' || access === 'person' ? {} : { 'x-scope': access };
  return {
    security: [
      ...(access === 'person' ? [] : [{ apiKey: [] }]),
      ...[{ bearer: [] }, { session: [] }],
      ...(signed === true ? [{ signature: [] }] : []),
      ...(publicImages === true ? [{}] : []),
    ],
    ...needs,
    response: { ...problems(401, 403, 429, 503), ...(response as object) },
  } as FastifySchema;
}

/** What a route with a form takes beside it. */
function otherContent({ body }: FastifySchema): object {
  return (body as { content?: object } | undefined)?.content ?? {};
}
