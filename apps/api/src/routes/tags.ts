// GET /v1/tags: every tag that the caller's images have.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { invalid, MAX_TAG_CHARACTERS, storable } from '../image-fields.ts';
import { nextLink } from '../next-link.ts';
import { CURSOR_PATTERN, MAX_CURSOR_CHARACTERS, readCursor, writeCursor } from '../page-cursor.ts';
import { ownOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { presentTag } from '../schemas/tag.ts';

const ORDER = 'tag';

export function addTagRoutes(instance: FastifyInstance): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().get(
    '/v1/tags',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'listTags',
        tags: ['images'],
        summary: 'Your tags',
        description: 'Each with the number of your images that have it. One that no image has is gone.',
        querystring: Type.Object({
          prefix: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: MAX_TAG_CHARACTERS,
              description: 'Only tags that begin so, with these capitals.',
            }),
          ),
          cursor: Type.Optional(
            Type.String({
              maxLength: MAX_CURSOR_CHARACTERS,
              pattern: CURSOR_PATTERN,
              description: '`nextCursor` of the page before.',
            }),
          ),
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
        }),
        response: {
          200: { description: 'One page.', ...Type.Ref('TagPage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const { prefix, cursor, limit } = request.query;
      if (prefix !== undefined && storable(prefix) === '')
        throw invalid('prefix', 'must have a letter at least');
      const after = cursor === undefined ? undefined : readCursor(cursor, ORDER, 1)[0];
      const rows = await ownOf(request).tags.list({
        prefix: prefix === undefined ? undefined : storable(prefix).normalize('NFC'),
        ...{ after, limit: limit + 1 },
      });
      const items = rows.slice(0, limit).map(presentTag);
      const last = rows.length > limit ? items.at(-1) : undefined;
      const nextCursor = last === undefined ? null : writeCursor(ORDER, [last.tag]);
      const links = nextCursor === null ? {} : { next: nextLink(request, ['cursor', nextCursor]) };
      return { items, nextCursor, links };
    },
  );
}
