// /v1/events: the feed of what happened, for those who can't be called back.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { EventRow } from '@tintype/prisma';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { clientGone } from '../client-gone.ts';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { CURSOR_PATTERN, END_OF_FEED, readCursor } from '../feed-cursor.ts';
import { nextLink } from '../next-link.ts';
import { ownOf } from '../principal.ts';
import { type EventPage, EventType, presentEvent } from '../schemas/event.ts';
import { problems } from '../schemas/problem.ts';
import { waitForEvents } from '../wait-for-events.ts';

export function addEventRoutes(
  instance: FastifyInstance,
  { config, deps }: { config: ApiConfig; deps: Deps },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    '/v1/events',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'listEvents',
        tags: ['events'],
        summary: 'What happened, oldest first',
        description:
          'The same events that webhooks send, to be asked for: nothing is missed and nothing appears behind a cursor. Keep `nextCursor` once you have worked through the items, and go on with it; when you stop in between you get some again, so drop doubles by the event’s id. Events are kept for some days (EVENT_RETENTION_DAYS of the service). Without `after` it begins with the oldest that is kept, with `after=now` at the end. An event appears once all transactions older than its own have ended, as a rule within milliseconds.',
        querystring: Type.Object({
          after: Type.Optional(
            Type.String({
              pattern: CURSOR_PATTERN,
              description: '`nextCursor` of the page before, or `now`.',
            }),
          ),
          type: Type.Optional(Type.Array(EventType, { description: 'Only these types; may be repeated.' })),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 100 }),
          wait: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: config.maxWaitSeconds,
              description: 'Answer only when there is an event, or after so many seconds.',
            }),
          ),
        }),
        response: {
          200: { description: 'One page; empty when nothing happened yet.', ...Type.Ref('EventPage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { after, type: types, limit, wait = 0 } = request.query;
      if (after === END_OF_FEED) return page(request, await deps.db.events.end());
      const query = { after: readCursor(after), types, limit };
      const rows = await waitForEvents(
        query,
        { timeoutMs: wait * 1000, signal: clientGone(reply.raw) },
        { ...deps, own: ownOf(request) },
      );
      // A key that was revoked meanwhile is told nothing any more.
      if (wait > 0) await app.authenticate(request);
      return page(request, rows.at(-1)?.cursor ?? after ?? '0-0', rows);
    },
  );
}

function page(request: FastifyRequest, nextCursor: string, rows: EventRow[] = []): EventPage {
  const links = { next: nextLink(request, ['after', nextCursor]) };
  return { items: rows.map(presentEvent), nextCursor, links };
}
