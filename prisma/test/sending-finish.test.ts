import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
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

const { url, db, query } = await createTestDatabase();
const tenantId = await addTenant(query);

/** A version of the row that changes with every write to it. */
async function versionOf(endpointId: string): Promise<unknown> {
  const [row] = await query<{ xmin: string }>('SELECT xmin::text FROM webhook_endpoints WHERE id = $1', [
    endpointId,
  ]);
  return row?.xmin;
}

t.test('a success ends the delivery and writes the try down', async (t) => {
  const id = await addDelivery(query, tenantId);
  t.equal(await db.sending.succeed(anAnswer(await claimed(db, id), { status: 204, answer: null })), true);
  const delivery = await db.webhookDeliveries.get(tenantId, id);
  t.match(delivery, { status: 'delivered', attempt: 1, lastStatus: 204, lastError: null, finishedAt: Date });
  t.match(delivery?.attempts, [
    { attempt: 1, at: Date, durationMs: 12.5, status: 204, error: null, answer: null },
  ]);
  t.equal(delivery?.attempts.length, 1);
});

t.test('a success ends the endpoint’s failing, and writes nothing on one that does not fail', async (t) => {
  const [ill, well] = [await addEndpoint(db, tenantId), await addEndpoint(db, tenantId)];
  await query('UPDATE webhook_endpoints SET failing_since = now() WHERE id = $1', [ill.id]);
  const before = [await versionOf(ill.id), await versionOf(well.id)];
  const ids = await Promise.all(
    [ill, well].map(({ id }) => addDelivery(query, tenantId, { endpoint_id: id })),
  );
  await Promise.all(ids.map(async (id) => db.sending.succeed(anAnswer(await claimed(db, id)))));
  t.match(await db.webhookEndpoints.get(tenantId, ill.id), { enabled: true, failingSince: null });
  t.not(await versionOf(ill.id), before[0]);
  t.equal(await versionOf(well.id), before[1]);
});

t.test('many successes at once, over many endpoints, from two processes', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const endpoints = await Promise.all(Array.from({ length: 8 }, () => addEndpoint(db, tenantId)));
  const ids: string[] = [];
  for (const { id } of [...endpoints, ...endpoints.toReversed(), ...endpoints, ...endpoints.toReversed()])
    ids.push(await addDelivery(query, tenantId, { endpoint_id: id }));
  const deliveries = await Promise.all(ids.map((id) => claimed(db, id)));
  const answers = deliveries.map((delivery, index) => {
    const one = index % 2 === 0 ? db : other;
    // Failures in between give the successes endpoints to write on.
    return index % 5 === 0
      ? one.sending.fail(aFailure(delivery)).then(({ written }) => written)
      : one.sending.succeed(anAnswer(delivery));
  });
  t.ok((await Promise.all(answers)).every((written) => written));
});

t.test('a failure waits, keeps its place in the schedule and is no nudge’s any more', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  const id = await addDelivery(query, tenantId, { endpoint_id: endpoint.id, nudged_at: new Date() });
  t.same(await db.sending.fail(aFailure(await claimed(db, id))), { written: true, disabled: false });
  const [row] = await query(
    `SELECT status, attempt, failures, generation, lease_until, finished_at, nudged_at = '-infinity' AS fresh,
            run_after BETWEEN now() + '50 s' AND now() + '60 s' AS later, last_status, last_error
     FROM webhook_deliveries WHERE id = $1`,
    [id],
  );
  t.same(row, {
    status: 'pending',
    attempt: 1,
    failures: 1,
    generation: 1,
    lease_until: null,
    finished_at: null,
    fresh: true,
    later: true,
    last_status: 500,
    last_error: 'HTTP 500',
  });
  t.match(await db.webhookEndpoints.get(tenantId, endpoint.id), {
    enabled: true,
    failingSince: Date,
    disabledAt: null,
  });
});

