import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addDelivery, addEndpoint, addTenant, anAnswer, claimed } from './webhook-fixtures.ts';

const { url, db, query } = await createTestDatabase();
const tenantId = await addTenant(query);

const COLUMNS = [
  ...['createdAt', 'description', 'disabledAt', 'disabledReason', 'enabled', 'events', 'failingSince', 'id'],
  ...['previousSecretUntil', 'tenantId', 'url'],
];

t.test('every answer shows the same, and no secret', async (t) => {
  const tenant = await addTenant(query);
  const given = { url: 'https://a.example/', description: 'mine', events: ['job.failed'] };
  const created = await addEndpoint(db, tenant, given);
  const { id } = created;
  t.match(created, {
    ...given,
    tenantId: tenant,
    enabled: true,
    disabledReason: null,
    disabledAt: null,
    failingSince: null,
  });
  const rows: Record<string, object | undefined> = {
    create: created,
    get: await db.webhookEndpoints.get(tenant, id),
    list: (await db.webhookEndpoints.list(tenant))[0],
    update: await db.webhookEndpoints.update(tenant, id, {}),
  };
  for (const [name, row] of Object.entries(rows)) t.same(row, created, name);
  const rotated = await db.webhookEndpoints.rotateSecret(tenant, id, {
    secret: 'whsec_2',
    overlapMs: 60_000,
  });
  t.same(Object.keys(created).sort(), COLUMNS);
  t.same(Object.keys(rotated ?? {}).sort(), COLUMNS);
  t.ok(rotated?.previousSecretUntil instanceof Date);
});

t.test('oldest first, each tenant its own', async (t) => {
  const tenant = await addTenant(query);
  const made = [await addEndpoint(db, tenant), await addEndpoint(db, tenant), await addEndpoint(db, tenant)];
  t.same(
    await db.webhookEndpoints.list(tenant),
    made.sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
});

t.test('no tenant has more than it may, however many it asks for at once', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const tenant = await addTenant(query);
  const endpoint = {
    url: 'https://a.example/',
    description: null,
    events: [],
    secret: 'whsec_1',
    most: 5,
  };
  const created = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? db : other).webhookEndpoints.create(tenant, endpoint),
    ),
  );
  t.equal(created.filter((one) => one !== undefined).length, 5);
  const list = await db.webhookEndpoints.list(tenant);
  t.equal(list.length, 5);
  await db.webhookEndpoints.remove(tenant, list[0]?.id ?? '');
  t.ok(await db.webhookEndpoints.create(tenant, endpoint), 'a removed one makes room');
  t.ok(await db.webhookEndpoints.create(tenantId, endpoint), 'and another tenant has its own');
});

t.test('what is not named in a change stays', async (t) => {
  const given = { url: 'https://a.example/', description: 'mine', events: ['job.failed'] };
  const { id } = await addEndpoint(db, tenantId, given);
  const changes: [object, object][] = [
    [{}, given],
    [{ url: 'https://b.example/' }, { ...given, url: 'https://b.example/' }],
    [{ description: null }, { description: null, url: 'https://b.example/' }],
    [
      { description: 'yours', events: [] },
      { description: 'yours', events: [], enabled: true },
    ],
    [
      { events: ['image.deleted', 'job.failed'] },
      { events: ['image.deleted', 'job.failed'], description: 'yours' },
    ],
  ];
  for (const [change, expected] of changes) {
    t.match(await db.webhookEndpoints.update(tenantId, id, change), expected, JSON.stringify(change));
    t.match(await db.webhookEndpoints.get(tenantId, id), expected);
  }
});

