// Secrets are planted wherever the service takes or makes one; then everything it has written is searched for them: logs at their
// loudest, every column of every table, all of Redis.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeApiKey } from '@tintype/prisma';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { request } from 'undici';
import { ended, type Service, startService } from './processes.ts';
import { dumpDatabase, dumpRedis, placesOf, query } from './stores.ts';

/** Where a secret stands because the service can't do without. */
const STORED: Record<string, string[]> = {
  // HMAC needs the secret itself.
  'the secret of an endpoint': ['webhook_endpoints.secret', 'webhook_endpoints.previous_secret'],
  'the secret of an endpoint before': ['webhook_endpoints.secret', 'webhook_endpoints.previous_secret'],
  'the secret for jobs': ['tenants.webhook_secret', 'tenants.previous_webhook_secret'],
  // Where to call, and what to fetch, is the tenant's to say; and a delivery must know where it goes.
  'the query of a webhook': ['webhook_endpoints.url', 'webhook_deliveries.url', 'jobs.webhook_url'],
  'the query of an image to fetch': ['images.source_url'],
  // No secret, and still nothing for a log.
  'the address of a client': ['request_logs.ip'],
};

const RUNS = [
  { queue: 'redis', level: 'trace', skip: process.env.TEST_NO_REDIS ?? false },
  { queue: 'postgres', level: 'debug', skip: false },
] as const;

const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a35' } })
  .jpeg()
  .toBuffer();
const canary = () => `canary${crypto.randomUUID().replaceAll('-', '')}`;

/** Hears webhooks, gives pictures, and remembers how it was asked. */
const heard: IncomingMessage[] = [];
const far = createServer((asked, answer) => {
  heard.push(asked);
  asked.resume();
  const isPicture = asked.url?.startsWith('/picture') ?? false;
  answer.writeHead(isPicture || asked.url?.startsWith('/hook') ? 200 : 404).end(isPicture ? picture : '');
}).listen(0, '127.0.0.1');
await once(far, 'listening');
t.teardown(() => {
  far.closeAllConnections();
  far.close();
});
const farAway = `http://127.0.0.1:${(far.address() as AddressInfo).port}`;

type Headers = Record<string, string>;

interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, string>;
}