t.test('the last failure ends it', async (t) => {
  const id = await addDelivery(query, tenantId);
  await db.sending.fail(
    aFailure(await claimed(db, id), { retryAfterMs: null, status: null, error: 'timeout', answer: null }),
  );
  const delivery = await db.webhookDeliveries.get(tenantId, id);
  t.match(delivery, { status: 'dead', finishedAt: Date, lastStatus: null, lastError: 'timeout' });
  t.match(delivery?.attempts, [{ status: null, error: 'timeout' }]);
});

t.test('failing begins with the first failure, not the last', async (t) => {
  const endpoint = await addEndpoint(db, tenantId);
  const [first, second] = await addDeliveries(query, tenantId, 2, { endpoint_id: endpoint.id });
  await db.sending.fail(aFailure(await claimed(db, first ?? '')));
  const version = await versionOf(endpoint.id);
  await db.sending.fail(aFailure(await claimed(db, second ?? '')));
  t.equal(await versionOf(endpoint.id), version, 'the second writes nothing on it');
});

const LOST: Record<string, string> = {
  'was taken over': 'attempt = 2',
  'waits again': `status = 'pending', lease_until = NULL`,
  'was canceled': `status = 'canceled', lease_until = NULL, finished_at = now()`,
  'was delivered': `status = 'delivered', lease_until = NULL, finished_at = now()`,
};

for (const [name, change] of Object.entries(LOST)) {
  t.test(`a late answer for a delivery that ${name} changes nothing`, async (t) => {
    const endpoint = await addEndpoint(db, tenantId);
    const id = await addDelivery(query, tenantId, { endpoint_id: endpoint.id });
    const delivery = await claimed(db, id);
    const before = await query(`UPDATE webhook_deliveries SET ${change} WHERE id = $1 RETURNING *`, [id]);
    const version = await versionOf(endpoint.id);
    t.equal(await db.sending.succeed(anAnswer(delivery)), false);
    t.same(await db.sending.fail(aFailure(delivery, { gone: true })), { written: false, disabled: false });
    await db.sending.release([delivery]);
    t.same(await db.sending.heartbeat([delivery], 60_000), new Set());
    t.same(await query('SELECT * FROM webhook_deliveries WHERE id = $1', [id]), before);
    t.same(await query('SELECT * FROM webhook_attempts WHERE delivery_id = $1', [id]), []);
    t.equal(await versionOf(endpoint.id), version);
  });
}

t.test('the same answer twice in one batch is written once', async (t) => {
  const delivery = await claimed(db, await addDelivery(query, tenantId));
  const written = await Promise.all([
    db.sending.succeed(anAnswer(delivery)),
    db.sending.succeed(anAnswer(delivery)),
  ]);
  t.same(written.sort(), [false, true]);
});

t.test('an answer that no text can hold is kept as far as it can be', async (t) => {
  const hostile = 'a\0b\ud83dc\udc00d\u{1f600}';
  const ids = await addDeliveries(query, tenantId, 2);
  const [one, two] = await Promise.all(ids.map((id) => claimed(db, id)));
  if (one === undefined || two === undefined) throw new Error('not claimed');
  t.equal(await db.sending.succeed(anAnswer(one, { answer: hostile })), true);
  t.match(await db.sending.fail(aFailure(two, { error: hostile, answer: hostile })), { written: true });
  const kept = 'a\ufffdb\ufffdc\ufffdd\u{1f600}';
  t.equal((await db.webhookDeliveries.get(tenantId, one.id))?.attempts[0]?.answer, kept);
  t.match(await db.webhookDeliveries.get(tenantId, two.id), {
    lastError: kept,
    attempts: [{ error: kept, answer: kept }],
  });
});

