import t from 'tap';
import { DELIVERY_STATUSES, type DeliveryQuery, firstIdAt, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import {
  addDeliveries,
  addDelivery,
  addEndpoint,
  addTenant,
  aFailure,
  anAnswer,
  claimed,
  LEASE,
} from './webhook-fixtures.ts';

const { db, query } = await createTestDatabase();
const tenantId = await addTenant(query);

t.test('a list is filtered, newest first, and goes on behind the last one seen', async (t) => {
  const tenant = await addTenant(query);
  const [endpointId, jobId] = [newId(), newId()];
  const ended = { finished_at: new Date() };
  const rows: Record<string, object> = {
    plain: {},
    job: { job_id: jobId, status: 'delivered', ...ended },
    failed: { event_type: 'job.failed', job_id: jobId, status: 'dead', ...ended },
    endpoint: { endpoint_id: endpointId, status: 'canceled', ...ended },
    both: { endpoint_id: endpointId, event_type: 'job.failed', status: 'dead', ...ended },
    sending: { endpoint_id: endpointId, status: 'sending', lease_until: new Date() },
  };
  const names = new Map<string, string>();
  for (const [name, columns] of Object.entries(rows)) {
    const id = firstIdAt(new Date(names.size));
    names.set(await addDelivery(query, tenant, { id, ...columns }), name);
  }
  await addDelivery(query, tenantId, { endpoint_id: endpointId, job_id: jobId });
  const list = async (filter: Partial<DeliveryQuery>) => {
    const found = await db.webhookDeliveries.list(tenant, { limit: 10, ...filter });
    return found.map(({ id }) => names.get(id) ?? 'another tenant’s');
  };
  const all = ['sending', 'both', 'endpoint', 'failed', 'job', 'plain'];
  const cases: [Partial<DeliveryQuery>, string[]][] = [
    [{}, all],
    [{ status: 'dead' }, ['both', 'failed']],
    [{ status: 'pending' }, ['plain']],
    [{ status: 'delivered' }, ['job']],
    [{ endpointId }, ['sending', 'both', 'endpoint']],
    [{ eventType: 'job.failed' }, ['both', 'failed']],
    [{ jobId }, ['failed', 'job']],
    [{ jobId, status: 'dead', eventType: 'job.failed' }, ['failed']],
    [{ endpointId, jobId }, []],
    [{ limit: 2 }, ['sending', 'both']],
  ];
  for (const [filter, expected] of cases) t.same(await list(filter), expected, JSON.stringify(filter));

  const paged: string[] = [];
  for (let after: string | undefined; paged.length < 10; ) {
    const page = await db.webhookDeliveries.list(tenant, { limit: 2, after });
    if (page.length === 0) break;
    after = page.at(-1)?.id;
    paged.push(...page.map(({ id }) => names.get(id) ?? ''));
  }
  t.same(paged, all);
});

t.test('one delivery with all its tries, in their order', async (t) => {
  const id = await addDelivery(query, tenantId);
  await db.sending.fail(aFailure(await claimed(db, id), { retryAfterMs: 0 }));
  await db.sending.fail(
    aFailure(await claimed(db, id), { retryAfterMs: 0, status: null, error: 'timeout', answer: null }),
  );
  await db.sending.succeed(anAnswer(await claimed(db, id)));
  const delivery = await db.webhookDeliveries.get(tenantId, id);
  t.match(delivery, { id, status: 'delivered', attempt: 3, payload: { type: 'job.completed' } });
  t.same(
    delivery?.attempts.map(({ at, ...rest }) => rest),
    [
      { attempt: 1, durationMs: 12.5, status: 500, error: 'HTTP 500', answer: 'oops' },
      { attempt: 2, durationMs: 12.5, status: null, error: 'timeout', answer: null },
      { attempt: 3, durationMs: 12.5, status: 200, error: null, answer: 'ok' },
    ],
  );
  t.same(Object.keys(delivery ?? {}).sort(), [
    ...[
      'attempt',
      'attempts',
      'createdAt',
      'endpointId',
      'eventId',
      'eventType',
      'finishedAt',
      'id',
      'jobId',
    ],
    ...['lastError', 'lastStatus', 'payload', 'runAfter', 'status', 'url'],
  ]);
});

t.test('another tenant’s delivery does not exist', async (t) => {
  const id = await addDelivery(query, tenantId);
  const endpoint = await addEndpoint(db, tenantId);
  const stranger = await addTenant(query);
  t.equal(await db.webhookDeliveries.get(stranger, id), undefined);
  t.equal(await db.webhookDeliveries.redeliver(stranger, id), undefined);
  t.equal(await db.webhookDeliveries.ping(stranger, endpoint.id), undefined);
  t.equal(await db.webhookDeliveries.redeliver(tenantId, newId()), undefined);
  const [row] = await query('SELECT generation FROM webhook_deliveries WHERE id = $1', [id]);
  t.same(row, { generation: 0 });
});

for (const status of DELIVERY_STATUSES.filter((one) => one !== 'sending')) {
  t.test(`one that is ${status} is sent once more, from the beginning`, async (t) => {
    await query('TRUNCATE webhook_deliveries CASCADE');
    const id = await addDelivery(query, tenantId, {
      status,
      failures: 9,
      attempt: 10,
      generation: 3,
      run_after: new Date('2999-01-01'),
      finished_at: status === 'pending' ? null : new Date(),
    });
    const again = await db.webhookDeliveries.redeliver(tenantId, id);
    t.match(again, { id, status: 'pending', finishedAt: null, nudge: { id, generation: 4 } });
    t.same(await db.sending.takeQuiet({ quietMs: 30_000, limit: 10 }), [], 'its nudge is the caller’s');
    t.match(await db.sending.claim(id, LEASE), { attempt: 11, failures: 0 });
  });
}

t.test('one that is being sent stays as it is', async (t) => {
  const id = await addDelivery(query, tenantId);
  const delivery = await claimed(db, id);
  t.match(await db.webhookDeliveries.redeliver(tenantId, id), {
    status: 'sending',
    nudge: { id, generation: 0 },
  });
  t.equal(await db.sending.succeed(anAnswer(delivery)), true, 'its sender does not notice');
});

t.test('to a disabled or removed endpoint nothing is sent again', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  const id = await addDelivery(query, tenantId, { endpoint_id: endpoint.id });
  await db.webhookEndpoints.update(tenantId, endpoint.id, { enabled: false });
  t.equal(await db.webhookDeliveries.redeliver(tenantId, id), 'disabled');
  await db.webhookEndpoints.update(tenantId, endpoint.id, { enabled: true });
  t.match(await db.webhookDeliveries.redeliver(tenantId, id), {
    status: 'pending',
    nudge: { generation: 1 },
  });
  await db.webhookEndpoints.remove(tenantId, endpoint.id);
  t.equal(await db.webhookDeliveries.redeliver(tenantId, id), 'gone');
  t.match(await db.webhookDeliveries.get(tenantId, id), { status: 'canceled' });
});

