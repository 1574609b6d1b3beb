// POST /v1/jobs: take an image in, or the address of one.
import { AppError } from '@tintype/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { acceptDirectUpload, fingerprintOfDirectUpload } from '../accept-direct-upload.ts';
import { acceptUpload, type Uploader } from '../accept-upload.ts';
import { acceptUrl, fingerprintOfUrl } from '../accept-url.ts';
import { recallJob, rereadUpload } from '../answer-again.ts';
import { answerWithJob } from '../answer-with-job.ts';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { refuseWhenFull, roomLimitsOf } from '../limits/room.ts';
import { refuseTooLarge, uploadLimitOf } from '../limits/upload-limit.ts';
import { expectSame, REPLAYED } from '../plugins/idempotency.ts';
import type { Metrics } from '../plugins/metrics.ts';
import { ownOf, principalOf } from '../principal.ts';
import { DUPLICATE } from '../reuse-job.ts';
import type { Job } from '../schemas/job.ts';
import { JsonJob, readJsonJob, UploadForm, type UploadJob, type UrlJob } from '../schemas/new-job.ts';
import { problems } from '../schemas/problem.ts';

const told = {
  location: { type: 'string', description: 'Address of the job.' },
  'preference-applied': { type: 'string', description: 'The wait that was granted, where one was wanted.' },
  [DUPLICATE]: {
    type: 'string',
    enum: ['true'],
    description: 'The file was there already: this is its job.',
  },
};
const retryAfter = { 'retry-after': { type: 'integer', description: 'Seconds after which to ask again.' } };

export function addNewJobRoute(
  app: FastifyInstance,
  { config, deps, metrics }: { config: ApiConfig; deps: Deps; metrics: Metrics },
): void {
  const { duplicates, maxWaitSeconds, outgoingAllow: allow } = config;
  const { onDuplicate, presets, maxDerivativesAtUpload: mostDerivatives } = config;

  app.post(
    '/v1/jobs',
    {
      config: { access: 'jobs:write', form: UploadForm, idempotent: 'in-handler', intake: true },
      onRequest: async (request) =>
        refuseTooLarge(request.headers['content-length'], uploadLimitOf(principalOf(request), config)),
      schema: {
        operationId: 'createJob',
        tags: ['jobs'],
        summary: 'Take an image in',
        description:
          'Send a form with the file, or JSON with an `url` that a worker fetches, or with the `uploadId` of a file that you sent past the API (`POST /v1/uploads`). Answers 202 as soon as the file is stored and its job is recorded. With `Prefer: wait=10` it answers 200 with the finished job, if that takes no longer. A file that is there already, with the same title, tags and options, is answered with its job.',
        headers: Type.Object({
          prefer: Type.Optional(Type.String({ description: 'RFC 7240: `wait=10`, seconds.' })),
        }),
        body: { content: { 'application/json': { schema: JsonJob } } },
        response: {
          200: {
            description: 'Ended, in the time you wanted to wait or long ago.',
            headers: told,
            ...Type.Ref('Job#'),
          },
          202: {
            description: 'Accepted: nothing can be lost any more.',
            headers: { ...told, ...retryAfter },
            ...Type.Ref('Job#'),
          },
          ...problems(400, 401, 404, 408, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      // Whoever hung up before anybody listened would be waited for in vain.
      if (request.raw.destroyed && !request.raw.complete) throw new AppError('UPLOAD_ABORTED');
      const answered = request.idempotency?.answered;
      const uploader = uploaderOf(request);
      let job: Job;
      if (answered !== undefined) {
        expectSame(answered, await reread(request, uploader));
        job = await recallJob(answered, ownOf(request));
        reply.header(REPLAYED, 'true').headers(answered.headers);
      } else {
        const accepted = await accept(request, uploader);
        if (accepted.isReused) reply.header(DUPLICATE, 'true');
        job = accepted.job;
      }
      return answerWithJob(job, { request, reply, maxWaitSeconds }, deps);
    },
  );

  function uploaderOf(request: FastifyRequest): Uploader {
    const { id: requestId, idempotency: turn } = request;
    const principal = principalOf(request);
    return {
      requestId,
      turn,
      limit: uploadLimitOf(principal, config),
      room: roomLimitsOf(principal),
      duplicates,
      rules: { allow },
      defaults: { onDuplicate, presets, mostDerivatives },
      traceparent: request.traceparent,
    };
  }

  async function accept(
    request: FastifyRequest,
    uploader: Uploader,
  ): Promise<{ job: Job; isReused: boolean }> {
    const { log } = request;
    const own = ownOf(request);
    const wish = request.isMultipart() ? undefined : jsonJobOf(request);
    // What was promised has its room already.
    const isPromised = wish !== undefined && 'uploadId' in wish;
    if (!isPromised) await refuseWhenFull(uploader.room, own);
    if (wish !== undefined && 'url' in wish) {
      const job = await acceptUrl(wish, uploader, { ...deps, own, log });
      noteAccepted(request, 0);
      log.info({ jobId: job.id, imageId: job.imageId }, 'accepted to be fetched');
      return { job, isReused: false };
    }
    const { job, isReused, bytes } = await (wish === undefined
      ? acceptUpload(request.parts(), uploader, { ...deps, own, log })
      : acceptDirectUpload(wish, uploader, { ...deps, own, log }));
    if (!isReused) noteAccepted(request, bytes);
    log.info({ jobId: job.id, imageId: job.imageId, bytes, isReused }, 'accepted');
    return { job, isReused };
  }

  function noteAccepted(request: FastifyRequest, bytes: number): void {
    metrics.accepted(bytes);
    deps.usage.accepted(principalOf(request), bytes);
  }
}

async function reread(request: FastifyRequest, uploader: Uploader): Promise<string> {
  if (request.isMultipart()) return rereadUpload(request.parts(), uploader);
  const wish = jsonJobOf(request);
  return 'url' in wish ? fingerprintOfUrl(wish) : fingerprintOfDirectUpload(wish);
}

/** @throws AppError UNSUPPORTED_MEDIA_TYPE, INVALID_REQUEST */
function jsonJobOf({ mediaType, body }: FastifyRequest): UrlJob | UploadJob {
  if (mediaType !== 'application/json') throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  return readJsonJob(body as JsonJob);
}
