// /v1/jobs/reprocess: describe images anew that an older extractor described. For administrators.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { ReprocessProgress } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { dateOf } from '../date-of.ts';
import type { Deps } from '../deps.ts';
import { problems } from '../schemas/problem.ts';
import { presentReprocessRun, ReprocessRequest, type ReprocessRun } from '../schemas/reprocess.ts';
import { Id } from '../schemas/types.ts';

export function addReprocessRoutes(instance: FastifyInstance, { db }: Pick<Deps, 'db'>): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/v1/jobs/reprocess',
    {
      config: { access: 'admin', idempotent: true },
      schema: {
        operationId: 'reprocessImages',
        tags: ['jobs'],
        summary: 'Describe images anew',
        description:
          'Makes a job for every image that an older extractor described and that matches; a few at a time, and none while new work waits. Documents stay as they are until the new one is there.',
        body: ReprocessRequest,
        response: {
          202: {
            description: 'It begins within a second.',
            headers: { location: { type: 'string', description: 'Address of the run.' } },
            ...Type.Ref('ReprocessRun#'),
          },
          ...problems(400, 401, 403, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { options = {}, uploadedAfter, uploadedBefore, ...rest } = request.body;
      const after = dateOf('uploadedAfter', uploadedAfter)?.toISOString();
      const before = dateOf('uploadedBefore', uploadedBefore)?.toISOString();
      const filter = {
        ...rest,
        ...(after && { uploadedAfter: after }),
        ...(before && { uploadedBefore: before }),
      };
      const run = presentReprocessRun(await db.reprocess.start({ filter, options, requestId: request.id }));
      return reply.code(202).header('location', run.links.self).send(run);
    },
  );

  app.get(
    '/v1/jobs/reprocess/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getReprocessRun',
        tags: ['jobs'],
        summary: 'How far a run has got',
        params: Type.Object({ id: Id('The run.') }),
        response: {
          200: { description: 'The run.', ...Type.Ref('ReprocessRun#') },
          ...problems(400, 401, 403, 404, 500, 503),
        },
      },
    },
    async (request) => present(await db.reprocess.get(request.params.id)),
  );

  app.delete(
    '/v1/jobs/reprocess/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'stopReprocessRun',
        tags: ['jobs'],
        summary: 'Stop a run',
        description: 'It makes no more jobs; those it has made go on.',
        params: Type.Object({ id: Id('The run.') }),
        response: {
          200: { description: 'The run.', ...Type.Ref('ReprocessRun#') },
          ...problems(400, 401, 403, 404, 500, 503),
        },
      },
    },
    async (request) => present(await db.reprocess.stop(request.params.id)),
  );
}

function present(run: ReprocessProgress | undefined): ReprocessRun {
  if (run === undefined) throw new AppError('REPROCESS_RUN_NOT_FOUND');
  return presentReprocessRun(run);
}
