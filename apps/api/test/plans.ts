// Puts tenants and keys on plans of their own, and starts a second API beside the first.
import { setTimeout as sleep } from 'node:timers/promises';
import { type PlanLimits, parseApiKey } from '@tintype/prisma';
import { startApi, type TestApi } from './app.ts';
import { eventually } from './eventually.ts';

/** The tenant of the test is under these limits alone, or the key is under them as well. */
export async function setPlan(
  api: TestApi,
  limits: Partial<PlanLimits>,
  { key, tenantId = api.tenantId }: { key?: string; tenantId?: string } = {},
): Promise<void> {
  const name = `plan-${crypto.randomUUID().slice(0, 8)}`;
  await api.rows(
    `INSERT INTO plans (name, requests_per_second, requests_per_day, stored_bytes, upload_bytes, concurrent_jobs)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      name,
      limits.requestsPerSecond ?? null,
      limits.requestsPerDay ?? null,
      limits.storedBytes ?? null,
      limits.uploadBytes ?? null,
      limits.concurrentJobs ?? null,
    ],
  );
  if (key === undefined) await api.rows('UPDATE tenants SET plan = $1 WHERE id = $2', [name, tenantId]);
  else await api.rows('UPDATE api_keys SET plan = $1 WHERE id = $2', [name, parseApiKey(key)?.id]);
}

/** Another process, as it were, on the same database, queue and object store. */
export async function startTwin(api: TestApi, env: Record<string, string> = {}): Promise<TestApi> {
  const { databaseUrl, queueUrl, objectStoreUrl } = api.config;
  const twin = await startApi({
    env: { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, OBJECT_STORE_URL: objectStoreUrl, ...env },
  });
  return { ...twin, key: api.key, tenantId: api.tenantId, rows: api.rows, traces: api.traces };
}

/** No day ends while a test of some seconds runs. */
export async function awayFromMidnight(): Promise<void> {
  const leftMs = 86_400_000 - (Date.now() % 86_400_000);
  if (leftMs < 60_000) await sleep(leftMs + 1000);
}

/** Until PostgreSQL knows of so many requests of the tenant. */
export async function requestsKnown(api: TestApi, wanted: number): Promise<number | undefined> {
  const ask = async () => {
    const [row] = await api.rows<{ sum: number }>(
      'SELECT coalesce(sum(requests), 0)::int AS sum FROM usage_days WHERE tenant_id = $1',
      [api.tenantId],
    );
    return row?.sum;
  };
  return eventually(ask, (sum) => sum === wanted);
}
