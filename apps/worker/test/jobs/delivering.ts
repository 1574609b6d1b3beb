// Surroundings of tests that deliver: a worker's part that sends webhooks, and endpoints of a tenant.
import { randomBytes } from 'node:crypto';
import type { WebhookDeliveryRow } from '@tintype/prisma';
import pg from 'pg';
import type { Test } from 'tap';
import { startDelivering } from '../../src/start-delivering.ts';
import { createSurroundings, eventually, type QueueKind, type Surroundings } from '../worker-setup.ts';

export interface DeliverySurroundings extends Surroundings {
  /** One that exists, unlike that of the surroundings. */
  owner: string;
  makeSecret(): string;
  addEndpoint(url: string, secret?: string): Promise<string>;
  /** Deliveries as an event makes them: nobody was nudged about them. Answers their ids. */
  add(endpointId: string, count?: number): Promise<string[]>;
  /** One of them. */
  addOne(endpointId: string): Promise<string>;
  /** Looks at a delivery until it has ended. */
  ended(
    id: string,
  ): Promise<WebhookDeliveryRow & { attempts: { status: number | null; error: string | null }[] }>;
  start(t: Test): Promise<Awaited<ReturnType<typeof startDelivering>>>;
}

export async function createDeliverySurroundings(
  env: NodeJS.ProcessEnv = {},
  queue: QueueKind = 'postgres',
): Promise<DeliverySurroundings> {
  const surroundings = await createSurroundings(
    {
      OUTGOING_ALLOW: '127.0.0.0/8',
      WEBHOOK_RETRY_SECONDS: '0,0,0',
      WEBHOOK_TIMEOUT_MS: '2000',
      ...env,
    },
    queue,
  );
  const { config, deps } = surroundings;
  const { db } = deps;
  const owner = await db.allApiKeys.ensureTenant('owner');
  const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

  async function add(endpointId: string, count = 1): Promise<string[]> {
    const client = new pg.Client({ connectionString: surroundings.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO webhook_deliveries (tenant_id, endpoint_id, url, event_id, event_type, payload)
       SELECT tenant_id, id, url, tintype_new_id(), 'job.completed',
         jsonb_build_object('type', 'job.completed', 'timestamp', tintype_time(now()), 'data', jsonb_build_object('number', n))
       FROM webhook_endpoints, generate_series(1, $2) AS n WHERE id = $1 RETURNING id`,
      [endpointId, count],
    );
    await client.end();
    return rows.map(({ id }) => id);
  }

  return {
    ...surroundings,
    owner,
    makeSecret,
    addEndpoint: async (url, secret = makeSecret()) => {
      const about = { url, description: null, events: [], secret, most: 1000 };
      const endpoint = await db.webhookEndpoints.create(owner, about);
      if (endpoint === undefined) throw new Error('too many endpoints');
      return endpoint.id;
    },
    add,
    addOne: async (endpointId) => {
      const [id] = await add(endpointId);
      if (id === undefined) throw new Error('no such endpoint');
      return id;
    },
    ended: (id) =>
      eventually(async () => {
        const found = await db.webhookDeliveries.get(owner, id);
        return found?.finishedAt != null && found;
      }),
    start: async (t) => {
      const delivering = await startDelivering(config, deps);
      t.teardown(() => delivering.stop(5000));
      return delivering;
    },
  };
}
