import t from 'tap';
import type { WebhookDelivery, WebhookEndpoint, WebhookEndpointWithSecret } from '../src/schemas/webhook.ts';
import { addKey, startApi } from './app.ts';
import { call, problem } from './client.ts';

const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const URL_OF_MINE = 'https://example.com/hooks?a=1';
const api = await startApi({ env: { MAX_WEBHOOK_ENDPOINTS: '3' } });
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });

const send = (method: 'POST' | 'PATCH', path: string, body?: unknown, headers: Record<string, string> = {}) =>
  call(api, path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
const list = async (key = api.key) =>
  (await call(api, '/v1/webhook-endpoints', { key })).json<{ items: WebhookEndpoint[] }>().items;

async function create(body: object = { url: URL_OF_MINE }): Promise<WebhookEndpointWithSecret> {
  const answer = await send('POST', '/v1/webhook-endpoints', body);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json();
}

async function secretsOf({ id }: { id: string }) {
  const [row] = await api.rows<{ secret: string; previous_secret: string | null }>(
    'SELECT secret, previous_secret FROM webhook_endpoints WHERE id = $1',
    [id],
  );
  return [row?.secret, row?.previous_secret];
}

t.afterEach(() => api.rows('DELETE FROM webhook_endpoints'));

t.test('made, shown, changed, deleted', async (t) => {
  const answer = await send('POST', '/webhook-endpoints', {
    url: 'HTTPS://Example.com:443/hooks',
    events: ['job.failed', 'image.deleted'],
    description: 'Löschungen',
  });
  t.equal(answer.status, 201);
  const { secret, ...made } = answer.json<WebhookEndpointWithSecret>();
  t.match(secret, SECRET);
  t.equal(answer.headers.location, made.links.self);
  t.match(made, {
    url: 'https://example.com/hooks',
    events: ['job.failed', 'image.deleted'],
    description: 'Löschungen',
    enabled: true,
    disabledReason: null,
    failingSince: null,
    previousSecretUntil: null,
  });
  t.same((await call(api, made.links.self)).json(), made, 'the secret is shown once');
  t.same(await list(), [made]);

  const table: [change: object, result: object][] = [
    [{ description: null }, { description: null, events: made.events }],
    [{ events: [] }, { events: [] }],
    [{ url: 'http://example.org:8080/' }, { url: 'http://example.org:8080/' }],
    [{ enabled: false }, { enabled: false, disabledReason: 'owner', disabledAt: String }],
    [{ enabled: true }, { enabled: true, disabledReason: null, disabledAt: null }],
  ];
  for (const [change, result] of table) {
    const changed = await send('PATCH', made.links.self, change);
    t.equal(changed.status, 200, JSON.stringify(change));
    t.match(changed.json(), { id: made.id, ...result });
    t.notOk(changed.body.includes('whsec_'));
    t.match((await call(api, made.links.self)).json(), result);
  }

  t.equal((await call(api, made.links.self, { method: 'DELETE' })).status, 204);
  t.equal((await call(api, made.links.self)).status, 404);
  t.same(await list(), []);
});

t.test('what is refused', async (t) => {
  const { links } = await create();
  const INVALID = '400 INVALID_REQUEST';
  const NOT_ALLOWED = '422 URL_NOT_ALLOWED';
  const url = URL_OF_MINE;
  const table: [body: unknown, said: string][] = [
    [{}, INVALID],
    [[], INVALID],
    [{ url: {} }, INVALID],
    [{ url: null }, INVALID],
    [{ url: '' }, INVALID],
    [{ url: `https://example.com/${'x'.repeat(2048)}` }, INVALID],
    [{ url, events: ['job.queued'] }, INVALID],
    [{ url, events: ['job.failed', 'job.failed'] }, INVALID],
    [{ url, description: 'a\u0000b' }, INVALID],
    [{ url, description: '\ud800' }, INVALID],
    [{ url, description: 'x'.repeat(501) }, INVALID],
    [{ url, secret: 'mine' }, INVALID],
    [{ url: 'example.com' }, NOT_ALLOWED],
    [{ url: 'ftp://example.com' }, NOT_ALLOWED],
    [{ url: 'https://user:password@example.com' }, NOT_ALLOWED],
    [{ url: 'https://example.com:22' }, NOT_ALLOWED],
    [{ url: 'http://localhost/' }, NOT_ALLOWED],
    [{ url: 'http://127.0.0.1/' }, NOT_ALLOWED],
    [{ url: 'http://[::ffff:10.0.0.1]/' }, NOT_ALLOWED],
    [{ url: 'http://169.254.169.254/latest/meta-data' }, NOT_ALLOWED],
  ];
  for (const [body, said] of table) {
    for (const answer of [
      await send('POST', '/v1/webhook-endpoints', body),
      await send('PATCH', links.self, body),
    ]) {
      t.equal(`${answer.status} ${problem(answer).code}`, said, JSON.stringify(body).slice(0, 80));
    }
  }
  t.equal((await list()).length, 1);
  t.match(await list(), [{ url }]);
  t.equal((await send('PATCH', links.self, { enabled: 'yes' })).status, 400);
});

t.test('networks that are allowed in addition', async (t) => {
  const open = await startApi({ env: { OUTGOING_ALLOW: '127.0.0.0/8' } });
  const answer = await call(open, '/v1/webhook-endpoints', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: 'http://127.0.0.1:9999/' }),
  });
  t.equal(answer.status, 201);
});

