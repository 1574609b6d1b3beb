import t, { type Test } from 'tap';
import { listenForFinishedJobs, newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import {
  claimAgain,
  claimDerivative,
  FOR_GOOD,
  LEASE,
  MADE,
  makeDerivative,
  storedBytes,
  wantDerivative,
} from './derivative-fixtures.ts';
import { queueJob } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();

async function oneRow(id: string): Promise<Record<string, unknown>> {
  const [row] = await query<Record<string, unknown>>('SELECT * FROM derivatives WHERE id = $1', [id]);
  return row ?? {};
}

/** Answers whether the announcement came, whatever else does. */
async function heard(t: Test, id: string, act: () => Promise<unknown>): Promise<boolean> {
  const finished = listenForFinishedJobs(url, () => undefined);
  t.teardown(() => finished.close());
  const listens = () =>
    query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tintype-listen'
       AND query LIKE 'LISTEN%' AND state = 'idle'`,
    );
  while (((await listens())[0]?.n ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const waiting = finished.wait(id, { timeoutMs: 10_000 });
  await act();
  const came = await waiting;
  await finished.close();
  return came;
}

t.test('a claim tells all that rendering needs', async (t) => {
  const { tenantId, imageId, bytes, sha256Hex, format } = await queueJob(db);
  const claim = await claimDerivative(db, { tenantId, imageId, sourceKey: 'key', traceparent: 'trace' });
  t.ok(claim.queuedMs >= 0 && claim.queuedMs < 60_000);
  t.same(claim, {
    id: claim.id,
    attempt: 1,
    failures: 0,
    tenantId,
    imageId,
    sourceKey: 'key',
    digestHex: claim.digestHex,
    transform: { width: 320 },
    source: { bytes, sha256Hex, format },
    requestId: 'req-1',
    traceparent: 'trace',
    queuedMs: claim.queuedMs,
  });
  t.match(await claimDerivative(db), { imageId: null, source: null }, 'of a file');
});

t.test('two workers race: each has one owner', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  await other.ping();
  const rows = await Promise.all(Array.from({ length: 40 }, () => wantDerivative(db)));
  const claims = await Promise.all(
    rows.flatMap(({ id }) => [db.making.claim(id, LEASE), other.making.claim(id, LEASE)]),
  );
  const won = claims.flatMap((claim) => claim ?? []);
  t.same(won.map(({ id }) => id).sort(), rows.map(({ id }) => id).sort());
  const [first] = rows;
  const twice = await Promise.all([db.making.claim(first?.id ?? '', LEASE), db.making.claim(newId(), LEASE)]);
  t.same(twice, [undefined, undefined]);
});

const NOT_CLAIMABLE: Record<string, string> = {
  ready: `status = 'ready', finished_at = now()`,
  failed: `status = 'failed', finished_at = now()`,
  'held by another': `status = 'making', attempt = 1, lease_until = now() + interval '1 minute'`,
  'held by one whose lease ran out': `status = 'making', attempt = 1, lease_until = now() - interval '1 second'`,
  'not due yet': `run_after = now() + interval '1 minute'`,
};

for (const [name, change] of Object.entries(NOT_CLAIMABLE)) {
  t.test(`one that is ${name} is not claimed and not touched`, async (t) => {
    const { id } = await wantDerivative(db);
    const before = await query(`UPDATE derivatives SET ${change} WHERE id = $1 RETURNING *`, [id]);
    t.equal(await db.making.claim(id, LEASE), undefined);
    t.same(await query('SELECT * FROM derivatives WHERE id = $1', [id]), before);
  });
}

t.test('finish: ready, counted and announced; the same call again is fine', async (t) => {
  const tenantId = newId();
  const { id, attempt, digestHex } = await claimDerivative(db, { tenantId });
  const done = { id, attempt, ...MADE };
  t.equal(await heard(t, id, () => db.making.finish(done)), true);
  t.match(await db.derivatives.find(tenantId, digestHex), { status: 'ready', made: MADE });
  t.equal(await storedBytes(query, tenantId), 5000);
  t.equal(await db.making.finish(done), true, 'the answer may have been lost');
  t.equal(await storedBytes(query, tenantId), 5000);
  t.equal(await db.making.finish({ ...done, objectKey: 'derived/2' }), false);
});

t.test('who lost his lease writes nothing', async (t) => {
  const lost = await claimDerivative(db);
  await query(`UPDATE derivatives SET lease_until = now() - interval '1 second' WHERE id = $1`, [lost.id]);
  t.ok((await db.making.expireLeases({ maxAttempts: 5, limit: 10 })) >= 1);
  const { id } = lost;
  const next = await claimAgain(db, id);
  t.match(next, { attempt: 2, failures: 1 });
  const before = await oneRow(id);
  t.equal(await db.making.finish({ id, attempt: lost.attempt, ...MADE }), false);
  t.equal(await db.making.fail({ id, attempt: lost.attempt, ...FOR_GOOD }), false);
  t.same(await db.making.heartbeat([lost], 1000), new Set());
  await db.making.release([lost]);
  t.same(await oneRow(id), before);
  t.same(await db.making.heartbeat([next], 600_000), new Set([id]));
  t.ok(((await oneRow(id)).lease_until as Date) > new Date(Date.now() + 300_000));
  t.equal(await db.making.finish({ id, attempt: 2, ...MADE }), true);
});

t.test('an image that is deleted meanwhile: finish says so, and who waits is woken', async (t) => {
  const { tenantId, imageId } = await queueJob(db);
  const claim = await claimDerivative(db, { tenantId, imageId });
  t.equal(await heard(t, claim.id, () => db.images.remove(tenantId, imageId)), true);
  t.equal(await db.making.finish({ ...MADE, id: claim.id, attempt: claim.attempt }), false);
  t.equal(await storedBytes(query, tenantId), 0);
});

t.test(
  'finishes of many tenants at once, whatever their order: no deadlock, every byte counted',
  async (t) => {
    const other = openDatabase({ url, poolSize: 4 });
    t.teardown(() => other.close());
    const tenants = Array.from({ length: 6 }, newId);
    for (let round = 0; round < 4; round += 1) {
      const claims = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          claimDerivative(db, { tenantId: tenants[(index * 5 + round) % 6] ?? '' }),
        ),
      );
      const done = await Promise.all(
        claims.map(({ id, attempt }, index) =>
          (index % 2 === 0 ? db : other).making.finish({ id, attempt, ...MADE, objectKey: id }),
        ),
      );
      t.equal(done.filter(Boolean).length, 60);
    }
    for (const tenantId of tenants) t.equal(await storedBytes(query, tenantId), 4 * 10 * 5000);
  },
);

t.test('fail for good is announced; what may be tried again waits for its time', async (t) => {
  const claim = await claimDerivative(db);
  const { id, attempt } = claim;
  t.equal(await db.making.fail({ id, attempt, ...FOR_GOOD, retryAfterMs: 60_000, counts: false }), true);
  t.match(await oneRow(id), {
    status: 'waiting',
    failures: 0,
    lease_until: null,
    error_code: 'NOT_RENDERABLE',
  });
  t.equal(await db.making.claim(id, LEASE), undefined, 'not due');
  t.same(
    (await db.making.takeQuiet({ quietMs: 0, limit: 100 })).filter((nudge) => nudge.id === id),
    [],
  );
  await query('UPDATE derivatives SET run_after = now() WHERE id = $1', [id]);
  const again = await claimAgain(db, id);
  const failed = { id, attempt: again.attempt, ...FOR_GOOD };
  t.equal(await heard(t, id, () => db.making.fail(failed)), true);
  t.match(await oneRow(id), { status: 'failed', failures: 1, error_message: 'No.' });
  t.equal(await db.making.fail(failed), false);
});

t.test('what was forgotten or given back is nudged about, under a new generation', async (t) => {
  await query(`UPDATE derivatives SET nudged_at = now() WHERE status = 'waiting'`);
  const [forgotten, fresh, given] = [
    await wantDerivative(db),
    await wantDerivative(db),
    await claimDerivative(db),
  ];
  await query(`UPDATE derivatives SET nudged_at = now() - interval '1 minute' WHERE id = $1`, [forgotten.id]);
  await db.making.release([given]);
  const quiet = await db.making.takeQuiet({ quietMs: 30_000, limit: 100 });
  t.same(quiet.map(({ id }) => id).sort(), [forgotten.id, given.id].sort());
  t.same(await db.making.takeQuiet({ quietMs: 30_000, limit: 100 }), [], 'once');
  const ready = await makeDerivative(db);
  const renewed = await db.making.renew([forgotten.id, given.id, ready.id]);
  t.same(
    renewed.sort((a, b) => a.generation - b.generation),
    [
      { id: forgotten.id, generation: 1 },
      { id: given.id, generation: 2 },
    ],
  );
  t.match(await oneRow(fresh.id), { generation: 0, status: 'waiting' });
});

t.test('leases that ran out: tried again, and failed after so many', async (t) => {
  const [first, last, alive] = [
    await claimDerivative(db),
    await claimDerivative(db),
    await claimDerivative(db),
  ];
  await query('UPDATE derivatives SET failures = 4 WHERE id = $1', [last.id]);
  await query(`UPDATE derivatives SET lease_until = now() - interval '10 seconds' WHERE id = ANY ($1)`, [
    [first.id, last.id],
  ]);
  t.equal(await db.making.expireLeases({ maxAttempts: 5, limit: 10, graceMs: 60_000 }), 0);
  t.equal(await heard(t, last.id, () => db.making.expireLeases({ maxAttempts: 5, limit: 10 })), true);
  t.match(await oneRow(first.id), {
    status: 'waiting',
    failures: 1,
    generation: 1,
    error_code: 'WORKER_LOST',
  });
  t.match(await oneRow(last.id), { status: 'failed', failures: 5, lease_until: null });
  t.match(await oneRow(alive.id), { status: 'making' });
});
