// What the database knows of the whole service, for Prometheus: the same figures from every API process.
import { Gauge, type Registry } from 'prom-client';
import type { Deps } from '../deps.ts';

/** Answers how to read the figures anew; where the database does not answer they are left out. */
export function watchStores(
  registers: Registry[],
  { db, health }: Pick<Deps, 'db' | 'health'>,
): () => Promise<void> {
  const up = new Gauge({
    name: 'tintype_database_up',
    help: '1 while PostgreSQL answers this process, else 0.',
    registers,
  });
  const jobs = new Gauge({
    name: 'tintype_jobs',
    help: 'Unfinished jobs by state.',
    labelNames: ['status'],
    registers,
  });
  const oldestJob = new Gauge({
    name: 'tintype_oldest_queued_job_age_seconds',
    help: 'Age of the job that waits longest.',
    registers,
  });
  const deliveries = new Gauge({
    name: 'tintype_webhook_deliveries',
    help: 'Webhook deliveries by state: pending, sending, dead (counted up to 10000).',
    labelNames: ['status'],
    registers,
  });
  const oldestDelivery = new Gauge({
    name: 'tintype_oldest_due_webhook_delivery_age_seconds',
    help: 'How long the webhook delivery that is most overdue waits already.',
    registers,
  });

  async function readJobs(): Promise<void> {
    jobs.reset();
    oldestJob.remove();
    const { oldestQueuedAgeMs, ...depth } = await db.jobs.depth();
    for (const [status, count] of Object.entries(depth)) jobs.set({ status }, count);
    oldestJob.set(oldestQueuedAgeMs / 1000);
  }

  async function readDeliveries(): Promise<void> {
    deliveries.reset();
    oldestDelivery.remove();
    const { oldestDueAgeMs, ...depth } = await db.webhookDeliveries.depth();
    for (const [status, count] of Object.entries(depth)) deliveries.set({ status }, count);
    oldestDelivery.set(oldestDueAgeMs / 1000);
  }

  return async () => {
    up.set(health.isUp ? 1 : 0);
    await Promise.allSettled([readJobs(), readDeliveries()]);
  };
}
