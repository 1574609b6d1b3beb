import t from 'tap';
import { EVENT_TYPES, type EventRow, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { queueJob } from './queued-job.ts';
import { addEndpoint, addTenant, writeEvent } from './webhook-fixtures.ts';

const { db, query } = await createTestDatabase();

async function endpointsTold(eventId: string): Promise<unknown[]> {
  const rows = await query<{ endpoint_id: string | null }>(
    'SELECT endpoint_id FROM webhook_deliveries WHERE event_id = $1 ORDER BY endpoint_id NULLS LAST',
    [eventId],
  );
  return rows.map((row) => row.endpoint_id);
}

/** As soon as the feed shows it. */
async function firstEvent(tenantId: string): Promise<EventRow | undefined> {
  let event: EventRow | undefined;
  await eventually(async () => {
    [event] = await db.events.list(tenantId, { limit: 1 });
    return event !== undefined;
  });
  return event;
}

const FILTERS: { name: string; events: string[]; enabled: boolean; hears: string[] }[] = [
  { name: 'all', events: [], enabled: true, hears: [...EVENT_TYPES] },
  { name: 'one', events: ['job.failed'], enabled: true, hears: ['job.failed'] },
  {
    name: 'two',
    events: ['job.failed', 'image.deleted'],
    enabled: true,
    hears: ['job.failed', 'image.deleted'],
  },
  { name: 'disabled', events: [], enabled: false, hears: [] },
];

t.test('every endpoint hears of what it wants, and of nobody else’s events', async (t) => {
  const tenantId = await addTenant(query);
  await addEndpoint(db, await addTenant(query));
  const names = new Map<unknown, string>();
  for (const { name, events, enabled } of FILTERS) {
    const { id } = await addEndpoint(db, tenantId, { events });
    if (!enabled) await db.webhookEndpoints.update(tenantId, id, { enabled });
    names.set(id, name);
  }
  for (const type of [...EVENT_TYPES, 'job.queued']) {
    const told = await endpointsTold(await writeEvent(query, { tenantId, type }));
    const expected = FILTERS.filter(({ hears }) => hears.includes(type)).map(({ name }) => name);
    t.same(told.map((id) => names.get(id)).sort(), expected.sort(), type);
  }
});

t.test('the payload is type, timestamp and data, frozen with the event', async (t) => {
  const tenantId = await addTenant(query);
  const { id: endpointId, url } = await addEndpoint(db, tenantId);
  const eventId = await writeEvent(query, { tenantId, data: { id: 'j', nested: { ä: [1, null] } } });
  const [row] = await query<{ payload: object }>('SELECT * FROM webhook_deliveries WHERE event_id = $1', [
    eventId,
  ]);
  const event = await firstEvent(tenantId);
  t.match(row, {
    endpoint_id: endpointId,
    url,
    event_type: 'job.completed',
    status: 'pending',
    attempt: 0,
    generation: 0,
  });
  t.same(row?.payload, {
    type: 'job.completed',
    timestamp: event?.createdAt.toISOString(),
    data: { id: 'j', nested: { ä: [1, null] } },
  });
  t.same(event, {
    id: eventId,
    type: 'job.completed',
    createdAt: event?.createdAt,
    data: row && event?.data,
    cursor: event?.cursor,
  });
});

t.test('an event without data says so', async (t) => {
  const tenantId = await addTenant(query);
  await addEndpoint(db, tenantId);
  const eventId = await writeEvent(query, { tenantId, data: null });
  const [row] = await query<{ payload: object }>(
    'SELECT payload FROM webhook_deliveries WHERE event_id = $1',
    [eventId],
  );
  t.match(row?.payload, { type: 'job.completed', data: {} });
  t.same((await firstEvent(tenantId))?.data, {});
});

t.test('a job’s own address hears beside the endpoints, with the job’s trace', async (t) => {
  const tenantId = await addTenant(query);
  const { id: endpointId } = await addEndpoint(db, tenantId);
  const { jobId } = await queueJob(db, { tenantId });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await query('UPDATE jobs SET webhook_url = $2, traceparent = $3 WHERE id = $1', [
    jobId,
    'https://me.example/',
    traceparent,
  ]);
  const eventId = await writeEvent(query, { tenantId, jobId });
  const rows = await query(
    'SELECT endpoint_id, url, traceparent, job_id FROM webhook_deliveries WHERE event_id = $1 ORDER BY endpoint_id NULLS LAST',
    [eventId],
  );
  t.same(rows, [
    { endpoint_id: endpointId, url: 'https://hooks.example.com/in', traceparent, job_id: jobId },
    { endpoint_id: null, url: 'https://me.example/', traceparent, job_id: jobId },
  ]);
});

t.test('many events in one statement have their deliveries, or none when it is undone', async (t) => {
  const tenantId = await addTenant(query);
  await Promise.all([addEndpoint(db, tenantId), addEndpoint(db, tenantId)]);
  const insert = `INSERT INTO events (tenant_id, type, image_id) SELECT $1, 'image.deleted', $2 FROM generate_series(1, 25)`;
  await query(insert, [tenantId, newId()]);
  const count = `SELECT count(*)::int, count(DISTINCT event_id)::int AS events FROM webhook_deliveries WHERE tenant_id = $1`;
  t.same(await query(count, [tenantId]), [{ count: 50, events: 25 }]);
  await t.rejects(
    query(`WITH made AS (${insert} RETURNING seq) SELECT 1 / (count(*) - 25) FROM made`, [tenantId, newId()]),
  );
  t.same(await query(count, [tenantId]), [{ count: 50, events: 25 }]);
});
