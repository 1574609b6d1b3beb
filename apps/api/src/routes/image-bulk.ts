// POST /v1/images/bulk/…: the same change for many images at once.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { discardRemoved } from '../discard-removed.ts';
import { invalid, MAX_TAGS, readTagList } from '../image-fields.ts';
import { ownOf } from '../principal.ts';
import { BulkDeletion, BulkTagging, MAX_BULK } from '../schemas/image-change.ts';
import { problems } from '../schemas/problem.ts';

export function addImageBulkRoutes(
  instance: FastifyInstance,
  { deps: { objects } }: { deps: Pick<Deps, 'objects'> },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/v1/images/bulk/tags',
    {
      config: { access: 'images:write', idempotent: true },
      schema: {
        operationId: 'tagImages',
        tags: ['images'],
        summary: 'Add and remove tags on many images',
        description: `Up to ${MAX_BULK} images. What can not be changed is named, and the rest is changed all the same.`,
        body: BulkTagging,
        response: {
          200: { description: 'What became of each.', ...Type.Ref('BulkTagged#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const { add, remove } = readTagging(request.body);
      const ids = eachOnce(request.body.ids);
      const { changed, tooMany } = await ownOf(request).tags.change(ids, { add, remove, most: MAX_TAGS });
      return { changed, missing: without(ids, [...changed, ...tooMany]), tooMany };
    },
  );

  app.post(
    '/v1/images/bulk/delete',
    {
      config: { access: 'images:write', idempotent: true },
      schema: {
        operationId: 'deleteImages',
        tags: ['images'],
        summary: 'Remove many images',
        description: `Up to ${MAX_BULK} images, each with its file, what was made of it, its jobs and all that was found out.`,
        body: BulkDeletion,
        response: {
          200: { description: 'What became of each.', ...Type.Ref('BulkDeleted#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const own = ownOf(request);
      const ids = eachOnce(request.body.ids);
      const { deleted, objects: removed } = await own.images.removeMany(ids);
      // Not awaited: the images are gone, and what of their objects stays now is left to the sweep.
      void discardRemoved(removed, { own, objects });
      return { deleted, missing: without(ids, deleted) };
    },
  );
}

/** @throws AppError INVALID_REQUEST */
function readTagging({ add = [], remove = [] }: { add?: string[]; remove?: string[] }) {
  const tags = { add: readTagList('add', add), remove: readTagList('remove', remove) };
  if (tags.add.length + tags.remove.length === 0) throw invalid('add', 'or remove must name a tag');
  if (tags.add.some((tag) => tags.remove.includes(tag)))
    throw invalid('remove', 'must not name a tag that is to be added');
  return tags;
}

/** As the database writes them. */
function eachOnce(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.toLowerCase()))];
}

function without(ids: readonly string[], found: readonly string[]): string[] {
  const known = new Set(found);
  return ids.filter((id) => !known.has(id));
}
