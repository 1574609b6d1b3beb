// Counts and times requests for Prometheus. Labels are route patterns and codes: few, never a caller's text.
import type { Database } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  accepted(bytes: number): void;
  /** The exposition text, with fresh figures of the queue where the database answers. */
  expose(): Promise<{ contentType: string; text: string }>;
}

export function addMetrics(app: FastifyInstance, { db }: { db: Database }): Metrics {
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
    help: 'Uploads answered with a job.',
    registers,
  });
  const acceptedBytes = new Counter({
    name: 'tintype_upload_bytes_total',
    help: 'Bytes of accepted uploads.',
    registers,
  });
  const jobs = new Gauge({
    name: 'tintype_jobs',
    help: 'Unfinished jobs by state.',
    labelNames: ['status'],
    registers,
  });
  const oldest = new Gauge({
    name: 'tintype_oldest_queued_job_age_seconds',
    help: 'Age of the job that waits longest.',
    registers,
  });

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    if (request.problemCode !== undefined) problems.inc({ code: request.problemCode });
  });

  return {
    accepted: (bytes) => {
      acceptedUploads.inc();
      acceptedBytes.inc(bytes);
    },
    expose: async () => {
      const depth = await db.jobs.depth().catch(() => undefined);
      if (depth === undefined) {
        jobs.reset();
        oldest.reset();
      } else {
        jobs.set({ status: 'queued' }, depth.queued);
        jobs.set({ status: 'processing' }, depth.processing);
        oldest.set(depth.oldestQueuedAgeMs / 1000);
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
