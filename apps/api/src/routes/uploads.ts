// /v1/uploads: leave to send a file past the API; and, where the object store is a folder, the way there.
import type { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, type ObjectStore } from '@tintype/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiConfig } from '../config.ts';
import { SignatureQuery } from '../delivery/read-transform.ts';
import type { Deps } from '../deps.ts';
import { roomLimitsOf } from '../limits/room.ts';
import { uploadLimitOf } from '../limits/upload-limit.ts';
import { ownOf, principalOf } from '../principal.ts';
import { promiseUpload } from '../promise-upload.ts';
import { expectPromised, receiveUpload } from '../receive-upload.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';
import { NewUpload } from '../schemas/upload.ts';

const tags = ['jobs'];
const params = Type.Object({ id: Id('The upload.') });
/** What was promised stands in a signed address, so that it is signed as well. */
const querystring = Type.Object({
  bytes: Type.Optional(
    Type.String({ maxLength: 20, description: 'Of a signed address: the size of the file.' }),
  ),
  type: Type.Optional(
    Type.String({ maxLength: 127, description: 'Of a signed address: the type of the file.' }),
  ),
  ...SignatureQuery.properties,
});

export function addUploadRoutes(
  instance: FastifyInstance,
  { config, deps }: { config: ApiConfig; deps: Deps },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { objects } = deps;

  app.post(
    '/v1/uploads',
    {
      // The address in the answer lets in whoever has it.
      config: { access: 'jobs:write', idempotent: 'sealed', intake: true },
      schema: {
        operationId: 'createUpload',
        tags,
        summary: 'Send a file past the API',
        description:
          'Answers where to send the file, without a key, by one PUT: to the object store itself where that is S3, else to this service. Size and type are part of the signature: nothing else is taken there. When it has arrived, `POST /v1/jobs` with `uploadId` takes it in; what is not taken in is removed after a while.',
        body: NewUpload,
        response: {
          201: { description: 'Send the file there.', ...Type.Ref('Upload#') },
          ...problems(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const asker = { limit: uploadLimitOf(principal, config), room: roomLimitsOf(principal) };
      const upload = await promiseUpload(request.body, asker, { objects, config, own: ownOf(request) });
      return reply.code(201).send(upload);
    },
  );

  // In a scope of its own: nowhere else is a picture a body. It reaches the handler unread.
  instance.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', async (_request: FastifyRequest, file: Readable) => file);
    addContentRoute(scope, objects);
  });
}

function addContentRoute(instance: FastifyInstance, objects: ObjectStore): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().put(
    '/v1/uploads/:id/content',
    {
      config: { access: 'jobs:write', signed: true, intake: true },
      schema: {
        operationId: 'putUploadContent',
        tags,
        summary: 'The file of an upload',
        description:
          'For addresses that `POST /v1/uploads` has answered. Sent again before it is taken in, the file replaces the one before.',
        params,
        querystring,
        body: { content: { 'image/*': { schema: Type.String({ format: 'binary' }) } } },
        response: {
          204: { description: 'Arrived, as a whole.', type: 'null' },
          ...problems(400, 401, 403, 404, 408, 411, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const own = ownOf(request);
      const promise = await own.directUploads.find(request.params.id);
      if (promise === undefined) throw new AppError('UPLOAD_NOT_FOUND');
      expectPromised(request.headers, promise);
      await receiveUpload(request.body as Readable, promise, { own, objects });
      return reply.code(204).send(null);
    },
  );
}
