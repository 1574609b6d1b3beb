import { randomBytes } from 'node:crypto';
import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { endJob } from './finish-job.ts';
import { anImage, anImageToFetch, beginUpload, queueJob } from './queued-job.ts';

// The sweep looks at every row, so each test has the tables for itself.
const { db, query } = await createTestDatabase();
t.beforeEach(async () => {
  await query(
    'TRUNCATE images, uploads, events, request_logs, idempotency_keys, contents, webhook_deliveries CASCADE',
  );
});

const HOUR_MS = 3_600_000;
const OLD = new Date(Date.now() - 2 * HOUR_MS);

/** Writes a row of that age; answers what names it. */
type Write = (at: Date) => Promise<void>;
const writeKey =
  (lockedUntil: string | null): Write =>
  async (at) => {
    await query(
      `INSERT INTO idempotency_keys (tenant_id, key, owner, locked_until, created_at) VALUES ($1, 'a', $1, $2::timestamptz, $3)`,
      [newId(), lockedUntil, at],
    );
  };
const writeDelivery =
  (status: string, endedAt?: Date): Write =>
  async (at) => {
    const id = newId();
    await query(
      `INSERT INTO webhook_deliveries (id, tenant_id, url, event_id, event_type, payload, status, created_at, finished_at)
     VALUES ($1, $1, 'x', $1, 'job.failed', '{}', $2, $3, CASE WHEN $2 NOT IN ('pending', 'sending') THEN $4::timestamptz END)`,
      [id, status, at, endedAt ?? at],
    );
    await query(
      'INSERT INTO webhook_attempts (delivery_id, attempt, duration_ms) VALUES ($1, 1, 1), ($1, 2, 1)',
      [id],
    );
  };

const KINDS: Record<
  string,
  {
    table: string;
    sweep: 'requestLogs' | 'events' | 'idempotencyKeys' | 'webhookDeliveries';
    write: Write;
    goes: boolean;
  }
> = {
  'request logs': {
    table: 'request_logs',
    sweep: 'requestLogs',
    write: (at) =>
      db.requestLogs.write({
        at,
        ip: '::1',
        principal: null,
        tenantId: newId(),
        requestId: 'r',
        method: 'POST',
        route: '/',
        status: 202,
        durationMs: 1,
        bytes: 1,
      }),
    goes: true,
  },
  events: {
    table: 'events',
    sweep: 'events',
    write: async (at) => {
      await query(
        `INSERT INTO events (tenant_id, type, image_id, created_at) VALUES ($1, 'image.deleted', $1, $2)`,
        [newId(), at],
      );
    },
    goes: true,
  },
  'keys that were answered': {
    table: 'idempotency_keys',
    sweep: 'idempotencyKeys',
    write: writeKey(null),
    goes: true,
  },
  'keys whose process is gone': {
    table: 'idempotency_keys',
    sweep: 'idempotencyKeys',
    write: writeKey('-infinity'),
    goes: true,
  },
  'keys that are held': {
    table: 'idempotency_keys',
    sweep: 'idempotencyKeys',
    write: writeKey('infinity'),
    goes: false,
  },
  ...Object.fromEntries(
    [
      ['delivered', true],
      ['dead', true],
      ['canceled', true],
      ['pending', false],
      ['sending', false],
    ].map(([status, goes]) => [
      `deliveries that are ${status}`,
      {
        table: 'webhook_deliveries',
        sweep: 'webhookDeliveries' as const,
        write: writeDelivery(String(status)),
        goes: goes === true,
      },
    ]),
  ),
};

for (const [name, { table, sweep, write, goes }] of Object.entries(KINDS)) {
  t.test(`${name} ${goes ? 'go when they are old, a slice at a time' : 'stay, however old'}`, async (t) => {
    const now = new Date();
    for (const at of [OLD, now, OLD, OLD, now, OLD, OLD]) await write(at);
    const gone: number[] = [];
    for (let round = 0; round < 4; round += 1)
      gone.push(await db.sweep[sweep]({ olderThanMs: HOUR_MS, limit: 2 }));
    t.same(gone, goes ? [2, 2, 1, 0] : [0, 0, 0, 0]);
    const [left] = await query(`SELECT count(*)::int FROM ${table}`);
    t.same(left, { count: goes ? 2 : 7 });
  });
}

t.test('the attempts of a delivery go with it', async (t) => {
  await writeDelivery('delivered')(OLD);
  await writeDelivery('pending')(OLD);
  await db.sweep.webhookDeliveries({ olderThanMs: HOUR_MS, limit: 10 });
  t.same(await query('SELECT count(*)::int FROM webhook_attempts'), [{ count: 2 }]);
});