t.test('twenty redeliveries at once, among claims: one owner at a time', async (t) => {
  const id = await addDelivery(query, tenantId, { status: 'dead', finished_at: new Date() });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? db.webhookDeliveries.redeliver(tenantId, id) : db.sending.claim(id, LEASE),
    ),
  );
  const owners = answers.filter((answer) => typeof answer === 'object' && 'secrets' in answer);
  t.ok(owners.length <= 1, 'nobody gives it back');
  t.match(await db.webhookDeliveries.get(tenantId, id), { attempt: owners.length });
});

t.test('a ping goes to one endpoint alone, whatever it wants to hear of', async (t) => {
  const tenant = await addTenant(query);
  const endpoint = await addEndpoint(db, tenant, { events: ['image.deleted'] });
  await addEndpoint(db, tenant);
  const ping = await db.webhookDeliveries.ping(tenant, endpoint.id);
  if (typeof ping !== 'object') throw new Error('no ping');
  t.match(ping, {
    endpointId: endpoint.id,
    url: endpoint.url,
    eventType: 'ping',
    status: 'pending',
    jobId: null,
  });
  t.match(ping.payload, {
    type: 'ping',
    timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    data: { endpointId: endpoint.id },
  });
  t.same(ping.nudge, { id: ping.id, generation: 0 });
  t.match(ping.eventId, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  t.equal((await db.webhookDeliveries.list(tenant, { limit: 10 })).length, 1);
  t.same(await query('SELECT FROM events WHERE tenant_id = $1', [tenant]), [], 'it is in no feed');
  t.match(await claimed(db, ping.id), { eventType: 'ping', payload: ping.payload });

  await db.webhookEndpoints.update(tenant, endpoint.id, { enabled: false });
  t.equal(await db.webhookDeliveries.ping(tenant, endpoint.id), 'disabled');
  t.equal(await db.webhookDeliveries.ping(tenant, newId()), undefined);
});

t.test('depth counts what has not arrived', async (t) => {
  await query('TRUNCATE webhook_deliveries CASCADE');
  t.same(await db.webhookDeliveries.depth(), { pending: 0, sending: 0, dead: 0, oldestDueAgeMs: 0 });
  await addDelivery(query, tenantId, { run_after: new Date('2999-01-01') });
  t.match(
    await db.webhookDeliveries.depth(),
    { pending: 1, oldestDueAgeMs: 0 },
    'one that is not due does not wait',
  );
  const [old] = await addDeliveries(query, tenantId, 2);
  await query(`UPDATE webhook_deliveries SET run_after = now() - interval '1 minute' WHERE id = $1`, [old]);
  await addDelivery(query, tenantId, { status: 'sending', lease_until: new Date() });
  for (const status of ['dead', 'dead', 'delivered', 'canceled'])
    await addDelivery(query, tenantId, { status, finished_at: new Date() });
  const { oldestDueAgeMs, ...counts } = await db.webhookDeliveries.depth();
  t.same(counts, { pending: 3, sending: 1, dead: 2 });
  t.ok(oldestDueAgeMs >= 60_000 && oldestDueAgeMs < 120_000, `${oldestDueAgeMs} ms`);
});

t.test('more dead ones than anybody counts', async (t) => {
  await query(
    `INSERT INTO webhook_deliveries (tenant_id, url, event_id, event_type, payload, status, finished_at)
     SELECT $1, 'https://x.example', tintype_new_id(), 'job.failed', '{}', 'dead', now() FROM generate_series(1, 10100)`,
    [tenantId],
  );
  t.match(await db.webhookDeliveries.depth(), { dead: 10_000 });
});
