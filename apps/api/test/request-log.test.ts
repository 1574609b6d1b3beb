import t from 'tap';
import { startApi, type TestApi } from './app.ts';
import { accept, call, encode, image, upload } from './client.ts';
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
  const trusting = await startApi({ env: { TRUST_PROXY: '127.0.0.0/8, ::1' } });
  const elsewhere = await startApi({ env: { TRUST_PROXY: '10.0.0.0/8' } });
  const table: [what: string, api: TestApi, forwarded: string, ip: string][] = [
    ['nobody is trusted', api, '203.0.113.7', '127.0.0.1'],
    ['another proxy is trusted', elsewhere, '203.0.113.7', '127.0.0.1'],
    ['the proxy is trusted', trusting, '203.0.113.7', '203.0.113.7'],
    ['forged through the proxy', trusting, '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['two proxies', trusting, '203.0.113.7, 127.0.0.2', '203.0.113.7'],
    ['IPv6', trusting, '2001:db8::1', '2001:db8::1'],
    ['IPv4 in IPv6', trusting, '::ffff:203.0.113.7', '203.0.113.7'],
    ['nonsense', trusting, 'nonsense', '127.0.0.1'],
  ];
  for (const [index, [what, target, forwarded, ip]] of table.entries()) {
    const id = `forwarded-${index}`;
    const answer = await upload(target, undefined, {
      headers: { ...named(id), 'x-forwarded-for': forwarded },
    });
    t.equal(answer.status, 202, what);
    t.equal((await logOf(target, id))[0]?.ip, ip);
  }
});
