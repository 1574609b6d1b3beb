import t from 'tap';
import { newId, type RequestLogPage, type RequestLogQuery } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { db, query } = await createTestDatabase();
const NOON = new Date('2026-02-03T12:00:00.000Z');
const at = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);
const [tenantId, other] = [newId(), newId()];

// Named by requestId; written in another order than they began.
const ROWS: Record<string, [seconds: number, ip: string, given?: object]> = {
  first: [0, '203.0.113.7'],
  second: [10, '203.0.113.8', { method: 'DELETE', route: '/v1/images/:id', status: 204 }],
  // The networks that are left of addresses.
  third: [20, '203.0.113.0/24', { status: 401, principal: null, tenantId: null }],
  fourth: [30, '2001:db8:7::1', { status: 404, principal: 'user-1' }],
  fifth: [40, '2001:db8:7::/48', { status: 500, tenantId: other }],
  // Two in the same moment.
  sixth: [50, '198.51.100.1', { principal: 'user-1' }],
  seventh: [50, '198.51.100.1', { status: 499 }],
};
for (const name of ['fifth', 'first', 'sixth', 'third', 'seventh', 'fourth', 'second']) {
  const [seconds, ip, given] = ROWS[name] ?? [0, '::'];
  await db.requestLogs.write({
    at: at(seconds),
    ip,
    method: 'POST',
    route: '/v1/jobs',
    status: 202,
    durationMs: 1.5,
    bytes: 6_000_000_000,
    principal: 'key-1',
    tenantId,
    requestId: name,
    ...given,
  });
}

const names = ({ rows }: RequestLogPage) => rows.map(({ requestId }) => requestId);

t.test('a row as it was written', async (t) => {
  const { rows, next } = await db.requestLogs.list({ requestId: 'first', limit: 10 });
  t.equal(next, undefined);
  t.match(rows, [
    {
      id: /^\d+$/,
      at: NOON,
      ip: '203.0.113.7',
      method: 'POST',
      route: '/v1/jobs',
      status: 202,
      durationMs: 1.5,
      bytes: 6_000_000_000,
      principal: 'key-1',
      tenantId,
      requestId: 'first',
    },
  ]);
  t.equal(Object.keys(rows[0] ?? {}).length, 11, 'and nothing else');
});

const FILTERS: [what: string, query: Partial<RequestLogQuery>, found: string[]][] = [
  ['nothing', {}, ['seventh', 'sixth', 'fifth', 'fourth', 'third', 'second', 'first']],
  ['after, itself included', { after: at(40) }, ['seventh', 'sixth', 'fifth']],
  ['before, itself left out', { before: at(10) }, ['first']],
  ['a span', { after: at(10), before: at(30) }, ['third', 'second']],
  ['a span the wrong way round', { after: at(30), before: at(10) }, []],
  ['an address', { network: '203.0.113.7' }, ['first']],
  ['the same with a length', { network: '203.0.113.7/32' }, ['first']],
  ['a network', { network: '203.0.113.0/24' }, ['third', 'second', 'first']],
  ['the same by one of its addresses', { network: '203.0.113.99/24' }, ['third', 'second', 'first']],
  ['part of a truncated one', { network: '203.0.113.0/25' }, ['second', 'first']],
  ['a wider network', { network: '203.0.0.0/16' }, ['third', 'second', 'first']],
  ['an IPv6 address', { network: '2001:db8:7::1' }, ['fourth']],
  ['an IPv6 network', { network: '2001:db8::/32' }, ['fifth', 'fourth']],
  ['all of IPv4', { network: '0.0.0.0/0' }, ['seventh', 'sixth', 'third', 'second', 'first']],
  ['a method', { method: 'DELETE' }, ['second']],
  ['a route', { route: '/v1/images/:id' }, ['second']],
  ['a status', { status: { from: 404, to: 404 } }, ['fourth']],
  ['a class of them', { status: { from: 400, to: 499 } }, ['seventh', 'fourth', 'third']],
  ['a principal', { principal: 'user-1' }, ['sixth', 'fourth']],
  ['a tenant', { tenantId: other }, ['fifth']],
  ['a request', { requestId: 'third' }, ['third']],
  ['a request at another time', { requestId: 'third', before: at(20) }, []],
  [
    'all at once',
    { network: '::/0', status: { from: 400, to: 499 }, principal: 'user-1', tenantId },
    ['fourth'],
  ],
];

for (const [what, filter, found] of FILTERS) {
  t.test(`by ${what}`, async (t) => {
    t.same(names(await db.requestLogs.list({ ...filter, limit: 100 })), found);
    // Every cut between two pages.
    for (let limit = 1; limit <= 3; limit += 1) {
      const all: string[] = [];
      let page = await db.requestLogs.list({ ...filter, limit });
      all.push(...names(page));
      while (page.next !== undefined) {
        t.equal(page.rows.length, limit, 'full');
        page = await db.requestLogs.list({ ...filter, limit, cursor: page.next });
        all.push(...names(page));
      }
      t.same(all, found, `in pages of ${limit}`);
    }
  });
}

t.test('a page looks at a bounded number of rows and goes on behind them', async (t) => {
  await query(`
    INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, request_id)
    SELECT timestamptz '2026-01-01' + n * interval '1 second', '192.0.2.1', 'POST', '/', CASE n WHEN 1 THEN 418 ELSE 200 END, 1, 1, 'many'
    FROM generate_series(1, 120000) n`);
  for (const filter of [{}, { requestId: 'many' }]) {
    const sizes: number[] = [];
    let cursor: RequestLogQuery['cursor'];
    do {
      const page = await db.requestLogs.list({ ...filter, status: { from: 418, to: 418 }, limit: 5, cursor });
      sizes.push(page.rows.length);
      cursor = page.next;
    } while (cursor !== undefined);
    t.same(sizes, [0, 0, 1]);
  }
  const full = await db.requestLogs.list({ status: { from: 200, to: 200 }, before: at(-3600), limit: 100 });
  t.equal(full.rows.length, 100);
  t.equal(full.next?.id, full.rows.at(-1)?.id, 'a full page ends with its last row');
});
