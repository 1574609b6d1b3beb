// Assembles the API from its parts, in reading order. Knows no environment and opens nothing.
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import type { Logger } from '@tintype/core';
import { newId } from '@tintype/prisma';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { cookieNameOf } from './auth/read-credential.ts';
import type { ApiConfig } from './config.ts';
import { addCrossSite } from './cross-site.ts';
import { openCdn } from './delivery/cdn.ts';
import { createDeliveryMemory, forgetWhatChanges } from './delivery/memory.ts';
import type { Deps } from './deps.ts';
import { createPasswords } from './login.ts';
import { addAccessRule } from './plugins/access.ts';
import { addAuth, addScopeCheck } from './plugins/auth.ts';
import { addBackPressure } from './plugins/back-pressure.ts';
import { addDrain, type Drain } from './plugins/drain.ts';
import { addIdempotency } from './plugins/idempotency.ts';
import { addLimits } from './plugins/limits.ts';
import { addMetrics } from './plugins/metrics.ts';
import { addOddRequests } from './plugins/odd-requests.ts';
import { addOpenApi } from './plugins/openapi.ts';
import { addProblems, answerBadHttp, answerBadUrl } from './plugins/problem.ts';
import { addQueueBoard } from './plugins/queue-board.ts';
import { addRequestLog } from './plugins/request-log.ts';
import { addTracing } from './plugins/tracing.ts';
import { addUnreadBody } from './plugins/unread-body.ts';
import { addUploadLimits } from './plugins/upload-limits.ts';
import { addApiKeyRoutes } from './routes/api-keys.ts';
import { addDeliveryKeyRoutes } from './routes/delivery-keys.ts';
import { addDerivativeRoutes } from './routes/derivatives.ts';
import { addEventRoutes } from './routes/events.ts';
import { addFileRoute } from './routes/files.ts';
import { addImageBulkRoutes } from './routes/image-bulk.ts';
import { addImageListRoute } from './routes/image-list.ts';
import { addImageTagRoutes } from './routes/image-tags.ts';
import { addImageRoutes } from './routes/images.ts';
import { addJobEventRoutes } from './routes/job-events.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addMeRoutes } from './routes/me.ts';
import { addNewJobRoute } from './routes/new-job.ts';
import { addOperationRoutes } from './routes/operations.ts';
import { addOriginalRoute } from './routes/original.ts';
import { addPlanRoutes } from './routes/plans.ts';
import { addRenderRoute } from './routes/render.ts';
import { addReprocessRoutes } from './routes/reprocess.ts';
import { addRequestLogRoutes } from './routes/request-logs.ts';
import { addRetryRoutes } from './routes/retry.ts';
import { addSessionRoutes } from './routes/sessions.ts';
import { addSignedUrlRoutes } from './routes/signed-urls.ts';
import { addSimilarRoute } from './routes/similar.ts';
import { addTagRoutes } from './routes/tags.ts';
import { addUploadRoutes } from './routes/uploads.ts';
import { addUsageRoutes } from './routes/usage.ts';
import { addUserRoutes } from './routes/users.ts';
import { addWebhookDeliveryRoutes } from './routes/webhook-deliveries.ts';
import { addWebhookEndpointRoutes } from './routes/webhook-endpoints.ts';
import { addWebhookSecretRoutes } from './routes/webhook-secret.ts';
import { createSessionCookies } from './session-cookie.ts';

export interface Api {
  app: FastifyInstance;
  drain: Drain;
}

