// /v1/images/:id/derivatives: pictures of an image that have a name.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Presets } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Delivery, deliver } from '../delivery/deliver.ts';
import { derivativesOf } from '../delivery/list-derivatives.ts';
import { transformOfName } from '../delivery/named-transform.ts';
import { expectNoTransform, SignatureQuery } from '../delivery/read-transform.ts';
import { sourceOfImage } from '../delivery/source.ts';
import { findImage } from '../find-image.ts';
import { ownOf } from '../principal.ts';
import { DerivativeName, imageParams, pictureAnswers, pictureRequestHeaders } from '../schemas/delivery.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';

export function addDerivativeRoutes(instance: FastifyInstance, delivery: Delivery): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { presets } = delivery.config;

  app.get(
    '/v1/images/:id/derivatives',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'listDerivatives',
        tags: ['delivery'],
        summary: 'The pictures of an image that have a name',
        params: imageParams,
        response: {
          200: { description: 'Made or not.', ...Type.Ref('DerivativeList#') },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request) => {
      const own = ownOf(request);
      const row = await findImage(request.params.id, own);
      const named = row.derivatives as Presets;
      const others = Object.entries(presets).filter(([name]) => !Object.hasOwn(named, name));
      const [items, ofPresets] = await Promise.all([
        derivativesOf(row, named, own),
        derivativesOf(row, Object.fromEntries(others), own),
      ]);
      return { items, presets: ofPresets };
    },
  );

  app.get(
    '/v1/images/:id/derivatives/:name',
    {
      config: { access: 'images:read', signed: true, publicImages: true, query: SignatureQuery },
      schema: {
        operationId: 'getDerivative',
        tags: ['delivery'],
        summary: 'One picture of an image, by its name',
        description:
          'One that was asked for at upload, or a preset of the service. Anybody may have it where the image is public. Made by a worker where it is not there yet, as in `render`.',
        params: Type.Object({ id: Id('The image.'), name: DerivativeName }),
        headers: pictureRequestHeaders,
        response: pictureAnswers,
      },
    },
    async (request, reply) => {
      expectNoTransform(request.query);
      const { id, name } = request.params;
      const source = await sourceOfImage(id, { own: ownOf(request), memory: delivery.memory });
      const { transform, isKept } = transformOfName(name, source, presets);
      // A preset means what the service is told that it means: tomorrow perhaps something else.
      return deliver({ source, transform, isKept, isFixed: isKept }, { request, reply }, delivery);
    },
  );
}
