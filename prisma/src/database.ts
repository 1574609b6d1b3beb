// Assembles the memory: one object that a process opens at start and closes at its end.
import { createAdmissions } from './admission.ts';
import { type AllApiKeys, createAllApiKeys, createApiKeys } from './api-keys.ts';
import { type ConnectOptions, connect } from './client.ts';
import { createDeliveryKeys, createDeliveryOwners, type DeliveryOwners } from './delivery-keys.ts';
import { createDerivatives } from './derivatives.ts';
import { createDirectUploads } from './direct-uploads.ts';
import { createEvents } from './events.ts';
import { createFiles } from './files.ts';
import { createFindImages } from './find-images.ts';
import { createIdempotency } from './idempotency.ts';
import { createImages } from './images.ts';
import { createJobs } from './jobs.ts';
import { createMaking, type Making } from './making.ts';
import { createPlans, type Plans } from './plans.ts';
import { createPrincipals, type Principals } from './principals.ts';
import { createPurge, type Purge } from './purge.ts';
import { createRateWindows, type RateWindows } from './rate-windows.ts';
import { createReconcile, type Reconcile } from './reconcile.ts';
import { createReprocess, type Reprocess } from './reprocess.ts';
import { createRequestLogs, type RequestLogOptions, type RequestLogs } from './request-logs.ts';
import { createSending, type Sending } from './sending.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { createTags } from './tags.ts';
import { bindTenants, type TenantDatabase, type TenantParts } from './tenant.ts';
import { createUploads } from './uploads.ts';
import { createUsage } from './usage.ts';
import { createUsers, type Users } from './users.ts';
import { createWebhookDeliveries } from './webhook-deliveries.ts';
import { createWebhookEndpoints } from './webhook-endpoints.ts';
import { createWork, type Work } from './work.ts';

export interface Database extends TenantParts {
  work: Work;
  making: Making;
  deliveryOwners: DeliveryOwners;
  reconcile: Reconcile;
  reprocess: Reprocess;
  allApiKeys: AllApiKeys;
  principals: Principals;
  users: Users;
  sessions: Sessions;
  plans: Plans;
  rateWindows: RateWindows;
  requestLogs: RequestLogs;
  sending: Sending;
  sweep: Sweep;
  purge: Purge;
  /** What a tenant may reach. */
  of(tenantId: string): TenantDatabase;
  /** Rejects when PostgreSQL does not answer. */
  ping(): Promise<void>;
  /** Waits for every batched write, then closes the pool. */
  close(): Promise<void>;
}

export function openDatabase(options: ConnectOptions & RequestLogOptions): Database {
  const prisma = connect(options);
  const uploads = createUploads(prisma);
  const work = createWork(prisma);
  const idempotency = createIdempotency(prisma);
  const requestLogs = createRequestLogs(prisma, options);
  const sending = createSending(prisma);
  const rateWindows = createRateWindows(prisma);
  const admissions = createAdmissions(prisma);
  const owned: TenantParts = {
    uploads,
    idempotency,
    admissions,
    jobs: createJobs(prisma),
    images: createImages(prisma),
    events: createEvents(prisma),
    webhookEndpoints: createWebhookEndpoints(prisma),
    webhookDeliveries: createWebhookDeliveries(prisma),
    apiKeys: createApiKeys(prisma),
    usage: createUsage(prisma),
    findImages: createFindImages(prisma),
    tags: createTags(prisma),
    derivatives: createDerivatives(prisma),
    deliveryKeys: createDeliveryKeys(prisma),
    directUploads: createDirectUploads(prisma),
    files: createFiles(prisma),
  };
  return {
    ...owned,
    work,
    making: createMaking(prisma),
    deliveryOwners: createDeliveryOwners(prisma),
    requestLogs,
    reconcile: createReconcile(prisma),
    reprocess: createReprocess(prisma),
    allApiKeys: createAllApiKeys(prisma),
    principals: createPrincipals(prisma),
    users: createUsers(prisma),
    sessions: createSessions(prisma),
    plans: createPlans(prisma),
    rateWindows,
    sending,
    sweep: createSweep(prisma),
    purge: createPurge(prisma),
    of: bindTenants(owned),
    ping: async () => {
      await prisma.$queryRaw`SELECT 1`;
    },
    close: async () => {
      await Promise.all(
        [uploads, work, idempotency, requestLogs, sending, rateWindows, admissions].map((one) => one.idle()),
      );
      await prisma.$disconnect();
    },
  };
}
