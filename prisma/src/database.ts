// Assembles the memory: one object that a process opens at start and closes at its end.
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { type ConnectOptions, connect } from './client.ts';
import { createEvents, type Events } from './events.ts';
import { createIdempotency, type Idempotency } from './idempotency.ts';
import { createImages, type Images } from './images.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { createReconcile, type Reconcile } from './reconcile.ts';
import { createReprocess, type Reprocess } from './reprocess.ts';
import { createRequestLogs, type RequestLogs } from './request-logs.ts';
import { createSending, type Sending } from './sending.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { createWebhookDeliveries, type WebhookDeliveries } from './webhook-deliveries.ts';
import { createWebhookEndpoints, type WebhookEndpoints } from './webhook-endpoints.ts';
import { createWork, type Work } from './work.ts';

export interface Database {
  uploads: Uploads;
  work: Work;
  reconcile: Reconcile;
  reprocess: Reprocess;
  jobs: Jobs;
  images: Images;
  apiKeys: ApiKeys;
  requestLogs: RequestLogs;
  idempotency: Idempotency;
  events: Events;
  webhookEndpoints: WebhookEndpoints;
  webhookDeliveries: WebhookDeliveries;
  sending: Sending;
  sweep: Sweep;
  /** Rejects when PostgreSQL does not answer. */
  ping(): Promise<void>;
  /** Waits for every batched write, then closes the pool. */
  close(): Promise<void>;
}

export function openDatabase(options: ConnectOptions): Database {
  const prisma = connect(options);
  const uploads = createUploads(prisma);
  const work = createWork(prisma);
  const idempotency = createIdempotency(prisma);
  const requestLogs = createRequestLogs(prisma);
  const sending = createSending(prisma);
  return {
    uploads,
    work,
    requestLogs,
    reconcile: createReconcile(prisma),
    reprocess: createReprocess(prisma),
    jobs: createJobs(prisma),
    images: createImages(prisma),
    apiKeys: createApiKeys(prisma),
    idempotency,
    events: createEvents(prisma),
    webhookEndpoints: createWebhookEndpoints(prisma),
    webhookDeliveries: createWebhookDeliveries(prisma),
    sending,
    sweep: createSweep(prisma),
    ping: async () => {
      await prisma.$queryRaw`SELECT 1`;
    },
    close: async () => {
      await Promise.all([uploads, work, idempotency, requestLogs, sending].map((one) => one.idle()));
      await prisma.$disconnect();
    },
  };
}
