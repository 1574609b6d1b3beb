// Every changing request leaves a row: when, who, from where, what came of it. Also one log line for each request, without an address and
// without what was asked in particular: the path and the query may hold secrets.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clientAddress } from '../client-address.ts';
import type { ApiDatabase } from '../guard-database.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who logged in by this request, where nobody was before. */
    loggedInAs: { id: string; tenantId: string } | undefined;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The status for a request whose client went away before the answer, as nginx writes it. */
const CLIENT_GONE = 499;
const WARN_EVERY_MS = 1000;

export interface RequestLog {
  /** Rows that were never written. */
  readonly lost: number;
}

export function addRequestLog(
  app: FastifyInstance,
  { db }: { db: Pick<ApiDatabase, 'requestLogs'> },
): RequestLog {
  const losses = createLosses(app);
  app.decorateRequest('loggedInAs', undefined);

  function record(request: FastifyRequest, ip: string, end: { status: number; durationMs: number }): void {
    const { method, id: requestId, problemCode: code, log } = request;
    const principal = request.principal ?? request.loggedInAs;
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
      principal: principal?.id ?? null,
      tenantId: principal?.tenantId ?? null,
      requestId,
    };
    db.requestLogs.write(row).catch(losses.add);
  }

  app.addHook('onRequest', async (request, reply) => {
    // A closed socket no longer knows its peer.
    const ip = clientAddress(request);
    // The one event that comes for every answer, sent or not: `onRequestAbort` is silent once the body has been read.
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.statusCode : CLIENT_GONE;
      record(request, ip, { status, durationMs: reply.elapsedTime });
    });
  });
  return losses;
}

/** Whatever loses one row may lose thousands: they are told together. */
function createLosses({ log }: FastifyInstance): RequestLog & { add(error: unknown): void } {
  let lost = 0;
  let told = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  let isToBeTold = false;

  function tell(err: unknown): void {
    log.warn({ err, rows: lost - told }, 'rows of the request log lost');
    isToBeTold = false;
    told = lost;
    toldAt = performance.now();
  }

  return {
    get lost() {
      return lost;
    },
    add: (error) => {
      lost += 1;
      if (isToBeTold) return;
      isToBeTold = true;
      setTimeout(tell, Math.max(0, toldAt + WARN_EVERY_MS - performance.now()), error).unref();
    },
  };
}
