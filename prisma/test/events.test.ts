import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, dropDatabase } from '@tintype/local';
import pg from 'pg';
import t from 'tap';
import { EVENT_TYPES, type EventRow, type EventType, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { writeEvent } from './webhook-fixtures.ts';

const { url, db, query } = await createTestDatabase();

const INSERT = `INSERT INTO events (tenant_id, type, image_id) VALUES ($1, 'job.completed', gen_random_uuid()) RETURNING id`;

async function connection(connectionString = url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

function placeOf({ cursor }: EventRow): { xact: bigint; seq: bigint } {
  const [xact = '', seq = ''] = cursor.split('-');
  return { xact: BigInt(xact), seq: BigInt(seq) };
}

/** Everything that is to be seen now, page by page. */
async function readAll(tenantId: string, types?: EventType[], limit = 3): Promise<EventRow[]> {
  const seen: EventRow[] = [];
  for (;;) {
    const last = seen.at(-1);
    const page = await db.events.list(tenantId, { limit, types, after: last && placeOf(last) });
    if (page.length === 0) return seen;
    seen.push(...page);
  }
}

/** Every test file works on the same server: whoever writes there at the moment holds the feed up a little. */
async function readOnceThere(count: number, ...which: Parameters<typeof readAll>): Promise<EventRow[]> {
  let seen: EventRow[] = [];
  await eventually(async () => {
    seen = await readAll(...which);
    return seen.length >= count;
  });
  return seen;
}

t.test('one tenant’s events in their order, page by page', async (t) => {
  const [tenantId, other] = [newId(), newId()];
  const ids: string[] = [];
  for (const type of [...EVENT_TYPES, ...EVENT_TYPES]) {
    ids.push(await writeEvent(query, { tenantId, type, data: { type } }));
    await writeEvent(query, { tenantId: other, type });
    await writeEvent(query, { tenantId, type: 'job.queued' });
  }
  const all = await readOnceThere(ids.length, tenantId);
  t.same(
    all.map(({ id }) => id),
    ids,
  );
  t.match(all[0], {
    type: 'job.completed',
    createdAt: Date,
    data: { type: 'job.completed' },
    cursor: /^\d+-\d+$/,
  });
  const some = await readOnceThere(4, tenantId, ['job.failed', 'image.deleted'], 1);
  t.same(
    some.map(({ type }) => type),
    ['job.failed', 'image.deleted', 'job.failed', 'image.deleted'],
  );
  t.same(await readAll(tenantId, []), []);
});

t.test('events of one transaction are in the order of their writing', async (t) => {
  const tenantId = newId();
  await query(
    `INSERT INTO events (tenant_id, type, image_id, data)
     SELECT $1, 'image.deleted', $1, jsonb_build_object('n', n) FROM generate_series(1, 20) n`,
    [tenantId],
  );
  const all = await readOnceThere(20, tenantId);
  t.same(
    all.map(({ data }) => (data as { n: number }).n),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

t.test('what commits late is not jumped over', async (t) => {
  const tenantId = newId();
  const [slow, quick] = [await connection(), await connection()];
  await slow.query('BEGIN');
  const first = await slow.query(INSERT, [tenantId]);
  const second = await quick.query(INSERT, [tenantId]);
  t.same(await readAll(tenantId), [], 'what came later waits for what came before');
  await slow.query('COMMIT');
  t.same(
    (await readOnceThere(2, tenantId)).map(({ id }) => id),
    [first.rows[0].id, second.rows[0].id],
  );
});

const HOLDING: Record<string, { sql: string; elsewhere?: boolean; holds: boolean }> = {
  'reads only': { sql: 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM events', holds: false },
  'locks rows': { sql: 'BEGIN; SELECT FROM events LIMIT 1 FOR UPDATE', holds: true },
  writes: { sql: 'BEGIN; INSERT INTO tenants (id, name) VALUES (gen_random_uuid(), $$x$$)', holds: true },
  'writes to another database': { sql: 'BEGIN; CREATE TABLE x ()', elsewhere: true, holds: true },
};

for (const [name, { sql, elsewhere = false, holds }] of Object.entries(HOLDING)) {
  const effect = holds ? 'holds the feed up until it ends' : 'holds nothing up';
  t.test(`a transaction that ${name} ${effect}`, async (t) => {
    const tenantId = newId();
    const otherName = `test_${tenantId.replaceAll('-', '')}`;
    const otherUrl = elsewhere ? await createDatabase(url, otherName) : url;
    const client = await connection(otherUrl);
    await writeEvent(query, { tenantId: newId() });
    await client.query(sql);
    await writeEvent(query, { tenantId });
    if (holds) t.same(await readAll(tenantId), []);
    else t.equal((await readOnceThere(1, tenantId)).length, 1, 'while it runs');
    await client.query('ROLLBACK');
    t.equal((await readOnceThere(1, tenantId)).length, 1);
    await client.end();
    if (elsewhere) await dropDatabase(otherUrl);
  });
}

t.test('while many write and commit out of order, a reader sees every event once', async (t) => {
  const tenantId = newId();
  const written: string[] = [];
  let pagesWhileWriting = 0;
  // A transaction of another test, in another database of this server, holds the feed up too: the
  // writers go on until the reader has read beside them, however long that takes.
  const writer = async (seed: number) => {
    const client = await connection();
    for (let round = 0; round < 30 || pagesWhileWriting < 10; round += 1) {
      const dice = (seed * 7919 + round * 104_729) % 97;
      await client.query('BEGIN');
      const ids: string[] = [];
      for (let count = 0; count <= dice % 3; count += 1) {
        ids.push((await client.query<{ id: string }>(INSERT, [tenantId])).rows[0]?.id ?? '');
        await sleep(dice % 7);
      }
      const isKept = dice % 5 !== 0;
      await client.query(isKept ? 'COMMIT' : 'ROLLBACK');
      if (isKept) written.push(...ids);
    }
  };
  let isWriting = true;
  const seen: EventRow[] = [];
  const reader = () =>
    eventually(async () => {
      for (;;) {
        const last = seen.at(-1);
        const page = await db.events.list(tenantId, { limit: 4, after: last && placeOf(last) });
        if (page.length === 0) return !isWriting && seen.length >= written.length;
        if (isWriting) pagesWhileWriting += 1;
        seen.push(...page);
      }
    });
  const reading = reader();
  await Promise.all(Array.from({ length: 8 }, (_, seed) => writer(seed)));
  isWriting = false;
  await reading;
  t.ok(pagesWhileWriting >= 10, `it read beside the writers: ${pagesWhileWriting} pages`);
  t.equal(seen.length, written.length);
  t.same(seen.map(({ id }) => id).sort(), written.sort());
  const bySeq = seen.toSorted((a, b) => Number(placeOf(a).seq - placeOf(b).seq));
  t.notSame(seen, bySeq, 'and the numbers alone would have told another order');
});
