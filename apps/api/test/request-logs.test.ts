import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestLogRow } from '@tintype/prisma';
import t from 'tap';
import { request } from 'undici';
import type { RequestLogEntry } from '../src/schemas/request-log.ts';
import { addKey, startApi } from './app.ts';
import { type Answer, call, problem } from './client.ts';
import { eventually } from './eventually.ts';

interface Page {
  items: RequestLogEntry[];
  nextCursor: string | null;
  links: { next?: string };
}

const api = await startApi();
const admin = await addKey(api.rows, { tenantId: crypto.randomUUID(), alter: `scopes = '{admin}'` });
const other = crypto.randomUUID();
const NOON = Date.parse('2026-02-03T12:00:00.000Z');

// Named by requestId, one a minute; the last began last.
const ROWS: Record<string, Partial<RequestLogRow>> = {
  'row-one1': { ip: '203.0.113.7' },
  'row-two2': { ip: '203.0.113.0/24', status: 401, principal: null, tenantId: null },
  'row-three': { ip: '2001:db8:7::1', method: 'DELETE', route: '/v1/images/:id', status: 204 },
  'row-four': { tenantId: other, principal: 'key-of-other', status: 404 },
  '-five+5': { status: 500 },
};
for (const [index, [requestId, given]] of Object.entries(ROWS).entries())
  await api.database.requestLogs.write({
    at: new Date(NOON + index * 60_000),
    ip: '198.51.100.1',
    method: 'POST',
    route: '/v1/jobs',
    status: 202,
    durationMs: 1.5,
    bytes: 10,
    principal: 'key-1',
    tenantId: api.tenantId,
    requestId,
    ...given,
  });

/** Of those above alone: what the tests themselves send is logged as well. */
const UP_TO = 'before=2026-02-04T00:00:00Z';

const ask = (query = UP_TO, headers: Record<string, string> = {}): Promise<Answer> => {
  const all = query.includes('before=') ? query : `${UP_TO}&${query}`;
  return call(api, `/v1/request-logs?${all}`, { key: admin, headers });
};
const names = (answer: Answer) => answer.json<Page>().items.map(({ requestId }) => requestId);

t.test('entries, newest first, of all tenants', async (t) => {
  const answer = await ask();
  t.equal(answer.status, 200);
  t.equal(answer.headers['cache-control'], 'no-store');
  t.same(names(answer), Object.keys(ROWS).reverse());
  const { items, nextCursor, links } = answer.json<Page>();
  t.equal(nextCursor, null);
  t.same(links, {});
  t.match(items[1], { id: /^\d+$/, tenantId: other });
  const { id: _id, ...last } = items[4] as RequestLogEntry;
  t.same(last, {
    at: '2026-02-03T12:00:00.000Z',
    ip: '203.0.113.7',
    method: 'POST',
    route: '/v1/jobs',
    status: 202,
    durationMs: 1.5,
    bytes: 10,
    principal: 'key-1',
    tenantId: api.tenantId,
    requestId: 'row-one1',
  });
  t.equal(items[3]?.ip, '203.0.113.0/24', 'a truncated address is told as the network');
});

t.test('filters', async (t) => {
  const table: [query: string, found: string[]][] = [
    ['after=2026-02-03T12:04:00Z', ['-five+5']],
    ['before=2026-02-03T12:01:00%2B00:00', ['row-one1']],
    ['network=203.0.113.7', ['row-one1']],
    ['network=203.0.113.0/24', ['row-two2', 'row-one1']],
    ['network=::ffff:203.0.113.0/120', ['row-two2', 'row-one1']],
    ['network=::ffff:203.0.113.7', ['row-one1']],
    ['network=2001:DB8::/32', ['row-three']],
    ['method=DELETE', ['row-three']],
    ['method=delete', ['row-three']],
    ['route=/v1/images/:id', ['row-three']],
    ['route=%2Fv1%2Fimages%2F%3Aid', ['row-three']],
    ['status=404', ['row-four']],
    ['status=4xx', ['row-four', 'row-two2']],
    ['status=5XX', ['-five+5']],
    ['principal=key-of-other', ['row-four']],
    [`tenantId=${other}`, ['row-four']],
    ['requestId=row-two2', ['row-two2']],
    ['status=2xx&method=POST', ['row-one1']],
    ['principal=nobody', []],
  ];
  for (const [query, found] of table) t.same(names(await ask(query)), found, query);
});

