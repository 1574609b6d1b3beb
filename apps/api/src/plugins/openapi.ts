// The API describes itself: /openapi.json and /docs, made from the same schemas that validate requests.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Metadata } from '@tintype/core';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import { Image, ImageWithMetadata } from '../schemas/image.ts';
import { Job, JobPage } from '../schemas/job.ts';
import { ProblemDocument } from '../schemas/problem.ts';
import { ReprocessRun } from '../schemas/reprocess.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The multipart form of a route that reads its body as a stream, and so has no body schema to validate it. */
    form?: TSchema;
  }
}

const SCHEMAS = [ProblemDocument, Metadata, Image, ImageWithMetadata, Job, JobPage, ReprocessRun];

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
        { name: 'operations', description: 'For those who run the service.' },
      ],
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

function describeRoute(schema: FastifySchema, { access, form }: FastifyContextConfig): FastifySchema {
  return {
    ...schema,
    ...(access === 'key' || access === 'admin' ? { security: [{ apiKey: [] }, { bearer: [] }] } : {}),
    ...(form === undefined ? {} : { consumes: ['multipart/form-data'], body: form }),
  };
}
