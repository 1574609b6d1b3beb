import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import type { WebhookDelivery, WebhookDeliveryWithAttempts } from '../src/schemas/webhook.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { fail, finish } from './worker.ts';

interface Page {
  items: WebhookDelivery[];
  nextCursor: string | null;
  links: { next?: string };
}

const api = await startApi();
const { database: db } = api;
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });

async function makeEndpoint(events: string[]): Promise<string> {
  const answer = await call(api, '/v1/webhook-endpoints', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: 'https://example.com/hooks', events }),
  });
  return answer.json<{ id: string }>().id;
}

const all = await makeEndpoint([]);
const failures = await makeEndpoint(['job.failed']);
const done: Job[] = [];
for (let made = 0; made < 3; made += 1) done.push(await accept(api));
for (const job of done) await finish(api, job);
const bad = await accept(api);
await fail(api, bad);
const [first, second] = done as [Job, Job, Job];

const page = async (query: string, key = api.key) =>
  (await call(api, `/v1/webhook-deliveries?${query}`, { key })).json<Page>();
const only = async (query: string) => (await page(query)).items[0] as WebhookDelivery;
const read = async ({ links }: WebhookDelivery) =>
  (await call(api, links.self)).json<WebhookDeliveryWithAttempts>();
const redeliver = ({ links }: { links: { self: string } }, key = api.key) =>
  call(api, `${links.self}/redeliver`, { method: 'POST', key });

/** One try by a worker. */
async function send({ id }: { id: string }, status: number, retryAfterMs: number | null = null) {
  const claimed = await db.sending.claim(id, { leaseMs: 60_000 });
  if (claimed === undefined) throw new Error(`Delivery ${id} can not be claimed.`);
  const tried = { id, attempt: claimed.attempt, durationMs: 12.5, status, answer: 'hello' };
  if (status < 300) return db.sending.succeed({ ...tried, error: null });
  return db.sending.fail({
    ...{ ...tried, error: `answered ${status}`, retryAfterMs },
    ...{ gone: false, disableAfterMs: 1e9 },
  });
}

await send(await only(`jobId=${first.id}`), 204);
await send(await only(`jobId=${second.id}`), 500);

t.test('filters', async (t) => {
  const table: [query: string, count: number][] = [
    ['', 5],
    [`endpointId=${all}`, 4],
    [`endpointId=${failures}`, 1],
    [`endpointId=${crypto.randomUUID()}`, 0],
    ['eventType=job.completed', 3],
    ['eventType=job.failed', 2],
    ['eventType=ping', 0],
    [`jobId=${bad.id}`, 2],
    [`jobId=${bad.id}&endpointId=${failures}`, 1],
    ['status=pending', 3],
    ['status=delivered', 1],
    ['status=dead', 1],
    ['status=sending', 0],
    ['status=canceled', 0],
  ];
  for (const [query, count] of table) t.equal((await page(query)).items.length, count, query);
  const wrong = [
    'status=x',
    'eventType=job.queued',
    'endpointId=1',
    'jobId=x',
    'cursor=x',
    'limit=0',
    'limit=101',
  ];
  for (const query of wrong) t.equal((await call(api, `/v1/webhook-deliveries?${query}`)).status, 400, query);
});

t.test('newest first, every page by its link', async (t) => {
  const wanted = (await page('')).items.map(({ id }) => id);
  t.same(wanted, [...wanted].sort().reverse());
  for (const filter of ['', 'status=pending&']) {
    const whole = (await page(filter)).items.map(({ id }) => id);
    const seen: string[] = [];
    for (let next: string | undefined = `/v1/webhook-deliveries?${filter}limit=2`; next !== undefined; ) {
      const { items, nextCursor, links }: Page = (await call(api, next)).json();
      t.equal(nextCursor === null, links.next === undefined);
      seen.push(...items.map(({ id }) => id));
      next = links.next;
    }
    t.same(seen, whole);
  }
});