t.test('disabled and enabled by its owner', async (t) => {
  const { id } = await addEndpoint(db, tenantId);
  const waiting = await addDelivery(query, tenantId, { endpoint_id: id });
  const sending = await claimed(db, await addDelivery(query, tenantId, { endpoint_id: id }));
  const elsewhere = await addDelivery(query, tenantId);
  const disabled = await db.webhookEndpoints.update(tenantId, id, { enabled: false });
  t.match(disabled, { enabled: false, disabledReason: 'owner', disabledAt: Date });
  t.match(await db.webhookDeliveries.get(tenantId, waiting), {
    status: 'dead',
    lastError: 'The endpoint is disabled.',
    finishedAt: Date,
  });
  t.match(await db.webhookDeliveries.get(tenantId, elsewhere), { status: 'pending' });
  t.equal(await db.sending.succeed(anAnswer(sending)), true, 'what is being sent may arrive');
  t.same(await db.webhookEndpoints.update(tenantId, id, { enabled: false }), disabled, 'twice is once');
  const enabled = await db.webhookEndpoints.update(tenantId, id, { enabled: true });
  t.match(enabled, { enabled: true, disabledReason: null, disabledAt: null, failingSince: null });
});

t.test('enabling forgets why it was disabled and that it failed', async (t) => {
  const { id } = await addEndpoint(db, tenantId);
  await query(
    `UPDATE webhook_endpoints SET enabled = false, disabled_reason = 'failing', disabled_at = now(), failing_since = now() WHERE id = $1`,
    [id],
  );
  t.match(await db.webhookEndpoints.update(tenantId, id, { enabled: false }), {
    disabledReason: 'failing',
    failingSince: Date,
  });
  const enabled = await db.webhookEndpoints.update(tenantId, id, { enabled: true });
  t.match(enabled, { enabled: true, disabledReason: null, disabledAt: null, failingSince: null });
});

t.test('removing cancels what waits and what is being sent', async (t) => {
  const { id } = await addEndpoint(db, tenantId);
  const waiting = await addDelivery(query, tenantId, { endpoint_id: id });
  const sending = await claimed(db, await addDelivery(query, tenantId, { endpoint_id: id }));
  const delivered = await claimed(db, await addDelivery(query, tenantId, { endpoint_id: id }));
  await db.sending.succeed(anAnswer(delivered));
  t.equal(await db.webhookEndpoints.remove(tenantId, id), true);
  t.equal(await db.webhookEndpoints.remove(tenantId, id), false);
  t.equal(await db.webhookEndpoints.get(tenantId, id), undefined);
  for (const one of [waiting, sending.id])
    t.match(await db.webhookDeliveries.get(tenantId, one), {
      status: 'canceled',
      finishedAt: Date,
      lastError: 'The endpoint was removed.',
    });
  t.match(await db.webhookDeliveries.get(tenantId, delivered.id), { status: 'delivered', lastError: null });
  t.equal(await db.sending.succeed(anAnswer(sending)), false);
});

t.test('another tenant’s endpoint does not exist', async (t) => {
  const stranger = await addTenant(query);
  const endpoint = await addEndpoint(db, tenantId);
  t.equal(await db.webhookEndpoints.get(stranger, endpoint.id), undefined);
  t.equal(await db.webhookEndpoints.update(stranger, endpoint.id, { enabled: false }), undefined);
  t.equal(await db.webhookEndpoints.remove(stranger, endpoint.id), false);
  t.equal(
    await db.webhookEndpoints.rotateSecret(stranger, endpoint.id, { secret: 'whsec_x', overlapMs: 0 }),
    undefined,
  );
  t.same(await db.webhookEndpoints.list(stranger), []);
  t.same(await db.webhookEndpoints.get(tenantId, endpoint.id), endpoint);
});

t.test('the first secret of a tenant ends no other’s time', async (t) => {
  const tenant = await addTenant(query);
  const rotate = (secret: string) =>
    db.webhookEndpoints.rotateTenantSecret(tenant, { secret, overlapMs: 60_000 });
  t.same(await rotate('whsec_1'), { previousSecretUntil: null });
  t.match(await rotate('whsec_2'), { previousSecretUntil: Date });
  const [row] = await query(
    'SELECT webhook_secret AS now, previous_webhook_secret AS before FROM tenants WHERE id = $1',
    [tenant],
  );
  t.same(row, { now: 'whsec_2', before: 'whsec_1' });
  await t.rejects(db.webhookEndpoints.rotateTenantSecret(newId(), { secret: 'whsec_1', overlapMs: 0 }), {
    message: /no such tenant/,
  });
});
