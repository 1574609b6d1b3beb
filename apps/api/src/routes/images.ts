// /v1/images/:id: what is known of an image; changing what was said of it, and removing it.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { ImageUpdate } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { presentOneImage } from '../delivery/present-images.ts';
import type { Deps } from '../deps.ts';
import { discardRemoved } from '../discard-removed.ts';
import { findImage, whyNoMetadata } from '../find-image.ts';
import { readPath, readTagList, readTitle } from '../image-fields.ts';
import { ownOf } from '../principal.ts';
import { ImageChange } from '../schemas/image-change.ts';
import { presentMetadata } from '../schemas/metadata.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';

const params = Type.Object({ id: Id('The image.') });

export function addImageRoutes(instance: FastifyInstance, { deps }: { deps: Deps }): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { objects } = deps;

  app.get(
    '/v1/images/:id',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getImage',
        tags: ['images'],
        summary: 'One image',
        description: 'One that was rejected as a duplicate, too.',
        params,
        response: {
          200: { description: 'The image.', ...Type.Ref('Image#') },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request) => {
      const own = ownOf(request);
      return presentOneImage(await findImage(request.params.id, own), own);
    },
  );

  app.get(
    '/v1/images/:id/metadata',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getMetadata',
        tags: ['images'],
        summary: 'Everything the file says about itself',
        params,
        response: {
          200: { description: 'The whole document.', ...Type.Ref('Metadata#') },
          ...problems(400, 401, 404, 409, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const own = ownOf(request);
      const metadata = await own.images.metadata(id);
      if (metadata === undefined) throw new AppError('IMAGE_NOT_FOUND');
      if (metadata === null) throw await whyNoMetadata(id, own);
      return reply.send(presentMetadata(metadata));
    },
  );

  app.patch(
    '/v1/images/:id',
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'updateImage',
        tags: ['images'],
        summary: 'Change what was said of an image',
        description: 'What is left out stays as it is. What its file says of itself is not changed by that.',
        params,
        body: ImageChange,
        response: {
          200: { description: 'The image as it is now.', ...Type.Ref('Image#') },
          ...problems(400, 401, 404, 409, 500, 503),
        },
      },
    },
    async (request) => {
      const row = await ownOf(request).images.update(request.params.id, readChange(request.body));
      if (row === undefined) throw new AppError('IMAGE_NOT_FOUND');
      if (row === 'path-taken') throw new AppError('PATH_TAKEN');
      return presentOneImage(row, ownOf(request));
    },
  );

  app.delete(
    '/v1/images/:id',
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'deleteImage',
        tags: ['images'],
        summary: 'Remove an image',
        description:
          'With its file, what was made of it, its jobs and all that was found out. A job that has not ended is canceled first.',
        params,
        response: {
          204: { description: 'Removed.', type: 'null' },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const own = ownOf(request);
      const removed = await own.images.remove(request.params.id);
      if (removed === undefined) throw new AppError('IMAGE_NOT_FOUND');
      // Not awaited: the image is gone, and what of its objects stays now is left to the sweep.
      void discardRemoved(removed, { own, objects });
      return reply.code(204).send(null);
    },
  );
}

/** @throws AppError INVALID_REQUEST */
function readChange({ title, tags, path, public: isPublic }: ImageChange): ImageUpdate {
  return {
    ...(title !== undefined && { title: title === null ? null : readTitle(title) }),
    ...(tags !== undefined && { tags: readTagList('tags', tags) }),
    ...(path !== undefined && { path: path === null ? null : readPath(path) }),
    ...(isPublic !== undefined && { isPublic }),
  };
}
