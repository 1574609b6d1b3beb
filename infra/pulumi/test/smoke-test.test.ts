// The smoke test against a server that plays the service, well and ill.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { runSmokeTest, type SmokeTest, type Verdict } from '../src/smoke.ts';
import { readArguments } from '../src/smoke-test.ts';

const PICTURE = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

interface Reply {
  status: number;
  json?: unknown;
  bytes?: Uint8Array;
  cookie?: string;
}
/** `METHOD /path` → what it is answered each time; the last answer is given again. */
type Service = Record<string, Reply[]>;

const WELL: Service = {
  'GET /readyz': [{ status: 503 }, { status: 200 }],
  'POST /v1/users': [{ status: 201, json: { id: 'u' }, cookie: '__Host-tintype=abc; HttpOnly; Secure' }],
  'POST /v1/api-keys': [{ status: 201, json: { id: 'k', key: 'tt_key' } }],
  'POST /v1/jobs': [{ status: 202, json: { id: 'job-1', status: 'queued' } }],
  'GET /v1/jobs/job-1': [
    { status: 200, json: { id: 'job-1', status: 'running' } },
    { status: 200, json: { id: 'job-1', status: 'completed', imageId: 'image-1' } },
  ],
  'GET /v1/images/image-1/original': [{ status: 200, bytes: PICTURE }],
  'DELETE /v1/images/image-1': [{ status: 204 }],
  'DELETE /v1/users/me': [{ status: 204 }],
};

interface Seen {
  what: string;
  headers: IncomingMessage['headers'];
  body: string;
}

async function against(
  service: Service,
  more: Partial<SmokeTest> = {},
): Promise<{ verdict: Verdict | undefined; error: Error | undefined; seen: Seen[]; said: string[] }> {
  const left = structuredClone(service);
  const seen: Seen[] = [];
  const said: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const what = `${request.method} ${request.url}`;
    seen.push({ what, headers: request.headers, body: Buffer.concat(chunks).toString('latin1') });
    const replies = left[what] ?? [{ status: 404 }];
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 404 };
    response.writeHead(reply.status, reply.cookie === undefined ? {} : { 'set-cookie': reply.cookie });
    response.end(reply.bytes ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const run: SmokeTest = {
    ...{ url: `http://127.0.0.1:${port}`, picture: PICTURE, apiKey: undefined },
    ...{ readyTimeoutMs: 2000, jobTimeoutMs: 2000, requestTimeoutMs: 2000, lookEveryMs: 5 },
    say: (step) => said.push(step),
    ...more,
  };
  const ended = await runSmokeTest(run).then(
    (verdict) => ({ verdict, error: undefined }),
    (error: Error) => ({ verdict: undefined, error }),
  );
  server.close();
  server.closeAllConnections();
  return { ...ended, seen, said };
}

const order = (seen: Seen[]) => seen.map(({ what }) => what).filter((what, at, all) => what !== all[at - 1]);

test('a service that is well: everything is asked in its order, and the account is gone in the end', async () => {
  const { verdict, seen } = await against(WELL);
  assert.equal(verdict, 'works');
  assert.deepEqual(order(seen), [
    ...['GET /readyz', 'POST /v1/users', 'POST /v1/api-keys', 'POST /v1/jobs', 'GET /v1/jobs/job-1'],
    ...['GET /v1/images/image-1/original', 'DELETE /v1/users/me'],
  ]);
  const by = (what: string) => seen.find((one) => one.what === what);
  assert.equal(by('POST /v1/api-keys')?.headers.cookie, '__Host-tintype=abc');
  assert.equal(by('POST /v1/jobs')?.headers['x-api-key'], 'tt_key');
  assert.match(by('POST /v1/jobs')?.body ?? '', /name="image"; filename="lighthouse.jpg"/);
  const { password } = JSON.parse(by('POST /v1/users')?.body ?? '{}') as { password?: string };
  assert.equal(by('DELETE /v1/users/me')?.body, JSON.stringify({ password }));
});

