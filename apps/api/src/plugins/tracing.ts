// One span for each request, and its traceparent for whoever records what the request began. Costs nothing where traces are off.
import type { Telemetry } from '@tintype/core';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the request's span (W3C Trace Context); null where traces are off. */
    traceparent: string | null;
  }
}

/** Asked for all the time, and the trace of nothing. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics']);

export function addTracing(app: FastifyInstance, telemetry: () => Telemetry): void {
  app.decorateRequest('traceparent', null);
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    if (UNTRACED.has(route)) return;
    const { traceparent } = request.headers;
    const span = telemetry().begin(
      `${request.method} ${route}`,
      typeof traceparent === 'string' ? traceparent : null,
      { 'http.request.method': request.method, 'http.route': route, 'tintype.request_id': request.id },
      'server',
    );
    if (span.traceparent === null) return;
    request.traceparent = span.traceparent;
    reply.raw.once('close', () => {
      span.set({ 'http.response.status_code': reply.statusCode });
      if (reply.statusCode >= 500) span.fail(request.problemCode ?? reply.statusCode);
      span.end();
    });
  });
}