t.test('no more than so many', async (t) => {
  for (let made = 0; made < 2; made += 1) await create();
  const answers = await Promise.all(
    [1, 2, 3].map(() => send('POST', '/v1/webhook-endpoints', { url: URL_OF_MINE })),
  );
  t.same(answers.map(({ status }) => status).sort(), [201, 409, 409]);
  const refused = answers.find(({ status }) => status === 409);
  t.match(refused && problem(refused), { code: 'TOO_MANY_WEBHOOK_ENDPOINTS', detail: /^There are 3 / });
  t.equal((await list()).length, 3);
});

t.test('sent again under its key, it is made once', async (t) => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const ask = (url: string) => send('POST', '/v1/webhook-endpoints', { url }, headers);
  const first = await ask(URL_OF_MINE);
  const again = await ask(URL_OF_MINE);
  t.equal(again.status, 201);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.headers.location, first.headers.location);
  t.same(again.json(), first.json());
  t.equal(problem(await ask('https://example.org/')).code, 'IDEMPOTENCY_KEY_REUSED');
  t.equal((await list()).length, 1);
});

t.test('a new secret, and for how long the old one signs', async (t) => {
  const made = await create();
  const table: [body: object | undefined, hours: number][] = [
    [undefined, 24],
    [{}, 24],
    [{ overlapHours: 0 }, 0],
    [{ overlapHours: 168 }, 168],
  ];
  let before = made.secret;
  for (const [body, hours] of table) {
    const answer = await send('POST', `${made.links.self}/rotate-secret`, body);
    t.equal(answer.status, 200, JSON.stringify(body));
    const { secret, previousSecretUntil } = answer.json<WebhookEndpointWithSecret>();
    t.match(secret, SECRET);
    t.same(await secretsOf(made), [secret, before]);
    const [row] = await api.rows<{ hours: number }>(
      'SELECT extract(epoch FROM $1::timestamptz - now())::float8 / 3600 AS hours',
      [previousSecretUntil],
    );
    t.ok(Math.abs((row?.hours ?? 0) - hours) < 0.1, `${hours} hours`);
    t.notOk((await call(api, made.links.self)).body.includes('whsec_'));
    before = secret;
  }
  for (const overlapHours of [-1, 169, 1.5, 'x']) {
    t.equal((await send('POST', `${made.links.self}/rotate-secret`, { overlapHours })).status, 400);
  }
  t.equal((await secretsOf(made))[0], before);
});

t.test('the secret for jobs with an address of their own', async (t) => {
  const rotate = (body?: object) => send('POST', '/v1/webhook-secret/rotate', body);
  const stored = () =>
    api.rows<{ now: string; previous: string | null }>(
      'SELECT webhook_secret AS now, previous_webhook_secret AS previous FROM tenants WHERE id = $1',
      [api.tenantId],
    );
  const first = (await rotate()).json<{ secret: string; previousSecretUntil: string | null }>();
  t.match(first.secret, SECRET);
  t.equal(first.previousSecretUntil, null, 'there was none');
  const second = (await rotate({ overlapHours: 1 })).json<typeof first>();
  t.not(second.secret, first.secret);
  t.ok(Date.parse(second.previousSecretUntil ?? '') > Date.now());
  t.same(await stored(), [{ now: second.secret, previous: first.secret }]);
  t.equal((await rotate({ overlapHours: 200 })).status, 400);
  const [other] = await api.rows<{ count: number }>(
    'SELECT count(*)::int AS count FROM tenants WHERE webhook_secret IS NOT NULL',
  );
  t.equal(other?.count, 1, 'nobody else’s');
});

t.test('ping', async (t) => {
  const made = await create({ url: URL_OF_MINE, events: ['job.failed'] });
  const answer = await send('POST', `${made.links.self}/ping`);
  t.equal(answer.status, 202);
  const delivery = answer.json<WebhookDelivery>();
  t.equal(answer.headers.location, delivery.links.self);
  t.match(delivery, { endpointId: made.id, eventType: 'ping', status: 'pending', attempt: 0, jobId: null });
  t.match((await call(api, delivery.links.self)).json(), { payload: { type: 'ping' }, attempts: [] });

  await send('PATCH', made.links.self, { enabled: false });
  const refused = await send('POST', `${made.links.self}/ping`);
  t.equal(`${refused.status} ${problem(refused).code}`, '409 WEBHOOK_ENDPOINT_DISABLED');
});

t.test('tenants do not see each other', async (t) => {
  const made = await create();
  const { self } = made.links;
  const requests: [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object][] = [
    ['GET', self],
    ['PATCH', self, { enabled: false }],
    ['DELETE', self],
    ['POST', `${self}/rotate-secret`, {}],
    ['POST', `${self}/ping`],
  ];
  const missing = `/v1/webhook-endpoints/${crypto.randomUUID()}`;
  for (const [method, path, body] of requests) {
    for (const [address, key] of [
      [path, stranger],
      [path.replace(self, missing), api.key],
    ] as const) {
      const answer = await call(api, address, {
        ...{ method, key },
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      t.equal(
        `${answer.status} ${problem(answer).code}`,
        '404 WEBHOOK_ENDPOINT_NOT_FOUND',
        `${method} ${path}`,
      );
    }
  }
  t.same(await list(stranger), []);
  t.same(await secretsOf(made), [made.secret, null], 'untouched');
  t.equal((await list())[0]?.enabled, true);
});
