// Assembles the API from its parts, in reading order. Knows no environment and opens nothing.
import multipart from '@fastify/multipart';
import type { Logger } from '@tintype/core';
import { newId } from '@tintype/prisma';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ApiConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { addAuth } from './plugins/auth.ts';
import { addMetrics } from './plugins/metrics.ts';
import { addOpenApi } from './plugins/openapi.ts';
import { addProblems, answerBadHttp, answerBadUrl } from './plugins/problem.ts';
import { addRequestLog } from './plugins/request-log.ts';
import { addUnreadBody } from './plugins/unread-body.ts';
import { addImageRoutes } from './routes/images.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addOperationRoutes } from './routes/operations.ts';
import { addReprocessRoutes } from './routes/reprocess.ts';

export interface Api {
  app: FastifyInstance;
  /** From now on /readyz says no. */
  drain(): void;
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
  let draining = false;
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: ({ headers }) => callersRequestId(headers['x-request-id']) ?? newId(),
    rewriteUrl: ({ url = '/' }) => currentVersion(url),
    trustProxy: config.trustProxy.length === 0 ? false : [...config.trustProxy],
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveMs,
    forceCloseConnections: 'idle',
    bodyLimit: 1024 * 1024,
    // What a body may not have is refused, not dropped in silence.
    ajv: { customOptions: { removeAdditional: false } },
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
    // Fastify ends idle connections once; those that become idle later would hold a stopping process for all of keepAliveMs.
    const timer = setInterval(() => app.server.closeIdleConnections(), 100).unref();
    app.server.once('close', () => clearInterval(timer));
  });

  addProblems(app);
  addUnreadBody(app);
  addRequestLog(app, deps);
  const metrics = addMetrics(app, deps);
  await addOpenApi(app);
  addAuth(app, { db: deps.db, cacheMs: config.keyCacheMs });
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

  addJobRoutes(app, { config, deps, metrics });
  addReprocessRoutes(app, deps);
  addImageRoutes(app, { deps });
  addOperationRoutes(app, { deps, metrics, isDraining: () => draining });

  return {
    app,
    drain: () => {
      draining = true;
    },
  };
}

const RESOURCES = /^\/(jobs|images)(?=[/?]|$)/;

/** A request without a version means the current one. */
function currentVersion(url: string): string {
  return url.replace(RESOURCES, '/v1/$1');
}

function callersRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{8,64}$/.test(header) ? header : undefined;
}