t.test('one, with its payload and its attempts', async (t) => {
  const delivered = await read(await only('status=delivered'));
  t.match(delivered, {
    endpointId: all,
    url: 'https://example.com/hooks',
    eventType: 'job.completed',
    jobId: first.id,
    attempt: 1,
    nextAttemptAt: null,
    lastStatus: 204,
    lastError: null,
    finishedAt: String,
    payload: {
      type: 'job.completed',
      timestamp: String,
      data: { job: { id: first.id, status: 'completed' } },
    },
    attempts: [{ attempt: 1, at: String, durationMs: 12.5, status: 204, error: null, answer: 'hello' }],
  });
  t.match(await read(await only('status=dead')), {
    lastStatus: 500,
    lastError: 'answered 500',
    attempts: [{ status: 500, error: 'answered 500' }],
  });
  const waiting = await read(await only(`endpointId=${failures}`));
  t.match(waiting, { status: 'pending', nextAttemptAt: String, finishedAt: null, attempts: [] });
});

t.test('once more', async (t) => {
  const ended = await Promise.all(['dead', 'delivered'].map((status) => only(`status=${status}`)));
  for (const before of await Promise.all(ended.map(read))) {
    const answer = await redeliver(before);
    t.equal(answer.status, 202);
    const again = answer.json<WebhookDelivery>();
    t.match(again, { id: before.id, eventId: before.eventId, status: 'pending', finishedAt: null });
    await send(before, 200);
    const after = await read(before);
    t.match(after, {
      status: 'delivered',
      attempt: 2,
      attempts: [{ attempt: 1 }, { attempt: 2, status: 200 }],
    });
    t.same(after.payload, before.payload);
  }
  const waits = () => api.deps.deliveries.waiting();
  t.ok((await eventually(waits, (count) => count >= 2)) >= 2, 'workers are nudged');
});

t.test('one that is being sent is left alone', async (t) => {
  const delivery = await only(`jobId=${done[2]?.id}`);
  const claimed = await db.sending.claim(delivery.id, { leaseMs: 60_000 });
  const answer = await redeliver(delivery);
  t.equal(answer.status, 202);
  t.match(answer.json(), { status: 'sending', attempt: claimed?.attempt });
  await db.sending.release([{ id: delivery.id, attempt: claimed?.attempt ?? 0 }]);
});

t.test('nothing to an endpoint that hears nothing', async (t) => {
  const own = await makeEndpoint([]);
  const ping = await call(api, `/v1/webhook-endpoints/${own}/ping`, { method: 'POST' });
  const delivery = ping.json<WebhookDelivery>();
  await call(api, `/v1/webhook-endpoints/${own}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"enabled":false}',
  });
  const disabled = await redeliver(delivery);
  t.equal(`${disabled.status} ${problem(disabled).code}`, '409 WEBHOOK_ENDPOINT_DISABLED');
  await call(api, `/v1/webhook-endpoints/${own}`, { method: 'DELETE' });
  const gone = await redeliver(delivery);
  t.equal(`${gone.status} ${problem(gone).code}`, '404 WEBHOOK_ENDPOINT_NOT_FOUND');
  t.not((await read(delivery)).status, 'pending', 'what was sent is still told');
});

t.test('a queue that is away', async (t) => {
  const lost = { ...api.deps.deliveries, send: async () => Promise.reject(new Error('away')) };
  const other = await startApi({ swap: () => ({ deliveries: lost }) });
  const endpoint = await call(other, '/v1/webhook-endpoints', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"url":"https://example.com/"}',
  });
  const { links } = endpoint.json<{ links: { self: string } }>();
  t.equal((await call(other, `${links.self}/ping`, { method: 'POST' })).status, 202);
});

t.test('tenants do not see each other', async (t) => {
  const delivery = await only(`jobId=${first.id}`);
  t.same((await page('', stranger)).items, []);
  t.same((await page(`endpointId=${all}`, stranger)).items, []);
  t.same((await page(`cursor=${delivery.id}`, stranger)).items, []);
  const missing = { links: { self: `/v1/webhook-deliveries/${crypto.randomUUID()}` } };
  for (const answer of [
    await call(api, delivery.links.self, { key: stranger }),
    await redeliver(delivery, stranger),
    await call(api, missing.links.self),
    await redeliver(missing),
  ]) {
    t.equal(`${answer.status} ${problem(answer).code}`, '404 WEBHOOK_DELIVERY_NOT_FOUND');
  }
});
