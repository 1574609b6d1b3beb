// GET /v1/images/:id/render: the image as a picture of any size and format.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Delivery, deliver } from '../delivery/deliver.ts';
import { readTransform, TransformQuery } from '../delivery/read-transform.ts';
import { sourceOfImage } from '../delivery/source.ts';
import { ownOf } from '../principal.ts';
import { imageParams, pictureAnswers, pictureRequestHeaders } from '../schemas/delivery.ts';

export function addRenderRoute(instance: FastifyInstance, delivery: Delivery): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().get(
    '/v1/images/:id/render',
    {
      config: { access: 'images:read', signed: true, query: TransformQuery },
      schema: {
        operationId: 'renderImage',
        tags: ['delivery'],
        summary: 'The image, resized, turned, in another format',
        description:
          'Made by a worker once, and kept: the same address is answered from the store. Upright, in sRGB, without its private tags, whatever is asked for. Alpha stays where the format has it; animations stay in WebP and GIF. While it is being made the request waits for a while; 503 says to come again. Honours Range, If-Range and If-None-Match.',
        params: imageParams,
        headers: pictureRequestHeaders,
        response: pictureAnswers,
      },
    },
    async (request, reply) => {
      const transform = readTransform(request.query);
      const own = ownOf(request);
      const source = await sourceOfImage(request.params.id, { own, memory: delivery.memory });
      return deliver({ source, transform, isFixed: true }, { request, reply }, delivery);
    },
  );
}