export async function buildApp({
  config,
  deps,
  log,
}: {
  config: ApiConfig;
  deps: Deps;
  log: Logger;
}): Promise<Api> {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: ({ headers }) => callersRequestId(headers['x-request-id']) ?? newId(),
    rewriteUrl: ({ url = '/' }) => currentVersion(url),
    trustProxy: config.trustProxy.length === 0 ? false : [...config.trustProxy],
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveMs,
    http: { requireHostHeader: false },
    // A tag has up to 100 characters, some of which count twice.
    routerOptions: { maxParamLength: 300 },
    // Who is in already is answered to the end: see plugins/drain.ts.
    forceCloseConnections: false,
    return503OnClosing: false,
    bodyLimit: 1024 * 1024,
    // What a body may not have is refused, not dropped in silence.
    // And what is infinite, as a text of many digits becomes, is held against a maximum like any other number.
    ajv: { customOptions: { removeAdditional: false, strictNumbers: false } },
    frameworkErrors: answerBadUrl,
    clientErrorHandler: answerBadHttp,
  });
  // Documents are made by hand from the schemas' types; a serializer would only drop what it does not know.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('preClose', async () => {
    await deps.finished.close();
  });

  addAccessRule(app);
  addProblems(app);
  addUnreadBody(app);
  addTracing(app, () => deps.telemetry);
  const requestLog = addRequestLog(app, deps);
  const drain = addDrain(app);
  await addBackPressure(app, { config, deps });
  const metrics = addMetrics(app, deps);
  metrics.watchRequestLog(requestLog);
  await addOpenApi(app);
  // Cookies are read where nothing else says who is asking, and nowhere else.
  await app.register(cookie, { hook: false });
  const auth = addAuth(app, { config, deps });
  const memory = createDeliveryMemory(config);
  forgetWhatChanges(app, (imageIds) => {
    memory.forgetImages(imageIds);
    auth.forget(({ kind, id }) => kind === 'public' && imageIds.includes(id));
  });
  addCrossSite(app, { config });
  addLimits(app, deps);
  addScopeCheck(app);
  metrics.watchUploads(addUploadLimits(app, { config, deps }));
  addIdempotency(app, {
    db: deps.db,
    leaseMs: config.idempotencyLeaseMs,
    keepMs: config.idempotencyKeepHours * 3_600_000,
    cookieName: cookieNameOf(config),
  });
  addOddRequests(app);
  await app.register(multipart, {
    throwFileSizeLimit: false,
    // One byte more than allowed is enough to know that it is too much.
    limits: {
      fileSize: config.maxUploadBytes + 1,
      files: 2,
      fields: 200,
      parts: 202,
      fieldSize: 64 * 1024,
      headerPairs: 20,
    },
  });

  addNewJobRoute(app, { config, deps, metrics });
  addUploadRoutes(app, { config, deps });
  addJobRoutes(app, { config, deps });
  addRetryRoutes(app, { deps });
  addJobEventRoutes(app, { config, deps });
  addReprocessRoutes(app, deps);
  addImageListRoute(app);
  addImageRoutes(app, { deps });
  addOriginalRoute(app, { deps });
  addImageTagRoutes(app);
  addImageBulkRoutes(app, { deps });
  addSimilarRoute(app);
  addTagRoutes(app);
  const delivery = { config, deps, memory, cdn: await openCdn(config, log) };
  addRenderRoute(app, delivery);
  addDerivativeRoutes(app, delivery);
  addFileRoute(app, delivery);
  addSignedUrlRoutes(app, { config });
  addDeliveryKeyRoutes(app, { auth });
  addWebhookEndpointRoutes(app, { config, deps });
  addWebhookSecretRoutes(app);
  addWebhookDeliveryRoutes(app, { deps });
  addEventRoutes(app, { config, deps });
  const passwords = createPasswords(config, deps);
  const cookies = createSessionCookies({ config, deps, auth });
  addUserRoutes(app, { config, deps, auth, passwords, cookies });
  addMeRoutes(app, { deps, auth, passwords, cookies });
  addSessionRoutes(app, { passwords, cookies });
  addApiKeyRoutes(app, { config, deps, auth });
  addPlanRoutes(app, { config, deps, auth });
  addUsageRoutes(app);
  await addQueueBoard(app, config);
  addRequestLogRoutes(app, { deps, drain });
  addOperationRoutes(app, { deps, metrics, drain });
  return { app, drain };
}

const RESOURCES =
  /^\/(jobs|uploads|images|files|tags|signed-urls|delivery-keys|users|sessions|api-keys|plans|usage|request-logs|webhook-endpoints|webhook-deliveries|webhook-secret|events)(?=[/?]|$)/;

/** A request without a version means the current one. */
function currentVersion(url: string): string {
  return url.replace(RESOURCES, '/v1/$1');
}

function callersRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{8,64}$/.test(header) ? header : undefined;
}
