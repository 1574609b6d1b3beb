// Assembles the memory: one object that a process opens at start and closes at its end.
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { type ConnectOptions, connect } from './client.ts';
import { createImages, type Images } from './images.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { createReconcile, type Reconcile } from './reconcile.ts';
import { createReprocess, type Reprocess } from './reprocess.ts';
import { createRequestLogs, type RequestLogs } from './request-logs.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { createUploads, type Uploads } from './uploads.ts';
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
  const requestLogs = createRequestLogs(prisma);
  return {
    uploads,
    work,
    requestLogs,
    reconcile: createReconcile(prisma),
    reprocess: createReprocess(prisma),
    jobs: createJobs(prisma),
    images: createImages(prisma),
    apiKeys: createApiKeys(prisma),
    sweep: createSweep(prisma),
    ping: async () => {
      await prisma.$queryRaw`SELECT 1`;
    },
    close: async () => {
      await Promise.all([uploads.idle(), work.idle(), requestLogs.idle()]);
      await prisma.$disconnect();
    },
  };
}
