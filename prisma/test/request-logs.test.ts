import t from 'tap';
import { isDataError, newId, type RequestLogRow } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { db, query } = await createTestDatabase();

function aRow(given: Partial<RequestLogRow> = {}): RequestLogRow {
  return {
    at: new Date('2026-02-03T04:05:06.789Z'),
    ip: '192.0.2.1',
    method: 'POST',
    route: '/v1/images',
    status: 202,
    durationMs: 12.5,
    bytes: 4321,
    principal: 'AbCdEf123456',
    tenantId: newId(),
    requestId: newId(),
    ...given,
  };
}

async function written(requestId: string): Promise<object[]> {
  return query(
    `SELECT at, host(ip) AS ip, method, route, status, duration_ms AS "durationMs", bytes::float8 AS bytes, principal,
            tenant_id AS "tenantId", request_id AS "requestId" FROM request_logs WHERE request_id = $1`,
    [requestId],
  );
}

const ROWS: Record<string, [Partial<RequestLogRow>, Partial<RequestLogRow>?]> = {
  'an IPv4 address': [{ ip: '203.0.113.255' }],
  'an IPv6 address': [{ ip: '2001:DB8:0:0:0:0:0:1' }, { ip: '2001:db8::1' }],
  'the loopback': [{ ip: '::1' }],
  'an IPv4 address in IPv6': [{ ip: '::ffff:192.0.2.7' }],
  'nobody known': [{ principal: null, tenantId: null, status: 401 }],
  'more than 32 bits of bytes': [{ bytes: 6_000_000_000 }],
  'an odd request id': [{ requestId: `a'b"c\\d – ${newId()}` }],
};

for (const [name, [given, expected = given]] of Object.entries(ROWS)) {
  t.test(name, async (t) => {
    const row = aRow(given);
    await db.requestLogs.write(row);
    t.same(await written(row.requestId), [{ ...row, ...expected }]);
  });
}

t.test('bad rows fail alone', async (t) => {
  const rows = [
    aRow(),
    aRow({ ip: 'unknown' }),
    aRow(),
    aRow({ ip: '192.0.2.1:4711' }),
    aRow({ route: 'a\0b' }),
    aRow({ at: new Date(Number.NaN) }),
    aRow(),
  ];
  const outcomes = await Promise.allSettled(rows.map(db.requestLogs.write));
  t.same(
    outcomes.map((one) => (one.status === 'rejected' ? isDataError(one.reason) && 'bad data' : 'written')),
    ['written', 'bad data', 'written', 'bad data', 'bad data', 'bad data', 'written'],
  );
  const counts = await Promise.all(rows.map(async (row) => (await written(row.requestId)).length));
  t.same(counts, [1, 0, 1, 0, 0, 0, 1]);
});

t.test('a thousand at once are all there when idle resolves', async (t) => {
  const tenantId = newId();
  const writes = Array.from({ length: 1000 }, () => db.requestLogs.write(aRow({ tenantId })));
  await db.requestLogs.idle();
  const [row] = await query('SELECT count(*)::int AS count FROM request_logs WHERE tenant_id = $1', [
    tenantId,
  ]);
  t.same(row, { count: 1000 });
  await Promise.all(writes);
});
