// /v1/jobs: take an image in, tell how its job goes.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, JobOptions } from '@tintype/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { acceptUpload } from '../accept-upload.ts';
import { clientGone } from '../client-gone.ts';
import type { ApiConfig } from '../config.ts';
import { dateOf } from '../date-of.ts';
import type { Deps } from '../deps.ts';
import { principalOf } from '../plugins/auth.ts';
import type { Metrics } from '../plugins/metrics.ts';
import { type Job, JobStatus, presentAcceptedJob, presentJob } from '../schemas/job.ts';
import { problems } from '../schemas/problem.ts';
import { Id, Time } from '../schemas/types.ts';
import { waitForJob } from '../wait-for-job.ts';

const UploadForm = Type.Object({
  image: Type.String({
    format: 'binary',
    contentMediaType: 'application/octet-stream',
    description: 'The file. Exactly one.',
  }),
  title: Type.Optional(Type.String({ maxLength: 500 })),
  tags: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      maxItems: 100,
      description: 'Repeat the part, or send one JSON array.',
    }),
  ),
  ...JobOptions.properties,
});

const Wait = (most: number) =>
  Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: most,
      description: 'Answer only when the job has ended, or after so many seconds.',
    }),
  );

const location = { location: { type: 'string', description: 'Address of the job.' } };
const applied = {
  'preference-applied': { type: 'string', description: 'The wait that was granted, where one was wanted.' },
};
const retryAfter = { 'retry-after': { type: 'integer', description: 'Seconds after which to ask again.' } };

export function addJobRoutes(
  instance: FastifyInstance,
  { config, deps, metrics }: { config: ApiConfig; deps: Deps; metrics: Metrics },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/v1/jobs',
    {
      config: { access: 'key', form: UploadForm },
      onRequest: async ({ headers }) => refuseTooLarge(headers['content-length'], config.maxUploadBytes),
      schema: {
        operationId: 'createJob',
        tags: ['jobs'],
        summary: 'Take an image in',
        description:
          'Answers 202 as soon as the file is stored and its job is recorded. With `Prefer: wait=10` it answers 200 with the finished job, if that takes no longer.',
        headers: Type.Object({
          prefer: Type.Optional(Type.String({ description: 'RFC 7240: `wait=10`, seconds.' })),
        }),
        response: {
          200: {
            description: 'Finished in the time you wanted to wait.',
            headers: { ...location, ...applied },
            ...Type.Ref('Job#'),
          },
          202: {
            description: 'Accepted: nothing can be lost any more.',
            headers: { ...location, ...retryAfter, ...applied },
            ...Type.Ref('Job#'),
          },
          ...problems(400, 401, 408, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const uploader = { tenantId, requestId: request.id, maxBytes: config.maxUploadBytes };
      const job = await acceptUpload(request.parts(), uploader, { ...deps, log: request.log });
      metrics.accepted(job.stored.bytes);
      request.log.info({ jobId: job.id, imageId: job.stored.imageId, bytes: job.stored.bytes }, 'accepted');

      reply.header('location', `/v1/jobs/${job.id}`);
      const waitSeconds = preferredWait(request.headers.prefer, config.maxWaitSeconds);
      if (waitSeconds > 0) {
        reply.header('preference-applied', `wait=${waitSeconds}`);
        // The job is accepted whatever becomes of the waiting: an error here must not read like a refusal.
        const finished = await readWhenFinished(tenantId, job.id, waitSeconds, reply).catch((err) => {
          request.log.warn({ err, jobId: job.id }, 'waiting ended early');
          return undefined;
        });
        if (finished !== undefined) return reply.code(200).send(finished);
      }
      const { id, createdAt, stored } = job;
      return reply
        .code(202)
        .header('retry-after', 1)
        .send(presentAcceptedJob({ id, createdAt, imageId: stored.imageId }));
    },
  );

  app.get(
    '/v1/jobs/:id',
    {
      config: { access: 'key' },
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'How a job goes',
        params: Type.Object({ id: Id('The job.') }),
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
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const { wait = 0 } = request.query;
      let job = await readJob(tenantId, id);
      if (job.finishedAt === null && wait > 0 && (await waitWithClient(id, wait, reply)))
        job = await readJob(tenantId, id);
      if (job.finishedAt === null) reply.header('retry-after', 1);
      return reply.send(job);
    },
  );

  app.get(
    '/v1/jobs',
    {
      config: { access: 'key' },
      schema: {
        operationId: 'listJobs',
        tags: ['jobs'],
        summary: 'Your jobs, newest first',
        querystring: Type.Object({
          status: Type.Optional(JobStatus),
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
      const { status, createdAfter, createdBefore, cursor, limit } = request.query;
      const rows = await deps.db.jobs.list({
        tenantId: principalOf(request).tenantId,
        status,
        createdAfter: dateOf('createdAfter', createdAfter),
        createdBefore: dateOf('createdBefore', createdBefore),
        after: cursor,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit).map((row) => presentJob(row));
      const nextCursor = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
      return { items, nextCursor, links: nextCursor === null ? {} : { next: nextLink(request, nextCursor) } };
    },
  );

  async function readWhenFinished(
    tenantId: string,
    id: string,
    seconds: number,
    reply: FastifyReply,
  ): Promise<Job | undefined> {
    return (await waitWithClient(id, seconds, reply)) ? readJob(tenantId, id) : undefined;
  }

  async function readJob(tenantId: string, id: string): Promise<Job> {
    const row = await deps.db.jobs.get(tenantId, id);
    if (row === undefined) throw new AppError('JOB_NOT_FOUND');
    return presentJob(row, row.status === 'queued' ? await deps.db.jobs.position(id) : undefined);
  }

  function waitWithClient(id: string, seconds: number, reply: FastifyReply): Promise<boolean> {
    return waitForJob(id, { timeoutMs: seconds * 1000, signal: clientGone(reply.raw) }, deps);
  }
}

/** A quarter of a megabyte is room enough for the other parts. */
const OTHER_PARTS_BYTES = 256 * 1024;

/** Says no before the body is read, where the client tells its size. */
function refuseTooLarge(contentLength: string | undefined, maxBytes: number): void {
  if (Number(contentLength ?? 0) <= maxBytes + OTHER_PARTS_BYTES) return;
  throw new AppError('IMAGE_TOO_LARGE', {
    message: `The file is larger than the ${maxBytes} bytes this service accepts.`,
  });
}

/** The seconds of `Prefer: wait=…` (RFC 7240, section 4.3), cut to what is allowed; 0 without one. */
function preferredWait(prefer: string | undefined, most: number): number {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})/i.exec(prefer ?? '')?.[1];
  return Math.min(Number(seconds ?? 0), most);
}

function nextLink(request: FastifyRequest, cursor: string): string {
  const query = new URLSearchParams(request.query as Record<string, string>);
  query.set('cursor', cursor);
  return `/v1/jobs?${query}`;
}
