import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import {
  addDeliveries,
  addDelivery,
  addEndpoint,
  addTenant,
  claimed,
  LEASE,
  writeEvent,
} from './webhook-fixtures.ts';

const { url, db, query } = await createTestDatabase();
const tenantId = await addTenant(query);

async function oneRow(id: string): Promise<object> {
  const [row] = await query(
    `SELECT status, attempt, lease_until, finished_at IS NOT NULL AS ended, last_error FROM webhook_deliveries WHERE id = $1`,
    [id],
  );
  return row ?? {};
}

t.test('a claim tells the sender all it needs and marks the row', async (t) => {
  const tenant = await addTenant(query);
  const endpoint = await addEndpoint(db, tenant);
  const eventId = await writeEvent(query, { tenantId: tenant, data: { id: 'j' } });
  const [made] = await query<{ id: string }>('SELECT id FROM webhook_deliveries WHERE event_id = $1', [
    eventId,
  ]);
  const delivery = await claimed(db, made?.id ?? '');
  t.match(delivery.payload, { type: 'job.completed', timestamp: /Z$/, data: { id: 'j' } });
  t.same(delivery, {
    id: made?.id,
    attempt: 1,
    failures: 0,
    tenantId: tenant,
    endpointId: endpoint.id,
    url: endpoint.url,
    eventId,
    eventType: 'job.completed',
    payload: delivery.payload,
    traceparent: null,
    claimedAt: delivery.claimedAt,
    secrets: ['whsec_present'],
  });
  const [row] = await query(
    `SELECT status, attempt, lease_until BETWEEN now() + '30 s' AND now() + '60 s' AS leased,
            $2 BETWEEN now() - interval '30 s' AND now() AS told FROM webhook_deliveries WHERE id = $1`,
    [made?.id, delivery.claimedAt],
  );
  t.same(row, { status: 'sending', attempt: 1, leased: true, told: true });
});

t.test('two claims in one batch: one owner', async (t) => {
  const id = await addDelivery(query, tenantId);
  const claims = await Promise.all([db.sending.claim(id, LEASE), db.sending.claim(id, LEASE)]);
  t.equal(claims.filter((claim) => claim !== undefined).length, 1);
});

t.test('two workers race for fifty deliveries: each has one owner', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  await other.ping();
  const ids = await addDeliveries(query, tenantId, 50);
  const claims = await Promise.all(
    ids.flatMap((id, index) => {
      const racers = index % 2 === 0 ? [db, other] : [other, db];
      return racers.map((racer) => racer.sending.claim(id, LEASE));
    }),
  );
  const won = claims.flatMap((claim) => claim ?? []);
  t.same(won.map((claim) => claim.id).sort(), ids.sort());
  t.ok(won.every((claim) => claim.attempt === 1));
});

const NOT_CLAIMABLE: Record<string, string> = {
  delivered: `status = 'delivered', finished_at = now()`,
  dead: `status = 'dead', finished_at = now()`,
  canceled: `status = 'canceled', finished_at = now()`,
  'held by another': `status = 'sending', attempt = 1, lease_until = now() + interval '1 minute'`,
  'held by one whose lease ran out': `status = 'sending', attempt = 1, lease_until = now() - interval '1 minute'`,
  'not due yet': `run_after = now() + interval '1 minute'`,
};

for (const [name, change] of Object.entries(NOT_CLAIMABLE)) {
  t.test(`a delivery that is ${name} is not claimed and not touched`, async (t) => {
    const id = await addDelivery(query, tenantId);
    const before = await query(`UPDATE webhook_deliveries SET ${change} WHERE id = $1 RETURNING *`, [id]);
    t.equal(await db.sending.claim(id, LEASE), undefined);
    t.same(await query('SELECT * FROM webhook_deliveries WHERE id = $1', [id]), before);
  });
}

t.test('an unknown delivery is nobody’s, one that is no UUID fails alone', async (t) => {
  const id = await addDelivery(query, tenantId);
  const claims = await Promise.allSettled([newId(), '17', id].map((one) => db.sending.claim(one, LEASE)));
  t.match(claims, [
    { status: 'fulfilled', value: undefined },
    { status: 'rejected' },
    { status: 'fulfilled', value: { id } },
  ]);
});

const ENDS: Record<string, { change: string; status: string; reason: string }> = {
  disabled: {
    change: 'UPDATE webhook_endpoints SET enabled = false WHERE id = $1',
    status: 'dead',
    reason: 'The endpoint is disabled.',
  },
  removed: {
    change: 'DELETE FROM webhook_endpoints WHERE id = $1',
    status: 'canceled',
    reason: 'The endpoint was removed.',
  },
};

for (const [name, { change, status, reason }] of Object.entries(ENDS)) {
  t.test(`a delivery whose endpoint is ${name} is ${status} instead of claimed`, async (t) => {
    const endpoint = await addEndpoint(db, tenantId);
    const id = await addDelivery(query, tenantId, { endpoint_id: endpoint.id });
    await query(change, [endpoint.id]);
    t.equal(await db.sending.claim(id, LEASE), undefined);
    t.same(await oneRow(id), { status, attempt: 0, lease_until: null, ended: true, last_error: reason });
  });
}

