// Tenants, endpoints, events and deliveries, for tests that do not care how they came to be.
import {
  type ClaimedDelivery,
  type Database,
  type DeliveryTry,
  newId,
  type WebhookEndpointRow,
} from '../src/index.ts';
import type { TestDatabase } from './database.ts';

type Query = TestDatabase['query'];

export const LEASE = { leaseMs: 60_000 };
const DAY_MS = 86_400_000;

export async function addTenant(query: Query): Promise<string> {
  const id = newId();
  await query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [id, id]);
  return id;
}

export async function addEndpoint(
  db: Database,
  tenantId: string,
  given: Partial<Parameters<Database['webhookEndpoints']['create']>[1]> = {},
): Promise<WebhookEndpointRow> {
  const endpoint = await db.webhookEndpoints.create(tenantId, {
    url: 'https://hooks.example.com/in',
    description: null,
    events: [],
    secret: 'whsec_present',
    most: 100,
    ...given,
  });
  if (endpoint === undefined) throw new Error('The endpoint was not created.');
  return endpoint;
}

/** Writes an event, whose deliveries the trigger makes. Answers the event's id. */
export async function writeEvent(
  query: Query,
  event: { tenantId: string; type?: string; jobId?: string | null; data?: object | null },
): Promise<string> {
  const { tenantId, type = 'job.completed', jobId = null, data = { id: 'x' } } = event;
  const [row] = await query<{ id: string }>(
    'INSERT INTO events (tenant_id, type, job_id, image_id, data) VALUES ($1, $2, $3, $4, $5) RETURNING id',
    [tenantId, type, jobId, newId(), data],
  );
  return row?.id ?? '';
}

/** A delivery with any columns, past the trigger. Without an endpoint it is one to the address of a job. */
export async function addDelivery(query: Query, tenantId: string, columns: object = {}): Promise<string> {
  const row = {
    id: newId(),
    tenant_id: tenantId,
    url: 'https://jobs.example.com/done',
    event_id: newId(),
    event_type: 'job.completed',
    payload: { type: 'job.completed', timestamp: '2026-11-21T16:00:00.000Z', data: {} },
    ...columns,
  };
  const names = Object.keys(row);
  await query(
    `INSERT INTO webhook_deliveries (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  );
  return row.id;
}

export async function addDeliveries(
  query: Query,
  tenantId: string,
  count: number,
  columns: object = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) ids.push(await addDelivery(query, tenantId, columns));
  return ids;
}

export async function claimed(db: Database, id: string): Promise<ClaimedDelivery> {
  const delivery = await db.sending.claim(id, LEASE);
  if (delivery === undefined) throw new Error('The delivery was not claimed.');
  return delivery;
}

export function anAnswer(
  { id, attempt }: { id: string; attempt: number },
  given: Partial<DeliveryTry> = {},
): DeliveryTry {
  return { id, attempt, durationMs: 12.5, status: 200, error: null, answer: 'ok', ...given };
}

export function aFailure(
  delivery: { id: string; attempt: number },
  given: Partial<Parameters<Database['sending']['fail']>[0]> = {},
): Parameters<Database['sending']['fail']>[0] {
  const answer = anAnswer(delivery, { status: 500, error: 'HTTP 500', answer: 'oops' });
  return { ...answer, retryAfterMs: 60_000, gone: false, disableAfterMs: 5 * DAY_MS, ...given };
}
