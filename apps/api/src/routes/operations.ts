// For those who run the service: is it alive, is it ready, how is it doing.
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { Drain } from '../plugins/drain.ts';
import type { Metrics } from '../plugins/metrics.ts';

const Health = Type.Object({ status: Type.Literal('ok') });
const Readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('unready')]),
  database: Type.Boolean({ description: 'PostgreSQL answers.' }),
  draining: Type.Boolean({ description: 'The process is stopping.' }),
});

export function addOperationRoutes(
  app: FastifyInstance,
  { deps, metrics, drain }: { deps: Deps; metrics: Metrics; drain: Drain },
): void {
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getHealth',
        tags: ['operations'],
        summary: 'Whether the process runs',
        response: { 200: { description: 'It does.', ...Health } },
      },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadiness',
        tags: ['operations'],
        summary: 'Whether requests should be sent here',
        description: 'The queue is not part of it: without it jobs are accepted all the same.',
        response: {
          200: { description: 'They should.', ...Readiness },
          503: { description: 'They should not now.', ...Readiness },
        },
      },
    },
    async (_request, reply) => {
      // Nothing is asked here: the answer is never older than a second, and never late.
      const database = deps.health.isUp;
      const draining = drain.isDraining;
      const ready = database && !draining;
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unready', database, draining });
    },
  );

  app.get(
    '/metrics',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getMetrics',
        tags: ['operations'],
        summary: 'Figures for Prometheus',
        response: {
          200: {
            description: 'Prometheus text format.',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
        },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await metrics.expose();
      return reply.type(contentType).send(text);
    },
  );

  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
}
