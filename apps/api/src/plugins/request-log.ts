// Every changing request leaves a row: when, who, from where, what came of it. Also one log line for each request.
import { isIP } from 'node:net';
import type { Database } from '@tintype/prisma';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The status for a request whose client went away before the answer, as nginx writes it. */
const CLIENT_GONE = 499;

export function addRequestLog(app: FastifyInstance, { db }: { db: Database }): void {
  const logged = new WeakSet<FastifyRequest>();

  function record(request: FastifyRequest, status: number, durationMs: number): void {
    if (logged.has(request)) return;
    logged.add(request);
    const route = request.routeOptions.url;
    request.log.info(
      { method: request.method, route, status, durationMs, code: request.problemCode },
      'request',
    );
    if (SAFE_METHODS.has(request.method) || route === undefined) return;
    const row = {
      at: new Date(Date.now() - durationMs),
      ip: addressOf(request),
      method: request.method,
      route,
      status,
      durationMs,
      bytes: Number(request.headers['content-length'] ?? 0) || 0,
      principal: request.principal?.keyId ?? null,
      tenantId: request.principal?.tenantId ?? null,
      requestId: request.id,
    };
    db.requestLogs.write(row).catch((err) => request.log.error({ err, row }, 'request log row lost'));
  }

  app.addHook('onResponse', async (request: FastifyRequest, reply: FastifyReply) => {
    record(request, reply.statusCode, reply.elapsedTime);
  });
  app.addHook('onRequestAbort', async (request) => {
    record(request, CLIENT_GONE, 0);
  });
}

/** The client's address as PostgreSQL's `inet` takes it. */
function addressOf({ ip, socket }: FastifyRequest): string {
  const address = isIP(ip) === 0 ? (socket.remoteAddress ?? '0.0.0.0') : ip;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
