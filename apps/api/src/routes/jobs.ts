// /v1/jobs: how jobs go, and calling one off.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, ERROR_CODES } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { clientGone } from '../client-gone.ts';
import type { ApiConfig } from '../config.ts';
import { dateOf } from '../date-of.ts';
import type { Deps } from '../deps.ts';
import { nextLink } from '../next-link.ts';
import { ownOf } from '../principal.ts';
import { readJob } from '../read-job.ts';
import { JobStatus, presentJob } from '../schemas/job.ts';
import { problems } from '../schemas/problem.ts';
import { Id, Time } from '../schemas/types.ts';
import { waitForJob } from '../wait-for-job.ts';

const Wait = (most: number) =>
  Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: most,
      description: 'Answer only when the job has ended, or after so many seconds.',
    }),
  );

const params = Type.Object({ id: Id('The job.') });
const retryAfter = { 'retry-after': { type: 'integer', description: 'Seconds after which to ask again.' } };

export function addJobRoutes(
  instance: FastifyInstance,
  { config, deps }: { config: ApiConfig; deps: Deps },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    '/v1/jobs/:id',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'How a job goes',
        description:
          'Its place in the queue while it waits, every attempt with its worker and its error, the time of each step, and all that was found out once it is completed.',
        params,
        querystring: Type.Object({ wait: Wait(config.maxWaitSeconds) }),
        response: {
          200: {
            description: 'The job; with image and metadata once it is completed.',
            headers: retryAfter,
            ...Type.Ref('Job#'),
          },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const own = ownOf(request);
      const { wait = 0 } = request.query;
      let job = await readJob(request.params.id, own);
      if (job.finishedAt === null && wait > 0) {
        const end = { timeoutMs: wait * 1000, signal: clientGone(reply.raw) };
        const hasEnded = await waitForJob(job.id, end, { ...deps, own });
        // A key that was revoked meanwhile is told nothing any more.
        await app.authenticate(request);
        if (hasEnded) job = await readJob(job.id, own);
      }
      if (job.finishedAt === null) reply.header('retry-after', 1);
      return reply.send(job);
    },
  );

  app.get(
    '/v1/jobs',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'listJobs',
        tags: ['jobs'],
        summary: 'Your jobs, newest first',
        description: 'The dead are `status=failed`, those of one cause `errorCode=…`.',
        querystring: Type.Object({
          status: Type.Optional(JobStatus),
          errorCode: Type.Optional(
            Type.Enum([...ERROR_CODES], { description: 'Only jobs whose last error has this code.' }),
          ),
          createdAfter: Type.Optional(Time('Only jobs made at or after this time.')),
          createdBefore: Type.Optional(Time('Only jobs made before this time.')),
          cursor: Type.Optional(Id('`nextCursor` of the page before.')),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        }),
        response: {
          200: { description: 'One page.', ...Type.Ref('JobPage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const { status, errorCode, createdAfter, createdBefore, cursor, limit } = request.query;
      const rows = await ownOf(request).jobs.list({
        ...{ status, errorCode },
        createdAfter: dateOf('createdAfter', createdAfter),
        createdBefore: dateOf('createdBefore', createdBefore),
        after: cursor,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit).map((row) => presentJob(row));
      const nextCursor = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
      const links = nextCursor === null ? {} : { next: nextLink(request, ['cursor', nextCursor]) };
      return { items, nextCursor, links };
    },
  );

  app.delete(
    '/v1/jobs/:id',
    {
      config: { access: 'jobs:write' },
      schema: {
        operationId: 'cancelJob',
        tags: ['jobs'],
        summary: 'Call a job off',
        description: 'Its image stays; `POST /v1/jobs/{id}/retry` runs it after all.',
        params,
        response: {
          200: { description: 'Canceled.', ...Type.Ref('Job#') },
          ...problems(400, 401, 404, 409, 500, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const own = ownOf(request);
      const outcome = await own.jobs.cancel(id);
      if (outcome === undefined) throw new AppError('JOB_NOT_FOUND');
      if (outcome === 'finished') throw new AppError('JOB_FINISHED');
      return readJob(id, own);
    },
  );
}
