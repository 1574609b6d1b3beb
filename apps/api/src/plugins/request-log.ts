// Every changing request leaves a row: when, who, from where, what came of it. Also one log line for each request.
import { isIP } from 'node:net';
import type { Database } from '@tintype/prisma';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The status for a request whose client went away before the answer, as nginx writes it. */
const CLIENT_GONE = 499;

export function addRequestLog(app: FastifyInstance, { db }: { db: Database }): void {
  function record(request: FastifyRequest, ip: string, end: { status: number; durationMs: number }): void {
    const { method, id: requestId, principal, problemCode: code, log } = request;
    const route = request.routeOptions.url;
    log.info({ method, route, ...end, code }, 'request');
    if (SAFE_METHODS.has(method) || route === undefined) return;
    const row = {
      at: new Date(Date.now() - end.durationMs),
      ip,
      method,
      route,
      ...end,
      bytes: Number(request.headers['content-length'] ?? 0) || 0,
      principal: principal?.keyId ?? null,
      tenantId: principal?.tenantId ?? null,
      requestId,
    };
    db.requestLogs.write(row).catch((err) => log.error({ err, row }, 'request log row lost'));
  }

  app.addHook('onRequest', async (request, reply) => {
    // A closed socket no longer knows its peer.
    const ip = addressOf(request);
    // The one event that comes for every answer, sent or not: `onRequestAbort` is silent once the body has been read.
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.statusCode : CLIENT_GONE;
      record(request, ip, { status, durationMs: reply.elapsedTime });
    });
  });
}

/** The client's address as PostgreSQL's `inet` takes it. */
function addressOf({ ip, socket }: FastifyRequest): string {
  const address = isIP(ip) === 0 ? (socket.remoteAddress ?? '0.0.0.0') : ip;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
