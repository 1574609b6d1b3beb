import t from 'tap';
import { request } from 'undici';
import { startApi, type TestApi } from './app.ts';
import { accept, call, encode, image, postJson, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { chunked, FILE_HEAD, openWire, postHead } from './wire.ts';

interface Row {
  at: Date;
  ip: string;
  method: string;
  route: string;
  status: number;
  duration_ms: number;
  bytes: string;
  principal: string | null;
  tenant_id: string | null;
  request_id: string;
}

const logOf = (api: TestApi, requestId: string) =>
  eventually(
    () => api.rows<Row>('SELECT * FROM request_logs WHERE request_id = $1', [requestId]),
    ({ length }) => length > 0,
  );

const named = (id: string) => ({ 'x-request-id': id });
const api = await startApi();
const keyId = api.key.split('_')[1] as string;

t.test('a row for each upload, however it ends', async (t) => {
  const form = encode([image()]);
  const table: [
    id: string,
    status: number,
    principal: string | null,
    send: (id: string) => Promise<unknown>,
  ][] = [
    ['accepted', 202, keyId, (id) => upload(api, undefined, { headers: named(id) })],
    ['versionless', 202, keyId, (id) => accepted(id)],
    ['no-image', 400, keyId, (id) => upload(api, [], { headers: named(id) })],
    [
      'no-form-at-all',
      415,
      keyId,
      (id) => call(api, '/v1/jobs', { method: 'POST', body: 'x', headers: named(id) }),
    ],
    ['without-a-key', 401, null, (id) => upload(api, undefined, { key: null, headers: named(id) })],
  ];
  function accepted(id: string) {
    const headers = { ...named(id), 'content-type': 'multipart/form-data; boundary=a-boundary' };
    return call(api, '/jobs?a=secret', { method: 'POST', body: form, headers });
  }
  for (const [id, status, principal, send] of table) {
    const before = Date.now();
    await send(id);
    const found = await logOf(api, id);
    t.equal(found.length, 1, id);
    const [row] = found as [Row];
    t.match(row, { ip: '127.0.0.1', method: 'POST', route: '/v1/jobs', status, principal });
    t.equal(row.tenant_id, principal === null ? null : api.tenantId);
    t.ok(row.at.getTime() >= before - 1000 && row.at.getTime() <= Date.now() + 1000, 'when it began');
    t.ok(row.duration_ms > 0, 'how long it took');
    t.equal(Number(row.bytes) > 0, true, 'how much was sent');
  }
});

t.test('who logs in is named', async (t) => {
  const person = { email: 'ada@example.com', password: 'a long password' };
  const table: [id: string, path: string, body: object, status: number, isNamed: boolean][] = [
    ['registering', '/v1/users', person, 201, true],
    ['logging-in', '/v1/sessions', person, 201, true],
    ['failing-to-log-in', '/v1/sessions', { ...person, password: 'a wrong password' }, 401, false],
  ];
  for (const [id, path, body, status, isNamed] of table) {
    t.equal((await postJson(api, path, body, { key: null, headers: named(id) })).status, status);
    const [user] = await api.rows<{ principal: string; tenant_id: string }>(
      'SELECT id AS principal, tenant_id FROM users WHERE email = $1',
      [person.email],
    );
    const nobody = { principal: null, tenant_id: null };
    t.match((await logOf(api, id))[0], { route: path, status, ...(isNamed ? user : nobody) });
  }
});

t.test('who hung up is written down as 499', async (t) => {
  const wire = await openWire(api);
  await wire.send(postHead(api, ['transfer-encoding: chunked', 'x-request-id: hung-up-half-way']));
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), pictureOf(100_000)])));
  await eventually(api.traces, ({ uploads }) => uploads === 1);
  wire.socket.resetAndDestroy();
  const [row] = await logOf(api, 'hung-up-half-way');
  t.match(row, { status: 499, ip: '127.0.0.1', route: '/v1/jobs', principal: keyId });

  const leave = new AbortController();
  const headers = { ...named('hung-up-waiting'), prefer: 'wait=60' };
  const answer = upload(api, undefined, { headers, signal: leave.signal });
  const recorded = () => api.rows(`SELECT 1 FROM jobs WHERE request_id = 'hung-up-waiting'`);
  await eventually(recorded, ({ length }) => length === 1);
  leave.abort();
  await t.rejects(answer);
  const [waited] = await logOf(api, 'hung-up-waiting');
  t.match(waited, { status: 499, ip: '127.0.0.1', principal: keyId });
  t.ok((waited?.duration_ms ?? 0) > 0);
});

t.test('reading leaves no row', async (t) => {
  const job = await accept(api);
  const headers = named('only-reading');
  for (const path of [
    job.links.self,
    job.links.image,
    `${job.links.image}/original`,
    '/v1/jobs',
    '/healthz',
  ]) {
    await call(api, path, { headers });
    await call(api, path, { headers, method: 'HEAD' });
  }
  await call(api, '/nowhere', { headers, method: 'POST' });
  // Rows are written in order: when the last is there, the others would be.
  await upload(api, undefined, { headers: named('after-reading') });
  t.equal((await logOf(api, 'after-reading')).length, 1);
  t.same(await api.rows(`SELECT * FROM request_logs WHERE request_id = 'only-reading'`), []);
});