function speakTo({ address }: Service) {
  return async (
    method: string,
    path: string,
    given: { headers?: Headers; body?: unknown } = {},
  ): Promise<Answered> => {
    const { headers = {}, body } = given;
    const isText = typeof body === 'string';
    const answer = await request(`${address}${path}`, {
      method: method as 'GET',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? null : isText ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isJson = /json/.test(String(answer.headers['content-type']));
    return { status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : {} };
  };
}

/** Does what people and programs do, and what they should not; answers the secrets by name. */
async function plant(t: Test, service: Service): Promise<Record<string, string>> {
  const ask = speakTo(service);
  const secrets: Record<string, string> = {};
  const remember = (name: string, secret = canary()) => {
    secrets[name] = secret;
    return secret;
  };
  async function expect(
    status: number,
    method: string,
    path: string,
    given?: { headers?: Headers; body?: unknown },
  ) {
    const answer = await ask(method, path, given);
    t.equal(
      answer.status,
      status,
      `${method} ${path.split('?')[0]}: ${JSON.stringify(answer.body).slice(0, 200)}`,
    );
    return answer;
  }
  const sessionOf = ({ headers }: Answered) =>
    /tintype=([^;]+)/.exec([headers['set-cookie']].flat().join())?.[1] ?? '';

  const email = 'ada@example.com';
  const password = remember('a password');
  const registered = await expect(201, 'POST', '/v1/users', { body: { email, password, name: 'Ada' } });
  remember('the session of who registers', sessionOf(registered));
  const login = await expect(201, 'POST', '/v1/sessions', { body: { email, password } });
  const cookie = { cookie: `tintype=${remember('the session of who logs in', sessionOf(login))}` };
  await expect(401, 'POST', '/v1/sessions', { body: { email, password: remember('a wrong password') } });
  await expect(401, 'POST', '/v1/sessions', {
    body: { email: 'nobody@example.com', password: remember('the password of nobody') },
  });
  await expect(400, 'POST', '/v1/sessions', {
    body: `{"email": "${email}", "password": "${remember('broken JSON')}"`,
  });
  await expect(400, 'POST', '/v1/users', {
    body: { email: 'x', password: remember('the password of nonsense') },
  });
  await expect(400, 'POST', '/v1/sessions', {
    body: { email, password, [remember('a name')]: remember('a value') },
  });
  await expect(413, 'POST', '/v1/sessions', { body: remember('a large body') + 'x'.repeat(2_000_000) });
  await expect(204, 'PUT', '/v1/users/me/password', {
    headers: cookie,
    body: { currentPassword: password, newPassword: remember('a new password') },
  });
  await expect(401, 'GET', '/v1/users/me', {
    headers: { cookie: `tintype=${remember('a forged session')}` },
  });
  await expect(401, 'GET', '/v1/users/me', {
    headers: {
      cookie: `tintype=${Buffer.from(remember('another forged one').slice(0, 32)).toString('base64url')}`,
    },
  });

  const made = await expect(201, 'POST', '/v1/api-keys', { headers: cookie, body: { name: 'web' } });
  const key = made.body.key ?? '';
  remember('the secret of a key', key.split('_')[2] ?? '');
  const rotated = await expect(201, 'POST', `/v1/api-keys/${made.body.id}/rotate`, {
    headers: cookie,
    body: {},
  });
  remember('the secret of a rotated key', (rotated.body.key ?? '').split('_')[2] ?? '');
  const unknown = makeApiKey().key;
  remember('the secret of an unknown key', unknown.split('_')[2] ?? '');
  await expect(401, 'GET', '/v1/jobs', { headers: { 'x-api-key': unknown } });
  await expect(401, 'GET', '/v1/jobs', { headers: { 'x-api-key': remember('no key at all') } });
  const token = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"1"}').toString('base64url')}.${remember('a bearer token')}`;
  await expect(401, 'GET', '/v1/jobs', { headers: { authorization: `Bearer ${token}` } });
  const basic = Buffer.from(`admin:${remember('a password of HTTP')}`).toString('base64');
  await expect(401, 'GET', '/admin/queues', { headers: { authorization: `Basic ${basic}` } });

  const signed = {
    'x-signature': remember('a signed header'),
    signature: `sig1=:${remember('a signature')}:`,
    'x-forwarded-for': remember('an address'),
    traceparent: remember('a trace'),
    'user-agent': 'canary test',
  };
  await expect(200, 'GET', '/v1/jobs', { headers: { 'x-api-key': key, ...signed } });
  const client = remember('the address of a client', '2001:db8:1234:5678:9abc:def1:2345:6789');
  for (const path of ['/v1/sessions', '/v1/jobs', '/nowhere'])
    await ask('POST', path, {
      headers: { 'x-forwarded-for': client },
      body: { email, password: 'not this one' },
    });
  for (const path of [
    '/v1/jobs',
    '/jobs',
    '/healthz',
    '/v1/images/1',
    '/nowhere',
    '/v1/%zz',
    '/admin/queues',
    '/docs',
  ]) {
    const secret = remember(`the query of ${path}`);
    await ask('GET', `${path}?signature=${secret}&token=${secret}`, { headers: { 'x-api-key': key } });
    await ask('POST', `${path}?signature=${secret}`, { headers: { 'x-api-key': key }, body: {} });
  }
  await expect(400, 'GET', `/v1/jobs?limit=${remember('a query that is refused')}`, {
    headers: { 'x-api-key': key },
  });
  await expect(400, 'GET', `/v1/jobs/${remember('a path')}`, { headers: { 'x-api-key': key } });

  const url = `${farAway}/hook?token=${remember('the query of a webhook')}`;
  const hook = await expect(201, 'POST', '/v1/webhook-endpoints', {
    headers: { 'x-api-key': key, 'idempotency-key': 'once' },
    body: { url },
  });
  remember('the secret of an endpoint before', hook.body.secret);
  const again = await expect(200, 'POST', `/v1/webhook-endpoints/${hook.body.id}/rotate-secret`, {
    headers: { 'x-api-key': key, 'idempotency-key': 'twice' },
    body: {},
  });
  remember('the secret of an endpoint', again.body.secret);
  const ofJobs = await expect(200, 'POST', '/v1/webhook-secret/rotate', {
    headers: { 'x-api-key': key, 'idempotency-key': 'thrice' },
    body: {},
  });
  remember('the secret for jobs', ofJobs.body.secret);
  const query = remember('the query of an image to fetch');
  for (const path of ['picture', 'nothing']) {
    const body = { url: `${farAway}/${path}?signature=${query}`, webhookUrl: url };
    const job = await expect(202, 'POST', '/v1/jobs', { headers: { 'x-api-key': key }, body });
    const found = await expect(200, 'GET', `/v1/jobs/${job.body.id}?wait=30`, {
      headers: { 'x-api-key': key },
    });
    t.equal(found.body.status, path === 'picture' ? 'completed' : 'failed');
  }
  await expect(422, 'POST', '/v1/jobs', {
    headers: { 'x-api-key': key },
    body: { url: `http://user:${remember('the password of an image to fetch')}@127.0.0.1/a.png` },
  });
  const hooks = () => heard.filter(({ url }) => url?.includes(secrets['the query of a webhook'] ?? '?'));
  for (let turn = 0; turn < 300 && hooks().length < 4; turn += 1) await sleep(100);
  t.equal(hooks().length, 4, 'both jobs, to the endpoint and to the address of their own');
  for (const [index, { headers }] of hooks().entries())
    for (const [nth, signature] of String(headers['webhook-signature']).split(' ').entries())
      remember(`signature ${nth} of webhook ${index}`, signature.replace('v1,', ''));
  return secrets;
}

for (const { queue, level, skip } of RUNS) {
  t.test(`queue on ${queue}, logs at ${level}`, { skip }, async (t) => {
    const env = {
      LOG_LEVEL: level,
      OUTGOING_ALLOW: '127.0.0.0/8',
      SECURE_COOKIES: 'no',
      DEFAULT_PLAN: 'unlimited',
      TRUST_PROXY: '127.0.0.0/8',
      RETRY_DELAY_MS: '10',
    };
    const service = await startService(env, queue);
    const logs = new Map<string, string>();
    const processes = { api: service.api, worker: service.worker };
    for (const [name, child] of Object.entries(processes))
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (data) => logs.set(name, `${logs.get(name) ?? ''}${data}`));

    const secrets = await plant(t, service);
    // The last rows are written when they go.
    for (const child of Object.values(processes)) child.kill('SIGTERM');
    await Promise.all(Object.values(processes).map(ended));

    const [database, redis] = [
      await dumpDatabase(service.databaseUrl),
      await dumpRedis(service.env.QUEUE_URL ?? ''),
    ];
    t.ok(database.size > 100, `${database.size} columns`);
    t.match(database.get('users.email'), /ada@example\.com/, 'it is all of this database');
    t.equal(redis.size > 0, queue === 'redis');
    const rows = await query<{ count: number }>(
      service.databaseUrl,
      'SELECT count(*)::int FROM request_logs',
    );
    t.ok((rows[0]?.count ?? 0) > 15, 'requests are logged');
    t.match(logs.get('api'), new RegExp(`"level":${level === 'trace' ? '(10|20|30)' : '(20|30)'}`));
    t.match(logs.get('worker'), /taking jobs|"level"/);
    t.ok(Object.keys(secrets).length > 40, `${Object.keys(secrets).length} secrets`);
    for (const [name, secret] of Object.entries(secrets)) {
      t.ok(secret.length >= 20, `${name} is long enough to be looked for`);
      t.same(placesOf(secret, logs), [], `${name} in the logs`);
      t.same(placesOf(secret, redis), [], `${name} in Redis`);
      const unwanted = placesOf(secret, database).filter((place) => !STORED[name]?.includes(place));
      t.same(unwanted, [], `${name} in the database`);
    }
    // What is looked for is found where it must be.
    for (const name of Object.keys(STORED))
      t.ok(placesOf(secrets[name] ?? '', database).length > 0, `${name} is found where it is kept`);
  });
}