t.test('a delivery to the address of a job whose tenant is gone is canceled', async (t) => {
  const id = await addDelivery(query, newId());
  t.equal(await db.sending.claim(id, LEASE), undefined);
  t.match(await oneRow(id), { status: 'canceled', ended: true });
});

t.test('claims and a disabling at once: nothing is left waiting', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  const ids = await addDeliveries(query, tenantId, 40, { endpoint_id: endpoint.id });
  const claims = ids.map((id) => db.sending.claim(id, LEASE));
  const [all] = await Promise.all([
    Promise.all(claims),
    db.webhookEndpoints.update(tenantId, endpoint.id, { enabled: false }),
  ]);
  const rows = await query<{ status: string; count: number }>(
    'SELECT status, count(*)::int FROM webhook_deliveries WHERE endpoint_id = $1 GROUP BY status',
    [endpoint.id],
  );
  const counts = Object.fromEntries(rows.map((row) => [row.status, row.count]));
  t.equal(counts.pending, undefined);
  t.equal((counts.sending ?? 0) + (counts.dead ?? 0), 40);
  t.equal(all.filter((claim) => claim !== undefined).length, counts.sending ?? 0, 'who claimed it holds it');
});

t.test('the address is the endpoint’s of this moment, and the row says where it went', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  const id = await addDelivery(query, tenantId, { endpoint_id: endpoint.id, url: endpoint.url });
  await db.webhookEndpoints.update(tenantId, endpoint.id, { url: 'https://new.example.com/' });
  t.equal((await claimed(db, id)).url, 'https://new.example.com/');
  t.equal((await db.webhookDeliveries.get(tenantId, id))?.url, 'https://new.example.com/');
});

t.test('the secret before the present one signs until its time is over', async (t) => {
  const endpoint = await addEndpoint(db, tenantId, { secret: 'whsec_1' });
  const secretsNow = async () =>
    (await claimed(db, await addDelivery(query, tenantId, { endpoint_id: endpoint.id }))).secrets;
  t.same(await secretsNow(), ['whsec_1']);
  await db.webhookEndpoints.rotateSecret(tenantId, endpoint.id, { secret: 'whsec_2', overlapMs: 60_000 });
  t.same(await secretsNow(), ['whsec_2', 'whsec_1']);
  await db.webhookEndpoints.rotateSecret(tenantId, endpoint.id, { secret: 'whsec_3', overlapMs: 60_000 });
  t.same(await secretsNow(), ['whsec_3', 'whsec_2'], 'only one old secret is kept');
  await db.webhookEndpoints.rotateSecret(tenantId, endpoint.id, { secret: 'whsec_4', overlapMs: 0 });
  t.same(await secretsNow(), ['whsec_4']);
});

t.test('a job’s own address is signed with the tenant’s secret', async (t) => {
  const tenant = await addTenant(query);
  const secretsNow = async () => (await claimed(db, await addDelivery(query, tenant))).secrets;

  const [one] = await secretsNow();
  t.match(one, /^whsec_[A-Za-z0-9+/]{43}=$/, 'made at the first use: 32 bytes in base64');
  t.same(await secretsNow(), [one], 'and kept');
  const { previousSecretUntil } = await db.webhookEndpoints.rotateTenantSecret(tenant, {
    secret: 'whsec_new',
    overlapMs: 60_000,
  });
  t.ok(previousSecretUntil instanceof Date);
  t.same(await secretsNow(), ['whsec_new', one]);
  await query(`UPDATE tenants SET previous_webhook_secret_until = now() - interval '1 s' WHERE id = $1`, [
    tenant,
  ]);
  t.same(await secretsNow(), ['whsec_new']);
});

t.test('the tenant’s secret does not sign for endpoints, nor an endpoint’s for a job', async (t) => {
  const tenant = await addTenant(query);
  await db.webhookEndpoints.rotateTenantSecret(tenant, { secret: 'whsec_old', overlapMs: 0 });
  await db.webhookEndpoints.rotateTenantSecret(tenant, { secret: 'whsec_tenant', overlapMs: 60_000 });
  const endpoint = await addEndpoint(db, tenant, { secret: 'whsec_endpoint' });
  const toEndpoint = await claimed(db, await addDelivery(query, tenant, { endpoint_id: endpoint.id }));
  const toJob = await claimed(db, await addDelivery(query, tenant));
  t.same([toEndpoint.secrets, toJob.secrets], [['whsec_endpoint'], ['whsec_tenant', 'whsec_old']]);
});

t.test('twenty first uses at once, in two processes: one secret', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const tenant = await addTenant(query);
  const ids = await addDeliveries(query, tenant, 20);
  const deliveries = await Promise.all(ids.map((id, index) => claimed(index % 2 === 0 ? db : other, id)));
  const [kept] = await query<{ secret: string }>(
    'SELECT webhook_secret AS secret FROM tenants WHERE id = $1',
    [tenant],
  );
  t.same(new Set(deliveries.flatMap(({ secrets }) => secrets)), new Set([kept?.secret]));
});
