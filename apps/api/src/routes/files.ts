// GET /v1/files/…: pictures by path. An image that was given the path, or a file that lies in the store under the tenant's prefix.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Delivery, deliver } from '../delivery/deliver.ts';
import { readTransform, TransformQuery } from '../delivery/read-transform.ts';
import { sourceOfFile } from '../delivery/source.ts';
import { ownOf } from '../principal.ts';
import { pictureAnswers, pictureRequestHeaders } from '../schemas/delivery.ts';

export function addFileRoute(instance: FastifyInstance, delivery: Delivery): void {
  const { memory, deps } = delivery;

  instance.withTypeProvider<TypeBoxTypeProvider>().get(
    '/v1/files/*',
    {
      config: { access: 'images:read', signed: true, query: TransformQuery },
      schema: {
        operationId: 'getFile',
        tags: ['delivery'],
        summary: 'A picture by its path',
        description:
          'The image with this `path`, or else the file at this place in the store, which may have been there before Tintype. Made anew as in `render`, with the same parameters or without any: private tags never leave.',
        params: Type.Object({ '*': Type.String({ description: 'The path: names between slashes.' }) }),
        headers: pictureRequestHeaders,
        response: pictureAnswers,
      },
    },
    async (request, reply) => {
      const transform = readTransform(request.query);
      const source = await sourceOfFile(request.params['*'], {
        ...{ own: ownOf(request), memory, objects: deps.objects },
      });
      // Another image may have the path tomorrow, and another file may lie there.
      return deliver({ source, transform, isFixed: false }, { request, reply }, delivery);
    },
  );
}
