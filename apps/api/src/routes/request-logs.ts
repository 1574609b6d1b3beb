// /v1/request-logs: who sent which changing request, when, from where, and how it ended. For administrators.
import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { clientGone } from '../client-gone.ts';
import type { Deps } from '../deps.ts';
import { exportRequestLogs, FORMATS } from '../export-request-logs.ts';
import { nextLink } from '../next-link.ts';
import type { Drain } from '../plugins/drain.ts';
import { readRequestLogFilter, writeCursor } from '../read-request-log-filter.ts';
import { problems } from '../schemas/problem.ts';
import { type ExportFormat, presentRequestLog, RequestLogFilter } from '../schemas/request-log.ts';

export function addRequestLogRoutes(
  instance: FastifyInstance,
  { deps, drain }: { deps: Pick<Deps, 'db'>; drain: Drain },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    '/v1/request-logs',
    {
      config: { access: 'admin' },
      // An export would be read to its end for nothing.
      exposeHeadRoute: false,
      schema: {
        operationId: 'listRequestLogs',
        tags: ['operations'],
        summary: 'Who changed what, when, from where',
        description: [
          'Every request that may change something, of all tenants, newest first; reading leaves no entry. A page looks at 50,000 entries at most: under a filter that few match it may hold fewer than `limit`, even none, and `links.next` goes on behind it.',
          '`Accept: application/x-ndjson` or `format=jsonl`, `Accept: text/csv` or `format=csv`: all that match as a file, written as it is read. CSV is RFC 4180 with a header line; a text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line break) has an apostrophe before it. An export that ends in the middle was broken off: the connection ends without the last chunk.',
        ].join('\n\n'),
        querystring: RequestLogFilter,
        response: {
          200: {
            description: 'One page, or the file.',
            headers: {
              'content-disposition': { type: 'string', description: 'Of a file: its name.' },
            },
            content: {
              'application/json': { schema: Type.Ref('RequestLogPage#') },
              'application/x-ndjson': { schema: Type.String({ description: 'One RequestLogEntry a line.' }) },
              'text/csv': { schema: Type.String({ description: 'The members of RequestLogEntry.' }) },
            },
          },
          ...problems(400, 500),
        },
      },
    },
    async (request, reply) => {
      const { format, limit, ...filter } = request.query;
      const query = readRequestLogFilter(filter);
      const wanted = format ?? formatOf(request.headers.accept);
      reply.headers({ vary: 'accept', 'cache-control': 'no-store' });
      if (wanted !== 'json') {
        const gone = clientGone(reply.raw);
        const options = {
          ...{ query, gone, format: FORMATS[wanted] },
          isStopping: () => drain.isDraining,
          stillAllowed: () => app.authenticate(request),
        };
        const text = await exportRequestLogs(options, deps);
        return reply
          .type(FORMATS[wanted].contentType)
          .header('content-disposition', `attachment; filename="${fileName(wanted)}"`)
          .send(Readable.from(text, { objectMode: false }));
      }
      const { rows, next } = await deps.db.requestLogs.list({ ...query, limit });
      const nextCursor = next === undefined ? null : writeCursor(next);
      const links = nextCursor === null ? {} : { next: nextLink(request, ['cursor', nextCursor]) };
      return reply.send({ items: rows.map(presentRequestLog), nextCursor, links });
    },
  );
}

const FORMAT_OF: Record<string, 'json' | ExportFormat> = {
  'application/json': 'json',
  'application/x-ndjson': 'jsonl',
  'text/csv': 'csv',
};

/** The first that is known here, by weight (RFC 9110, section 12.5.1); without one: a page. */
function formatOf(accept = ''): 'json' | ExportFormat {
  const wishes = accept.split(',').map((wish) => {
    const [type = '', ...parameters] = wish.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { format: FORMAT_OF[type], weight: Number(weight) };
  });
  const known = wishes.filter(({ format, weight }) => format !== undefined && weight > 0);
  return known.sort((one, other) => other.weight - one.weight)[0]?.format ?? 'json';
}

function fileName(format: ExportFormat): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '');
  return `request-logs-${time}Z.${format}`;
}