t.test('what is released can be claimed at once, under a new generation', async (t) => {
  const ids = await addDeliveries(query, tenantId, 3);
  const held = await Promise.all(ids.map((id) => claimed(db, id)));
  await db.sending.release(held);
  const rows = await query(
    `SELECT status, generation, failures, nudged_at = '-infinity' AS fresh FROM webhook_deliveries WHERE id = ANY($1)`,
    [ids],
  );
  t.same(rows, Array(3).fill({ status: 'pending', generation: 1, failures: 0, fresh: true }));
  t.match(await db.sending.claim(ids[0] ?? '', LEASE), { attempt: 2, failures: 0 });
  await db.sending.release([]);
});

t.test('what is released for later is not due before, and has failed no more', async (t) => {
  const [soon, late] = await addDeliveries(query, tenantId, 2);
  const [one, two] = [await claimed(db, soon ?? ''), await claimed(db, late ?? '')];
  await query(`UPDATE webhook_deliveries SET run_after = now() + interval '1 hour' WHERE id = $1`, [two.id]);
  await db.sending.release([one, two], 60_000);
  t.same(
    await query(
      `SELECT run_after BETWEEN now() + '50 s' AND now() + '60 s' AS "inAMinute", run_after > now() + '50 min' AS later,
              failures, status FROM webhook_deliveries WHERE id = ANY($1) ORDER BY run_after`,
      [[one.id, two.id]],
    ),
    [
      { inAMinute: true, later: false, failures: 0, status: 'pending' },
      { inAMinute: false, later: true, failures: 0, status: 'pending' },
    ],
  );
  t.equal(await db.sending.claim(one.id, LEASE), undefined);
});

t.test('a heartbeat prolongs what is still ours and answers nothing else', async (t) => {
  const ids = await addDeliveries(query, tenantId, 4);
  const held = await Promise.all(ids.map((id) => claimed(db, id)));
  const [ours, retaken, done, released] = held;
  if (ours === undefined || retaken === undefined || done === undefined || released === undefined)
    throw new Error('not claimed');
  await query('UPDATE webhook_deliveries SET attempt = 2 WHERE id = $1', [retaken.id]);
  await db.sending.succeed(anAnswer(done));
  await db.sending.release([released]);
  const kept = await db.sending.heartbeat([...held, { id: newId(), attempt: 1 }], 3_600_000);
  t.same([...kept], [ours.id]);
  t.same(await query(`SELECT id FROM webhook_deliveries WHERE lease_until > now() + interval '30 minutes'`), [
    { id: ours.id },
  ]);
  t.same(await db.sending.heartbeat([], 1000), new Set());
});

t.test(
  'heartbeats, answers and a removal meet on the same rows: nobody is killed by a deadlock',
  async (t) => {
    const endpoint = await addEndpoint(db, tenantId);
    const ids = await addDeliveries(query, tenantId, 60, { endpoint_id: endpoint.id });
    const held = await Promise.all(ids.map((id) => claimed(db, id)));
    const shuffled = held.toSorted((a, b) => (a.eventId.slice(-4) < b.eventId.slice(-4) ? -1 : 1));
    const answers = shuffled.map((delivery, index) =>
      index % 2 === 0
        ? db.sending.succeed(anAnswer(delivery))
        : db.sending.fail(aFailure(delivery)).then(({ written }) => written),
    );
    const [written] = await Promise.all([
      Promise.all(answers),
      ...[1, 2, 3].map(() => db.sending.heartbeat(shuffled, 60_000)),
      db.webhookEndpoints.remove(tenantId, endpoint.id),
    ]);
    const rows = await query<{ status: string; tries: number }>(
      `SELECT d.status, count(a.*)::int AS tries FROM webhook_deliveries d LEFT JOIN webhook_attempts a ON a.delivery_id = d.id
     WHERE d.endpoint_id = $1 GROUP BY d.id`,
      [endpoint.id],
    );
    const tries = rows.reduce((sum, row) => sum + row.tries, 0);
    t.equal(
      written.filter(Boolean).length,
      tries,
      'an answer is written, or its sender knows that it was not',
    );
    t.notOk(rows.some(({ status }) => status === 'sending'));
  },
);
