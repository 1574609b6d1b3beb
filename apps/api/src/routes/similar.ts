// GET /v1/images/:id/similar: what looks like an image, by its perceptual hash.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import { MAX_SIMILAR_DISTANCE } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { presentImages } from '../delivery/present-images.ts';
import { findImage, whyNoMetadata } from '../find-image.ts';
import { ownOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';

export function addSimilarRoute(instance: FastifyInstance): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().get(
    '/v1/images/:id/similar',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'listSimilarImages',
        tags: ['images'],
        summary: 'Near duplicates of an image',
        description:
          'Compares 64-bit perceptual hashes, which stay much the same when an image is resized, compressed again or slightly recoloured.',
        params: Type.Object({ id: Id('The image.') }),
        querystring: Type.Object({
          maxDistance: Type.Integer({
            minimum: 0,
            maximum: MAX_SIMILAR_DISTANCE,
            default: 8,
            description: 'Bits that may differ. Up to 4: as good as the same; from 8 on: much alike.',
          }),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'The nearest so many.' }),
        }),
        response: {
          200: {
            description: 'Those that look like it; none is an answer, too.',
            ...Type.Ref('SimilarImages#'),
          },
          ...problems(400, 401, 404, 409, 500, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const own = ownOf(request);
      const found = await own.findImages.similar(id, request.query);
      if (found === undefined) throw new AppError('IMAGE_NOT_FOUND');
      if (found === 'no-hash') {
        const { schemaVersion } = await findImage(id, own);
        throw schemaVersion === null ? await whyNoMetadata(id, own) : new AppError('HASH_UNAVAILABLE');
      }
      const images = await presentImages(
        found.map(({ image }) => image),
        own,
      );
      return { items: found.map(({ distance }, at) => ({ distance, image: images[at] })) };
    },
  );
}
