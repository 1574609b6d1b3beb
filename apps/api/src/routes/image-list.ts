// GET /v1/images: the caller's library, found by facts and words, page by page.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { presentImages } from '../delivery/present-images.ts';
import { nextLink } from '../next-link.ts';
import { ownOf } from '../principal.ts';
import { readImageFilter, writeImageCursor } from '../read-image-filter.ts';
import { ImageFilter } from '../schemas/image-query.ts';
import { problems } from '../schemas/problem.ts';

export function addImageListRoute(instance: FastifyInstance): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().get(
    '/v1/images',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'listImages',
        tags: ['images'],
        summary: 'Your images',
        description:
          'Those that fit all that is asked. What was rejected as a duplicate is in no list; what is not inspected yet has no size, camera and date to be found by.',
        querystring: ImageFilter,
        response: {
          200: { description: 'One page.', ...Type.Ref('ImagePage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const query = readImageFilter(request.query);
      const { images, next } = await ownOf(request).findImages.list(query);
      const nextCursor = next === undefined ? null : writeImageCursor(next, query.sort);
      const links = nextCursor === null ? {} : { next: nextLink(request, ['cursor', nextCursor]) };
      return { items: await presentImages(images, ownOf(request)), nextCursor, links };
    },
  );
}
