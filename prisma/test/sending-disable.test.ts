import t from 'tap';
import { createTestDatabase } from './database.ts';
import { addDeliveries, addDelivery, addEndpoint, addTenant, aFailure, claimed } from './webhook-fixtures.ts';

const { db, query } = await createTestDatabase();
const tenantId = await addTenant(query);

const DISABLING: Record<string, { since: string | null; gone: boolean; reason: string | null }> = {
  'first failure': { since: null, gone: false, reason: null },
  'failing for 4 days': { since: '4 days', gone: false, reason: null },
  'failing for 6 days': { since: '6 days', gone: false, reason: 'failing' },
  'gone at the first failure': { since: null, gone: true, reason: 'gone' },
  'gone and failing for 6 days': { since: '6 days', gone: true, reason: 'gone' },
};

for (const [name, { since, gone, reason }] of Object.entries(DISABLING)) {
  t.test(`${name}: the endpoint is ${reason === null ? 'kept' : 'disabled'}`, async (t) => {
    const [endpoint, other] = [await addEndpoint(db, tenantId), await addEndpoint(db, tenantId)];
    await query('UPDATE webhook_endpoints SET failing_since = now() - $2::interval WHERE id = $1', [
      endpoint.id,
      since,
    ]);
    const [failing, sending, waiting] = await addDeliveries(query, tenantId, 3, { endpoint_id: endpoint.id });
    const elsewhere = await addDelivery(query, tenantId, { endpoint_id: other.id });
    const [claim] = await Promise.all([claimed(db, failing ?? ''), claimed(db, sending ?? '')]);
    const disabled = reason !== null;
    t.same(await db.sending.fail(aFailure(claim, { gone })), { written: true, disabled });
    t.match(await db.webhookEndpoints.get(tenantId, endpoint.id), {
      enabled: !disabled,
      disabledAt: disabled ? Date : null,
      disabledReason: reason,
      failingSince: Date,
    });
    const statuses = new Map<unknown, string>();
    for (const row of await query<{ id: string; status: string }>(
      'SELECT id, status FROM webhook_deliveries',
    ))
      statuses.set(row.id, row.status);
    t.same(
      [failing, waiting, sending, elsewhere].map((id) => statuses.get(id)),
      [disabled ? 'dead' : 'pending', disabled ? 'dead' : 'pending', 'sending', 'pending'],
      'what is being sent may still succeed',
    );
  });
}

t.test('ten at once find it gone: one of them disabled it', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  const ids = await addDeliveries(query, tenantId, 10, { endpoint_id: endpoint.id });
  const deliveries = await Promise.all(ids.map((id) => claimed(db, id)));
  const outcomes = await Promise.all(
    deliveries.map((delivery) => db.sending.fail(aFailure(delivery, { gone: true, retryAfterMs: null }))),
  );
  t.ok(outcomes.every(({ written }) => written));
  t.equal(outcomes.filter(({ disabled }) => disabled).length, 1);
});

t.test('a backlog of many slices is dead at once', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  await query(
    `INSERT INTO webhook_deliveries (tenant_id, endpoint_id, url, event_id, event_type, payload)
     SELECT $1, $2, 'https://x.example', tintype_new_id(), 'job.failed', '{}' FROM generate_series(1, 2500)`,
    [tenantId, endpoint.id],
  );
  const id = await addDelivery(query, tenantId, { endpoint_id: endpoint.id });
  await db.sending.fail(aFailure(await claimed(db, id), { gone: true }));
  const rows = await query(
    'SELECT status, count(*)::int FROM webhook_deliveries WHERE endpoint_id = $1 GROUP BY 1',
    [endpoint.id],
  );
  t.same(rows, [{ status: 'dead', count: 2501 }]);
});
