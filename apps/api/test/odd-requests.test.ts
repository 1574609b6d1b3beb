import t from 'tap';
import { startApi } from './app.ts';
import { BOUNDARY, call, postJson } from './client.ts';
import { openWire } from './wire.ts';

const api = await startApi();
const KEY = `x-api-key: ${api.key}`;
const HOST = 'host: test';

const CASES: [what: string, head: string[], status: number, code: string][] = [
  ['no host', ['GET /v1/jobs HTTP/1.1', KEY], 400, 'INVALID_REQUEST'],
  ['no host, and nowhere', ['GET /v1/job HTTP/1.1', KEY], 400, 'INVALID_REQUEST'],
  [
    'a body to nowhere that is no JSON',
    ['POST /v1/job HTTP/1.1', HOST, 'content-type: application/json', 'content-length: 1'],
    404,
    'NOT_FOUND',
  ],
  [
    'a body to nowhere that nobody reads',
    ['QUERY /v1/jobs HTTP/1.1', HOST, 'content-length: 1'],
    404,
    'NOT_FOUND',
  ],
  [
    'a large body to nowhere',
    ['PUT /v1/job HTTP/1.1', HOST, 'content-type: text/x', 'content-length: 99999999'],
    404,
    'NOT_FOUND',
  ],
];

for (const [what, head, status, code] of CASES) {
  t.test(what, async (t) => {
    const wire = await openWire(api);
    await wire.send(`${head.join('\r\n')}\r\n\r\n{`);
    const text = await wire.read((said) => said.includes('requestId'));
    wire.socket.destroy();
    t.match(text, `HTTP/1.1 ${status} `);
    t.match(text, 'content-type: application/problem+json');
    t.match(text, `"code":"${code}"`);
    t.match(text, 'x-request-id: ');
  });
}

t.test('HTTP/1.0 needs no host', async (t) => {
  const wire = await openWire(api);
  await wire.send(`GET /healthz HTTP/1.0\r\n\r\n`);
  t.match(await wire.read(), /^HTTP\/1.1 200 .*"status":"ok"/s);
});

t.test('what nobody knows how to expect is not expected', async (t) => {
  const wire = await openWire(api);
  await wire.send(
    `GET /v1/jobs HTTP/1.1\r\n${HOST}\r\n${KEY}\r\nexpect: 200-maybe\r\nconnection: close\r\n\r\n`,
  );
  t.match(await wire.read(), /^HTTP\/1.1 200 .*"items":\[\]/s);
});

t.test('a boundary that is too long', async (t) => {
  const type = `multipart/form-data; boundary=${'b'.repeat(300)}`;
  const answer = await call(api, '/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': type },
    body: 'x',
  });
  t.equal(answer.status, 400);
  t.match(answer.json(), { code: 'BAD_MULTIPART' });
});

t.test('a body where none is wanted is refused as documented', async (t) => {
  const answer = await call(api, `/v1/images/${crypto.randomUUID()}`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/xml' },
    body: '<x/>',
  });
  t.equal(answer.status, 415);
});

t.test('a part without a name', async (t) => {
  const form = `--${BOUNDARY}\r\ncontent-disposition: form-data; filename="a.png"\r\n\r\nx\r\n--${BOUNDARY}--\r\n`;
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
  const answer = await call(api, '/v1/jobs', { method: 'POST', headers, body: form });
  t.equal(answer.status, 400);
  t.match(answer.json(), { code: 'UNKNOWN_PART' });
});

t.test('numbers without end', async (t) => {
  for (const number of ['9'.repeat(400), '1e999', '-1e999'])
    for (const path of ['/v1/jobs?limit=', '/v1/events?wait=', '/v1/webhook-deliveries?limit='])
      t.equal((await call(api, path + number)).status, 400, path + number);
  t.equal((await postJson(api, '/v1/jobs/retry', { limit: '1e999' })).status, 400);
  const body = '{"limit":1e999}';
  const headers = { 'content-type': 'application/json' };
  t.equal((await call(api, '/v1/jobs/retry', { method: 'POST', headers, body })).status, 400);
});
