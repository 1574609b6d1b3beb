// /v1/jobs/:id/events: how a job goes, told as it happens.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { clientGone } from '../client-gone.ts';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { followJob, stateId } from '../follow-job.ts';
import { ownOf } from '../principal.ts';
import { readJob } from '../read-job.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';
import { sendEvents } from '../server-sent-events.ts';

/** A client whose stream ended without a last event comes back this soon. */
const RETRY_MS = 2000;

export function addJobEventRoutes(
  instance: FastifyInstance,
  { config, deps }: { config: ApiConfig; deps: Deps },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  let open = 0;

  app.get(
    '/v1/jobs/:id/events',
    {
      config: { access: 'images:read' },
      // Without a body there is nothing to tell.
      exposeHeadRoute: false,
      schema: {
        operationId: 'followJob',
        tags: ['jobs'],
        summary: 'How a job goes, as it happens',
        description: [
          'Server-sent events (WHATWG HTML, section 9.2). The data of each is the Job as `GET /v1/jobs/:id` shows it.',
          '- `status`: what the job is now; when the stream begins, and whenever its status changes.',
          '- `progress`: its place in the queue or its attempt changed.',
          '- `completed`, `failed` or `canceled`: the job has ended, and so has the stream.',
          'The id of an event names the state that it tells: come back with the last one in `Last-Event-ID`, as browsers do by themselves, and nothing is told twice. States that came and went meanwhile are not told. Who comes back after the last event is answered 204: come no more. A stream may end early, when the instance stops or the key is revoked: come back then.',
          'Try it: `curl -N -H "X-API-Key: …" …/v1/jobs/ID/events`. The `EventSource` of browsers can send no key: use `fetch` and read its body, or a library that does so.',
        ].join('\n\n'),
        params: Type.Object({ id: Id('The job.') }),
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({ description: 'The id of the last event you have.' })),
        }),
        response: {
          200: {
            description: 'The stream.',
            content: { 'text/event-stream': { schema: { type: 'string' } } },
          },
          204: { description: 'You have the last event already.', type: 'null' },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const signal = clientGone(reply.raw);
      takePlace(signal);
      const own = ownOf(request);
      const lastEventId = request.headers['last-event-id'];
      const job = await readJob(id, own);
      if (job.finishedAt !== null && stateId(job) === lastEventId) return reply.code(204).send(null);
      const look = async () => {
        await app.authenticate(request);
        return readJob(id, own);
      };
      const events = followJob(job.id, { lastEventId, look, signal }, { ...deps, log: request.log });
      return sendEvents(reply, events, { retryMs: RETRY_MS });
    },
  );

  /** Until the answer has ended. @throws AppError OVERLOADED */
  function takePlace(gone: AbortSignal): void {
    if (gone.aborted) return;
    if (open >= config.maxEventStreams) throw new AppError('OVERLOADED');
    open += 1;
    gone.addEventListener('abort', () => {
      open -= 1;
    });
  }
}
