// /v1/images/:id/tags: the tags of one image, all together or one by one.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { findImage } from '../find-image.ts';
import { MAX_TAGS, readTag, readTagList } from '../image-fields.ts';
import { ownOf } from '../principal.ts';
import { TagList } from '../schemas/image-change.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';

const params = Type.Object({ id: Id('The image.') });
const tagParams = Type.Object({ ...params.properties, tag: Type.String({ minLength: 1 }) });
const body = (description: string) =>
  Type.Object(
    { tags: TagList(description) },
    { additionalProperties: false, examples: [{ tags: ['harbour', 'dawn'] }] },
  );
const answers = (description: string, ...statuses: number[]) => ({
  200: { description, ...Type.Ref('ImageTags#') },
  ...problems(400, 401, 404, 500, 503, ...statuses),
});

export function addImageTagRoutes(instance: FastifyInstance): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const url = '/v1/images/:id/tags';

  app.get(
    url,
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getImageTags',
        tags: ['images'],
        summary: 'The tags of an image',
        params,
        response: answers('In the order they came.'),
      },
    },
    async (request) => told((await findImage(request.params.id, ownOf(request))).tags),
  );

  app.post(
    url,
    {
      config: { access: 'images:write', idempotent: true },
      schema: {
        operationId: 'addImageTags',
        tags: ['images'],
        summary: 'Add tags to an image',
        description: 'Those that it has stay as they are.',
        params,
        body: body('To be added.'),
        response: answers('All that it has now.', 409),
      },
    },
    async (request) => {
      const tags = readTagList('tags', request.body.tags);
      return told(await ownOf(request).tags.add(request.params.id, tags, MAX_TAGS));
    },
  );

  app.put(
    url,
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'replaceImageTags',
        tags: ['images'],
        summary: 'Give an image these tags and no others',
        params,
        body: body('All that it has from now on.'),
        response: answers('All that it has now.'),
      },
    },
    async (request) => {
      const tags = readTagList('tags', request.body.tags);
      return told(await ownOf(request).tags.replace(request.params.id, tags));
    },
  );

  app.delete(
    url,
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'clearImageTags',
        tags: ['images'],
        summary: 'Take all tags from an image',
        params,
        response: answers('None.'),
      },
    },
    async (request) => told(await ownOf(request).tags.clear(request.params.id)),
  );

  app.put(
    `${url}/:tag`,
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'addImageTag',
        tags: ['images'],
        summary: 'Add one tag to an image',
        params: tagParams,
        response: answers('All that it has now.', 409),
      },
    },
    async (request) => {
      const { id, tag } = request.params;
      return told(await ownOf(request).tags.add(id, [readTag('tag', tag)], MAX_TAGS));
    },
  );

  app.delete(
    `${url}/:tag`,
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'removeImageTag',
        tags: ['images'],
        summary: 'Take one tag from an image',
        params: tagParams,
        response: answers('Those that are left.'),
      },
    },
    async (request) => {
      const { id, tag } = request.params;
      return told(await ownOf(request).tags.remove(id, readTag('tag', tag)));
    },
  );
}

/** @throws AppError IMAGE_NOT_FOUND, TAG_NOT_FOUND, TOO_MANY_TAGS */
function told(tags: string[] | 'too-many' | 'unknown' | undefined): { tags: string[] } {
  if (tags === undefined) throw new AppError('IMAGE_NOT_FOUND');
  if (tags === 'unknown') throw new AppError('TAG_NOT_FOUND');
  if (tags === 'too-many')
    throw new AppError('TOO_MANY_TAGS', { message: `An image has at most ${MAX_TAGS} tags.` });
  return { tags };
}
