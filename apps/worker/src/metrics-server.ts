// The worker's only ear: /metrics for Prometheus, /healthz for whoever starts it anew, /readyz for whoever replaces one by another.
// Takes no work and no input.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { ConfigError } from '@tintype/core';
import type { WorkerConfig } from './config.ts';
import type { WorkerMetrics } from './metrics.ts';

export interface MetricsServer {
  close(): Promise<void>;
}

interface Told {
  metrics: Pick<WorkerMetrics, 'expose'>;
  /** Whether the worker takes jobs. */
  isWorking: () => boolean;
  /** Resolves when the database answers, and rejects when it does not: a new worker that is told a wrong one is not ready. */
  ping: () => Promise<void>;
}

/** Undefined where METRICS_PORT is 0. @throws ConfigError for a port that can't be listened on */
export async function startMetricsServer(
  { metricsHost: host, metricsPort: port }: Pick<WorkerConfig, 'metricsHost' | 'metricsPort'>,
  told: Told,
): Promise<MetricsServer | undefined> {
  if (port === 0) return undefined;
  const server = createServer(({ url = '', method = '' }, response) => {
    const path = method === 'GET' || method === 'HEAD' ? url.split('?')[0] : '';
    answer(path, told, response).catch(() => response.destroy());
  });
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `METRICS_PORT ${port} can not be listened on (${code}): choose another, or 0 for none.`,
    );
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  path: string | undefined,
  { metrics, isWorking, ping }: Told,
  response: ServerResponse,
): Promise<void> {
  if (path === '/metrics') {
    const { contentType, text } = await metrics.expose();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } else if (path === '/healthz') answerWhether(isWorking(), response);
  else if (path === '/readyz') {
    const answers = await ping().then(
      () => true,
      () => false,
    );
    answerWhether(answers && isWorking(), response);
  } else response.writeHead(404).end();
}

function answerWhether(isSo: boolean, response: ServerResponse): void {
  response
    .writeHead(isSo ? 200 : 503, { 'content-type': 'application/json' })
    .end(JSON.stringify({ status: isSo ? 'ok' : 'unready' }));
}