t.test('a forged X-Forwarded-For', async (t) => {
  const trusting = await startApi({ env: { TRUST_PROXY: '127.0.0.0/8, ::1, 2001:db8:a::/48' } });
  const elsewhere = await startApi({ env: { TRUST_PROXY: '10.0.0.0/8' } });
  const table: [what: string, api: TestApi, forwarded: string | string[], ip: string][] = [
    ['nobody is trusted', api, '203.0.113.7', '127.0.0.1'],
    ['another proxy is trusted', elsewhere, '203.0.113.7', '127.0.0.1'],
    ['the proxy is trusted', trusting, '203.0.113.7', '203.0.113.7'],
    ['forged through the proxy', trusting, '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['two proxies', trusting, '203.0.113.7, 127.0.0.2', '203.0.113.7'],
    ['three proxies, one of them IPv6', trusting, '203.0.113.7, 2001:db8:a::2, 127.0.0.2', '203.0.113.7'],
    ['forged through three', trusting, '127.0.0.9, 203.0.113.7, 2001:db8:a::2, 127.0.0.2', '203.0.113.7'],
    ['behind a stranger', trusting, '203.0.113.7, 198.51.100.1, 127.0.0.2', '198.51.100.1'],
    ['proxies alone', trusting, '127.0.0.3, 127.0.0.2', '127.0.0.3'],
    ['two headers', trusting, ['198.51.100.1', '203.0.113.7'], '203.0.113.7'],
    ['IPv6', trusting, '2001:db8::1', '2001:db8::1'],
    ['IPv6 in its long form', trusting, '2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['IPv6 with a zone', trusting, 'fe80::1%eth0', 'fe80::1'],
    ['IPv6 of a trusted network', trusting, '2001:db8::1, 2001:db8:a::1', '2001:db8::1'],
    ['IPv6 beside it', trusting, '2001:db8::1, 2001:db8:b::1', '2001:db8:b::1'],
    ['IPv4 in IPv6', trusting, '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv4 in IPv6, in hexadecimal', trusting, '::ffff:cb00:7107', '203.0.113.7'],
    ['with a port', trusting, '203.0.113.7:4711', '127.0.0.1'],
    ['nonsense', trusting, 'nonsense', '127.0.0.1'],
    ['nothing', trusting, '', '127.0.0.1'],
  ];
  for (const [index, [what, target, forwarded, ip]] of table.entries()) {
    const id = `forwarded-${index}`;
    const { statusCode, body } = await request(`${target.origin}/v1/jobs/retry`, {
      method: 'POST',
      headers: {
        ...named(id),
        'x-api-key': target.key,
        'content-type': 'application/json',
        'x-forwarded-for': forwarded,
        // What other proxies send means nothing here.
        'x-real-ip': '192.0.2.9',
        forwarded: 'for=192.0.2.9',
      },
      body: '{"status":"failed"}',
    });
    await body.dump();
    t.equal(statusCode, 202, what);
    t.equal((await logOf(target, id))[0]?.ip, ip, what);
  }
});

t.test('attempts to log in are counted by the same address', async (t) => {
  const env = { LOGIN_ATTEMPTS_PER_ADDRESS: '2', LOGIN_WINDOW_SECONDS: '86400' };
  const straight = await startApi({ env });
  const proxied = await startApi({ env: { ...env, TRUST_PROXY: '127.0.0.1' } });
  const attempt = async (target: TestApi, forwarded: string) => {
    const body = { email: `${crypto.randomUUID()}@example.com`, password: 'a wrong password' };
    const headers = { 'x-forwarded-for': forwarded };
    return (await postJson(target, '/v1/sessions', body, { key: null, headers })).status;
  };
  const table: [what: string, target: TestApi, forwarded: string[], statuses: number[]][] = [
    ['whatever a stranger says', straight, ['203.0.113.1', '203.0.113.2', '203.0.113.3'], [401, 401, 429]],
    ['what the proxy saw', proxied, ['203.0.113.1', '203.0.113.1', '203.0.113.1'], [401, 401, 429]],
    ['another client of the proxy', proxied, ['203.0.113.2', '203.0.113.2'], [401, 401]],
    ['forged before it', proxied, ['198.51.100.1, 203.0.113.1', '198.51.100.2, 203.0.113.1'], [429, 429]],
    ['the same in IPv6', proxied, ['::ffff:203.0.113.1', '::ffff:cb00:7101'], [429, 429]],
    // One household has a /64.
    ['one IPv6 network', proxied, ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::3'], [401, 401, 429]],
    ['its neighbour', proxied, ['2001:db8:0:1::1'], [401]],
  ];
  for (const [what, target, forwarded, statuses] of table) {
    const found: number[] = [];
    for (const one of forwarded) found.push(await attempt(target, one));
    t.same(found, statuses, what);
  }
});

t.test('rows that are lost are counted, and told once a second', async (t) => {
  const { requestLogs } = api.deps.db;
  const { write } = requestLogs;
  const warnings: { rows: number }[] = [];
  const { warn } = api.app.log;
  t.teardown(() => {
    requestLogs.write = write;
    api.app.log.warn = warn;
  });
  requestLogs.write = async () => {
    throw new Error('no');
  };
  api.app.log.warn = (...args: unknown[]) => {
    warnings.push(args[0] as { rows: number });
  };
  const lost = async () => {
    const text = (await call(api, '/metrics', { key: null })).body.toString();
    return Number(/^tintype_request_log_rows_lost_total (\d+)$/m.exec(text)?.[1]);
  };
  const before = await lost();
  const retry = () => postJson(api, '/v1/jobs/retry', { status: 'failed' });
  await Promise.all(Array.from({ length: 20 }, retry));
  t.equal((await eventually(lost, (count) => count === before + 20)) - before, 20);
  const told = () => warnings.reduce((sum, { rows }) => sum + rows, 0);
  t.equal(await eventually(told, (rows) => rows === 20), 20);
  t.ok(warnings.length <= 2, `${warnings.length} lines`);
});
