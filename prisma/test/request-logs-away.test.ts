// What becomes of the request log while PostgreSQL is away.
import t from 'tap';
import { newId, openDatabase, type RequestLogRow } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { startProxy } from './proxy.ts';

const { url, query } = await createTestDatabase();
const BOUNDS = { connectTimeoutMs: 300, statementTimeoutMs: 300, lockTimeoutMs: 200 };

const aRow = (requestId: string): RequestLogRow => ({
  at: new Date(),
  ip: '192.0.2.1',
  method: 'POST',
  route: '/v1/jobs',
  status: 202,
  durationMs: 1,
  bytes: 1,
  principal: null,
  tenantId: newId(),
  requestId,
});

async function written(prefix: string): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT DISTINCT request_id AS id FROM request_logs WHERE starts_with(request_id, $1) ORDER BY 1`,
    [prefix],
  );
  return rows.map(({ id }) => id);
}

const range = (from: number, to: number, prefix: string) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}-${String(from + index).padStart(4, '0')}`);

t.test('rows wait for it to come back', async (t) => {
  const proxy = await startProxy(url);
  const db = openDatabase({ url: proxy.url, poolSize: 2, ...BOUNDS });
  t.teardown(() => db.close());
  await db.requestLogs.write(aRow('before'));
  proxy.silence();
  const ids = range(1, 250, 'waiting');
  const writes = ids.map((id) => db.requestLogs.write(aRow(id)));
  // One statement has failed, at least.
  await t.rejects(db.ping());
  proxy.cut();
  proxy.speak();
  await Promise.all(writes);
  t.same(await written('waiting'), ids);
});

t.test('beyond so many the oldest are lost', async (t) => {
  const proxy = await startProxy(url);
  const db = openDatabase({ url: proxy.url, poolSize: 2, keptLogRows: 50, ...BOUNDS });
  t.teardown(() => db.close());
  proxy.silence();
  const first = db.requestLogs.write(aRow('bounded-under-way'));
  // It is no longer one of those that wait.
  await new Promise((resolve) => setImmediate(resolve));
  const ids = range(1, 200, 'bounded');
  const outcomes = ids.map((id) =>
    db.requestLogs.write(aRow(id)).then(
      () => 'written',
      (error: Error) => error.message,
    ),
  );
  proxy.cut();
  proxy.speak();
  await first;
  const counts = await Promise.all(outcomes);
  t.same(new Set(counts.slice(0, 150)), new Set(['Too many items wait.']));
  t.same(new Set(counts.slice(150)), new Set(['written']));
  t.same(await written('bounded-0'), ids.slice(150));
});

t.test('who leaves meanwhile waits for one more try, not for ever', async (t) => {
  const proxy = await startProxy(url);
  const db = openDatabase({ url: proxy.url, poolSize: 2, ...BOUNDS });
  await db.requestLogs.write(aRow('leaving-before'));
  proxy.silence();
  const writes = range(1, 1000, 'leaving').map((id) => db.requestLogs.write(aRow(id)));
  const outcomes = Promise.allSettled(writes);
  const begunAt = performance.now();
  await db.close();
  // Two statements of 1.3 seconds; ten in a row would be another matter.
  t.ok(performance.now() - begunAt < 10_000);
  t.ok((await outcomes).every(({ status }) => status === 'rejected'));
});
