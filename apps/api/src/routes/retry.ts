// POST /v1/jobs/:id/retry and POST /v1/jobs/retry: run again what failed or was canceled.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, ERROR_CODES } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { dateOf } from '../date-of.ts';
import type { Deps } from '../deps.ts';
import { roomLimitsOf, withRoomForJobs } from '../limits/room.ts';
import { nudge } from '../nudge.ts';
import { ownOf, principalOf } from '../principal.ts';
import { readJob } from '../read-job.ts';
import { problems } from '../schemas/problem.ts';
import { Id, Time } from '../schemas/types.ts';

const RetryRequest = Type.Object(
  {
    status: Type.Optional(
      Type.Enum(['failed', 'canceled'], { description: 'Only jobs that ended like this; both by default.' }),
    ),
    errorCode: Type.Optional(
      Type.Enum([...ERROR_CODES], { description: 'Only jobs whose last error has this code.' }),
    ),
    createdAfter: Type.Optional(Time('Only jobs made at or after this time.')),
    createdBefore: Type.Optional(Time('Only jobs made before this time.')),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 1000, description: 'At most so many.' }),
  },
  { additionalProperties: false, examples: [{ status: 'failed', errorCode: 'WORKER_LOST' }] },
);

const Retried = Type.Object({
  retried: Type.Integer({ description: 'Jobs that were queued again, the oldest first.' }),
  more: Type.Boolean({
    description: 'The limit, or that of your plan, was reached, and there may be more: ask again.',
  }),
});

export function addRetryRoutes(instance: FastifyInstance, { deps }: { deps: Deps }): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/v1/jobs/:id/retry',
    {
      config: { access: 'jobs:write', idempotent: true },
      schema: {
        operationId: 'retryJob',
        tags: ['jobs'],
        summary: 'Run a job again',
        description:
          'Queues a failed or canceled job anew, with all its attempts before it. What is known of its image stays until then.',
        params: Type.Object({ id: Id('The job.') }),
        response: {
          202: {
            description: 'Queued.',
            headers: { location: { type: 'string', description: 'Address of the job.' } },
            ...Type.Ref('Job#'),
          },
          ...problems(400, 401, 404, 409, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const own = ownOf(request);
      const room = roomLimitsOf(principalOf(request));
      const retried = await withRoomForJobs(room, 1, own, () => own.jobs.retry(id));
      if (retried === undefined) throw new AppError('JOB_NOT_FOUND');
      if (retried === 'unfit') throw new AppError('JOB_NOT_RETRYABLE');
      nudge(deps.nudges, [retried], { ...deps, log: request.log, traceparent: request.traceparent });
      const job = await readJob(id, own);
      return reply.code(202).header('location', job.links.self).send(job);
    },
  );

  app.post(
    '/v1/jobs/retry',
    {
      config: { access: 'jobs:write', idempotent: true },
      schema: {
        operationId: 'retryJobs',
        tags: ['jobs'],
        summary: 'Run many jobs again',
        description:
          'Queues failed and canceled jobs anew that match, as many as your plan has room for; `{}` is all of them. List them first with `GET /v1/jobs?status=failed&errorCode=…`.',
        body: RetryRequest,
        response: {
          202: { description: 'Queued.', ...Retried },
          ...problems(400, 401, 409, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { status, errorCode, createdAfter, createdBefore, limit } = request.body;
      const filter = {
        ...{ status, errorCode },
        createdAfter: dateOf('createdAfter', createdAfter),
        createdBefore: dateOf('createdBefore', createdBefore),
      };
      const own = ownOf(request);
      const room = roomLimitsOf(principalOf(request));
      const [retried, most] = await withRoomForJobs(
        room,
        limit,
        own,
        async (count) => [await own.jobs.retryMany(filter, count), count] as const,
      );
      nudge(deps.nudges, retried, { ...deps, log: request.log, traceparent: request.traceparent });
      return reply.code(202).send({ retried: retried.length, more: retried.length === most });
    },
  );
}