test('with a key no account is made, and what was posted is deleted', async () => {
  const { verdict, seen } = await against(WELL, { apiKey: 'tt_mine' });
  assert.equal(verdict, 'works');
  assert.deepEqual(order(seen), [
    ...['GET /readyz', 'POST /v1/jobs', 'GET /v1/jobs/job-1', 'GET /v1/images/image-1/original'],
    'DELETE /v1/images/image-1',
  ]);
});

test('with a key, a picture that the account had before stays', async () => {
  const had = { ...WELL, 'POST /v1/jobs': [{ status: 200, json: { id: 'job-1', status: 'completed' } }] };
  const { verdict, seen } = await against(had, { apiKey: 'tt_mine' });
  assert.equal(verdict, 'works');
  assert.ok(!order(seen).includes('DELETE /v1/images/image-1'));
});

test('closed registration is told, and is no failure', async () => {
  const closed = { 'POST /v1/users': [{ status: 403, json: { code: 'REGISTRATION_CLOSED' } }] };
  const { verdict, said } = await against({ ...WELL, ...closed });
  assert.equal(verdict, 'closed');
  assert.ok(said.some((step) => step.includes('TINTYPE_API_KEY')));
});

const ILL: { name: string; but: Service; more?: Partial<SmokeTest>; says: RegExp; isLeft?: boolean }[] = [
  {
    name: 'never ready',
    but: { 'GET /readyz': [{ status: 503 }] },
    more: { readyTimeoutMs: 30 },
    says: /not ready.*503/,
    isLeft: true,
  },
  {
    name: 'another refusal to register is a failure',
    but: { 'POST /v1/users': [{ status: 403, json: { code: 'CROSS_SITE_REQUEST' } }] },
    says: /register an account: 403/,
    isLeft: true,
  },
  {
    name: 'no cookie',
    but: { 'POST /v1/users': [{ status: 201, json: {} }] },
    says: /no cookie/,
    isLeft: true,
  },
  { name: 'a picture is refused', but: { 'POST /v1/jobs': [{ status: 503 }] }, says: /post a picture: 503/ },
  {
    name: 'a job fails',
    but: { 'GET /v1/jobs/job-1': [{ status: 200, json: { status: 'failed', error: 'BROKEN' } }] },
    says: /is failed.*BROKEN/,
  },
  {
    name: 'no worker',
    but: { 'GET /v1/jobs/job-1': [{ status: 200, json: { status: 'queued' } }] },
    more: { jobTimeoutMs: 30 },
    says: /queued after.*does a worker run/,
  },
  {
    name: 'other bytes come back',
    but: { 'GET /v1/images/image-1/original': [{ status: 200, bytes: new Uint8Array([1]) }] },
    says: /other bytes/,
  },
];

for (const { name, but, more, says, isLeft } of ILL) {
  test(`a service that is ill: ${name}`, async () => {
    const { error, seen } = await against({ ...WELL, ...but }, more);
    assert.match(error?.message ?? '', says);
    assert.equal(order(seen).at(-1) === 'DELETE /v1/users/me', isLeft !== true, 'the account is deleted');
  });
}

test('an account that can not be deleted is a failure', async () => {
  const { error } = await against({ ...WELL, 'DELETE /v1/users/me': [{ status: 500 }] });
  assert.match(error?.message ?? '', /delete the account: 500/);
});

test('arguments', () => {
  const read = readArguments(['https://images.example.com//', '--job-seconds', '5'], { TINTYPE_API_KEY: '' });
  assert.equal(read.url, 'https://images.example.com');
  assert.equal(read.jobTimeoutMs, 5000);
  assert.equal(read.apiKey, undefined);
  assert.throws(() => readArguments([], {}), /Name one URL/);
  assert.throws(() => readArguments(['ftp://x'], {}), /no URL/);
  assert.throws(() => readArguments(['http://x', '--ready-seconds', 'soon'], {}), /number of seconds/);
});