t.test('pages', async (t) => {
  for (const limit of [1, 2, 3, 5]) {
    const seen: string[] = [];
    let path: string | undefined = `/v1/request-logs?${UP_TO}&limit=${limit}`;
    while (path !== undefined) {
      const page: Page = (await call(api, path, { key: admin })).json<Page>();
      t.ok(page.items.length <= limit);
      seen.push(...page.items.map(({ requestId }) => requestId));
      path = page.links.next;
    }
    t.same(seen, Object.keys(ROWS).reverse());
  }
});

t.test('what is wrong is named', async (t) => {
  const table: [query: string, name: string][] = [
    ['after=yesterday', 'after'],
    ['before=2026-13-01T00:00:00Z', 'before'],
    ['before=0000-01-01T00:00:00Z', 'before'],
    ['network=nonsense', 'network'],
    ['network=203.0.113.7/33', 'network'],
    ['network=203.0.113.300', 'network'],
    ['network=2001:db8::/129', 'network'],
    ['network=::ffff:203.0.113.7/95', 'network'],
    ['network=203.0.113.7/', 'network'],
    ['network=fe80::1%25eth0', 'network'],
    ['network=', 'network'],
    ['method=P%00ST', 'method'],
    ['route=/v1/%00', 'route'],
    ['status=600', 'status'],
    ['status=4x', 'status'],
    ['status=40x', 'status'],
    ['principal=a%20b', 'principal'],
    ['tenantId=1', 'tenantId'],
    ['requestId=a%0Ab', 'requestId'],
    ['cursor=1', 'cursor'],
    ['cursor=1-9223372036854775808', 'cursor'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['format=xml', 'format'],
    ['ip=203.0.113.7', 'ip'],
    ['status=404&status=500', 'status'],
  ];
  for (const [query, name] of table) {
    const answer = await call(api, `/v1/request-logs?${query}`, { key: admin });
    t.equal(answer.status, 400, query);
    t.equal(problem(answer).code, 'INVALID_REQUEST', query);
    t.match(problem(answer).detail, new RegExp(`\\b${name}\\b`), query);
    t.match(problem(answer).errors, [{ pointer: `/${name}` }], query);
  }
});

t.test('for administrators alone', async (t) => {
  t.equal((await call(api, '/v1/request-logs')).status, 403);
  t.equal((await call(api, '/v1/request-logs', { key: null })).status, 401);
  t.equal((await call(api, '/request-logs?limit=1', { key: admin })).status, 200, 'without a version');
});

const JSONL = 'application/x-ndjson';
const CSV = 'text/csv';

t.test('which form', async (t) => {
  const table: [query: string, accept: string, type: RegExp][] = [
    ['', '*/*', /^application\/json/],
    ['', 'text/html', /^application\/json/],
    ['', JSONL, /^application\/x-ndjson/],
    ['', CSV, /^text\/csv/],
    ['', 'TEXT/CSV;q=0.5', /^text\/csv/],
    ['', `${CSV};q=0.2, ${JSONL};q=0.9`, /^application\/x-ndjson/],
    ['', `${CSV};q=0`, /^application\/json/],
    ['', `application/json, ${CSV}`, /^application\/json/],
    ['format=csv', 'application/json', /^text\/csv/],
    ['format=jsonl', '*/*', /^application\/x-ndjson/],
    ['format=json', CSV, /^application\/json/],
  ];
  for (const [query, accept, type] of table) {
    const answer = await ask(query, { accept });
    t.equal(answer.status, 200);
    t.match(answer.headers['content-type'], type, `${query} ${accept}`);
    t.match(answer.headers.vary, /accept/i);
    const name = answer.headers['content-disposition'];
    if (type.source.includes('json')) t.equal(name === undefined, !type.source.includes('ndjson'));
    else t.match(name, /^attachment; filename="request-logs-[\dT-]+Z\.csv"$/);
  }
});

t.test('JSON Lines', async (t) => {
  const lines = (await ask('format=jsonl')).body.toString();
  const items = (await ask()).json<Page>().items;
  t.equal(lines, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  t.equal((await ask('format=jsonl&principal=nobody')).body.toString(), '');
});

t.test('CSV', async (t) => {
  const text = (await ask('format=csv')).body.toString();
  const { items } = (await ask()).json<Page>();
  const [head, first, ...rest] = text.split('\r\n');
  t.equal(head, 'id,at,ip,method,route,status,durationMs,bytes,principal,tenantId,requestId');
  t.equal(
    first,
    `${items[0]?.id},2026-02-03T12:04:00.000Z,198.51.100.1,POST,/v1/jobs,500,1.5,10,key-1,${api.tenantId},"'-five+5"`,
    'no formula',
  );
  t.equal(
    rest[2],
    `${items[3]?.id},2026-02-03T12:01:00.000Z,203.0.113.0/24,POST,/v1/jobs,401,1.5,10,,,row-two2`,
  );
  t.equal(rest.at(-1), '', 'every line ends');
  t.equal(rest.length, items.length);
});

t.test('an export of more than a page has each row once, in order', async (t) => {
  await api.rows(`
    INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, request_id)
    SELECT timestamptz '2026-01-01' + n / 7 * interval '1 second', '192.0.2.1', 'POST', '/', 200, 1, 1, 'row-' || n
    FROM generate_series(1, 12345) n`);
  const answer = await ask('format=jsonl&network=192.0.2.1');
  const entries = answer.body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RequestLogEntry);
  t.equal(entries.length, 12_345);
  t.equal(new Set(entries.map(({ id }) => id)).size, 12_345);
  const order = entries.map(({ at, id }) => at + id.padStart(10, '0'));
  t.same(order, [...order].sort().reverse());
  const { nextCursor } = (await ask('limit=1')).json<Page>();
  t.equal(
    (await ask(`format=csv&cursor=${nextCursor}`)).body.toString().split('\r\n').length,
    12_345 + Object.keys(ROWS).length - 1 + 2,
    'and can begin behind a cursor',
  );
});

t.test('a client that reads slowly, or goes', async (t) => {
  const { requestLogs } = api.deps.db;
  const { list } = requestLogs;
  let asked = 0;
  requestLogs.list = (query) => {
    asked += 1;
    return list(query);
  };
  t.teardown(() => {
    requestLogs.list = list;
  });
  // 60 pages of a thousand, some 14 MB: more than sockets hold.
  await api.rows(`
    INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, request_id)
    SELECT timestamptz '2025-01-01' + n * interval '1 second', '192.0.2.2', 'POST', '/', 200, 1, 1, 'slow' FROM generate_series(1, 60000) n`);
  const { body } = await request(`${api.origin}/v1/request-logs?format=jsonl&network=192.0.2.2`, {
    headers: { 'x-api-key': admin },
    dispatcher: api.dispatcher,
  });
  let before = -1;
  while (asked !== before) {
    before = asked;
    await sleep(300);
  }
  t.ok(asked >= 1 && asked < 55, `it waits: ${asked} pages`);
  body.on('error', () => undefined);
  body.destroy();
  // Whoever notices late asks for one more at most.
  await eventually(
    async () => (await api.rows(`SELECT FROM pg_stat_activity WHERE state = 'idle in transaction'`)).length,
    (count) => count === 0,
  );
  const atEnd = asked;
  await sleep(500);
  t.ok(asked <= atEnd + 1 && asked < 60, 'and asks for nothing more');
});

t.test('a process that stops breaks an export off', async (t) => {
  const stopping = await startApi();
  const key = await addKey(stopping.rows, { tenantId: stopping.tenantId, alter: `scopes = '{admin}'` });
  await stopping.rows(`
    INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, request_id)
    SELECT timestamptz '2025-01-01' + n * interval '1 second', '192.0.2.2', 'POST', '/', 200, 1, 1, 'slow' FROM generate_series(1, 60000) n`);
  const { body } = await request(`${stopping.origin}/v1/request-logs?format=jsonl`, {
    headers: { 'x-api-key': key },
    dispatcher: stopping.dispatcher,
  });
  stopping.drain();
  await t.rejects(body.text(), 'not a short file that looks whole');
});
