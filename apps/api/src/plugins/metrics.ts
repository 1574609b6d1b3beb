// Counts and times requests for Prometheus. Labels are route patterns, codes and states: few, never a caller's text.
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { DUPLICATE } from '../reuse-job.ts';
import { REPLAYED } from './idempotency.ts';
import type { RequestLog } from './request-log.ts';
import { watchStores } from './store-metrics.ts';
import type { Uploads } from './upload-limits.ts';

export interface Metrics {
  accepted(bytes: number): void;
  watchUploads(uploads: Uploads): void;
  watchRequestLog(requestLog: RequestLog): void;
  /** The exposition text, with fresh figures of the queue where the database answers. */
  expose(): Promise<{ contentType: string; text: string }>;
}

export function addMetrics(app: FastifyInstance, deps: Pick<Deps, 'db' | 'health'>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'tintype_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers,
  });
  const problems = new Counter({
    name: 'tintype_http_problems_total',
    help: 'Answers that were problem documents.',
    labelNames: ['code'],
    registers,
  });
  const acceptedUploads = new Counter({
    name: 'tintype_uploads_accepted_total',
    help: 'Uploads, and addresses to fetch, that became a job.',
    registers,
  });
  const acceptedBytes = new Counter({
    name: 'tintype_upload_bytes_total',
    help: 'Bytes of accepted uploads.',
    registers,
  });
  const reused = new Counter({
    name: 'tintype_uploads_reused_total',
    help: 'Uploads that were answered with the job of the same file.',
    registers,
  });
  const replayed = new Counter({
    name: 'tintype_http_replayed_total',
    help: 'Requests that were answered again out of their Idempotency-Key.',
    registers,
  });
  const readStores = watchStores(registers, deps);

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    if (request.problemCode !== undefined) problems.inc({ code: request.problemCode });
    if (reply.hasHeader(REPLAYED)) replayed.inc();
    else if (reply.hasHeader(DUPLICATE)) reused.inc();
  });

  return {
    accepted: (bytes) => {
      acceptedUploads.inc();
      acceptedBytes.inc(bytes);
    },
    watchUploads: (uploads) => {
      new Gauge({
        name: 'tintype_uploads_in_progress',
        help: 'Uploads whose body this process is reading.',
        registers,
        collect() {
          this.set(uploads.count);
        },
      });
    },
    watchRequestLog: (requestLog) => {
      new Counter({
        name: 'tintype_request_log_rows_lost_total',
        help: 'Requests that the request log does not know of: PostgreSQL was away for too long.',
        registers,
        collect() {
          this.reset();
          this.inc(requestLog.lost);
        },
      });
    },
    expose: async () => {
      await readStores();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