t.test('a delivery that was tried for long is kept from its end on', async (t) => {
  await writeDelivery('dead', new Date())(OLD);
  t.equal(await db.sweep.webhookDeliveries({ olderThanMs: HOUR_MS, limit: 10 }), 0);
});

t.test('two sweepers at once count every row once', async (t) => {
  for (let count = 0; count < 30; count += 1) await writeDelivery('dead')(OLD);
  const counts = await Promise.all(
    [1, 2, 3].map(() => db.sweep.webhookDeliveries({ olderThanMs: HOUR_MS, limit: 20 })),
  );
  t.ok(counts.every((count) => count <= 20));
  const [left] = await query<{ count: number }>('SELECT count(*)::int FROM webhook_deliveries');
  t.equal(counts.reduce((sum, count) => sum + count) + (left?.count ?? 0), 30);
});

t.test('contents go with their images, in slices that meet every row once', async (t) => {
  const images = await Promise.all(
    Array.from({ length: 11 }, (_, index) =>
      queueJob(db, {
        tenantId: index % 2 ? newId() : '00000000-0000-7000-8000-000000000000',
        contentDigestHex: randomBytes(32).toString('hex'),
      }),
    ),
  );
  const gone = images.filter((_, index) => index % 3 === 0).map(({ imageId }) => imageId);
  await query('DELETE FROM images WHERE id = ANY($1)', [gone]);
  const stops: string[] = [];
  for (let after: string | undefined, more = true; more; ) {
    after = await db.sweep.contents({ after, limit: 3 });
    more = after !== undefined;
    if (after !== undefined) stops.push(after);
  }
  t.equal(new Set(stops).size, 3, '3 + 3 + 3 + 2');
  const left = await query<{ id: string }>('SELECT image_id AS id FROM contents');
  t.same(
    left.map(({ id }) => id).sort(),
    images
      .map(({ imageId }) => imageId)
      .filter((id) => !gone.includes(id))
      .sort(),
  );
  t.equal(await db.sweep.contents({ after: undefined, limit: 100 }), undefined);
});

t.test('an object is known by its image or its upload, and no other', async (t) => {
  const key = ({ tenantId, imageId }: { tenantId: string; imageId: string }) =>
    `${tenantId}/original/${imageId}`;
  const accepted = await queueJob(db);
  const begun = anImage();
  await beginUpload(db, begun);
  const removed = await endJob(db, 'completed');
  await db.images.remove(removed.tenantId, removed.imageId);
  const fetched = anImageToFetch();
  await db.uploads.acceptUrl({ ...fetched, objectKey: `${key(fetched)}-2` });
  const fetching = { id: newId(), tenantId: fetched.tenantId, objectKey: `${key(fetched)}-3` };
  await db.uploads.begin(fetching);
  const nobody = anImage();
  const known = [key(accepted), key(begun), key(removed), `${key(fetched)}-2`, fetching.objectKey];
  const unknown = [
    key(nobody),
    `${key(nobody)}-1`,
    `${key(fetched)}-1`,
    key(fetched),
    `${key(accepted)}-1`,
    `${newId()}/original/${accepted.imageId}`,
  ];
  const foreign = [
    'a',
    '',
    `${key(nobody)}.jpg`,
    `${key(nobody)}-`,
    `${key(nobody)}-1-2`,
    `x/${key(nobody)}`,
    `${nobody.tenantId}/preview/${nobody.imageId}`,
    `${nobody.tenantId}/original/${nobody.imageId.toUpperCase()}`,
    `${key(nobody)}\n`,
  ];
  const answer = await db.sweep.unknownObjects([...known, ...unknown, ...foreign]);
  t.same(answer.sort(), unknown.sort());
  t.same(await db.sweep.unknownObjects([]), []);
});

t.test('a slow object store: what was removed in time is forgotten, many at once', async (t) => {
  const images = await Promise.all(Array.from({ length: 40 }, () => queueJob(db)));
  await query(
    `INSERT INTO uploads (id, tenant_id, object_key, created_at) SELECT id, tenant_id, object_key, 'epoch' FROM images`,
  );
  let atOnce = 0;
  let most = 0;
  const remove = async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise((resolve) => setTimeout(resolve, 5));
    atOnce -= 1;
  };
  t.equal(await db.sweep.abandonedUploads({ olderThanMs: HOUR_MS, limit: 1000, remove }), images.length);
  t.equal(most, 10);
});
