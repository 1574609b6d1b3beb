import t from 'tap';
import type { EventPage } from '../src/schemas/event.ts';
import type { Job } from '../src/schemas/job.ts';
import { addKey, startApi } from './app.ts';
import { accept, call } from './client.ts';
import { eventually } from './eventually.ts';
import { fail, finish } from './worker.ts';

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
const ask = async (path: string, key = api.key) => (await call(api, path, { key })).json<EventPage>();
const feed = (query: string, key = api.key) => ask(`/v1/events?${query}`, key);
const brief = ({ items }: EventPage) =>
  items.map(({ type, data }) => `${type} ${(data as { job: Job }).job.id}`);

/** An event appears when all older transactions of the server have ended, and other tests have theirs. */
const seen = (count: number) =>
  eventually(
    () => feed(''),
    ({ items }) => items.length >= count,
  );

const jobs: Job[] = [];
for (let made = 0; made < 4; made += 1) jobs.push(await accept(api));
for (const job of jobs.slice(1)) await finish(api, job);
await fail(api, jobs[0] as Job);
const wanted = [...jobs.slice(1).map(({ id }) => `job.completed ${id}`), `job.failed ${jobs[0]?.id}`];

t.test('nothing yet', async (t) => {
  const page = await feed('', stranger);
  t.same(page.items, []);
  t.match(page.nextCursor, /^\d+-\d+$/);
  t.same(await ask(page.links.next, stranger), page, 'the cursor can be used all the same');
  const now = await feed('after=now', stranger);
  t.same(now.items, []);
  t.match(now.nextCursor, /^\d+-\d+$/);
});

t.test('oldest first, from any place on, nothing twice, nothing missed', async (t) => {
  t.same(brief(await seen(4)), wanted);
  for (const limit of [1, 3, 100]) {
    const got: string[] = [];
    let page = await feed(`limit=${limit}`);
    while (page.items.length > 0) {
      got.push(...brief(page));
      page = await ask(page.links.next);
    }
    t.same(got, wanted, `limit=${limit}`);
    const { nextCursor } = await feed(`limit=${limit}`);
    t.same(brief(await feed(`after=${nextCursor}`)), wanted.slice(limit));
  }
});

t.test('by type', async (t) => {
  await seen(4);
  const table: [query: string, events: string[]][] = [
    ['type=job.completed', wanted.slice(0, 3)],
    ['type=job.failed', wanted.slice(3)],
    ['type=job.failed&type=job.completed', wanted],
    ['type=image.deleted', []],
  ];
  for (const [query, events] of table) {
    const page = await feed(query);
    t.same(brief(page), events, query);
    t.same((await ask(page.links.next)).items, [], 'the link keeps the types');
  }
});

t.test('the same as webhooks say', async (t) => {
  const made = await call(api, '/v1/webhook-endpoints', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"url":"https://example.com/"}',
  });
  t.equal(made.status, 201);
  const { nextCursor } = await seen(4);
  const job = await accept(api);
  await finish(api, job);
  const page = await feed(`after=${nextCursor}&wait=30`);
  const deliveries = await api.rows<{ id: string; payload: object }>(
    'SELECT event_id AS id, payload FROM webhook_deliveries WHERE job_id = $1',
    [job.id],
  );
  t.same(
    page.items,
    deliveries.map(({ id, payload }) => ({ id, ...payload })),
  );
  t.match(page.items, [{ type: 'job.completed', data: { job: { id: job.id, status: 'completed' } } }]);
});

t.test('from now on', async (t) => {
  await seen(5);
  const { nextCursor, items } = await feed('after=now&wait=30');
  t.same(items, [], 'at once');
  const job = await accept(api);
  await finish(api, job);
  t.same(brief(await feed(`after=${nextCursor}&wait=30`)), [`job.completed ${job.id}`]);
});

t.test('waiting', async (t) => {
  const { nextCursor } = await seen(6);
  const began = performance.now();
  const over = await feed(`after=${nextCursor}&wait=1`);
  t.ok(performance.now() - began > 900, 'until the time is over');
  t.same(over.items, []);
  t.equal(over.nextCursor, nextCursor);

  const job = await accept(api);
  const waiting = feed(`after=${nextCursor}&wait=60`);
  await fail(api, job);
  t.same(brief(await waiting), [`job.failed ${job.id}`], 'until there is something');
});

t.test('a closing API lets nobody wait', async (t) => {
  const closing = await startApi();
  const connections = () =>
    new Promise<number>((resolve) => closing.app.server.getConnections((_error, count) => resolve(count)));
  const waiting = call(closing, '/v1/events?wait=60');
  await eventually(connections, (count) => count >= 1);
  const began = performance.now();
  await closing.close();
  t.same((await waiting).json<EventPage>().items, []);
  t.ok(performance.now() - began < 10_000);
});

t.test('what is no cursor, no type, no time', async (t) => {
  const wrong = [
    ...['after=x', 'after=1', 'after=1-', 'after=-1-1', 'after=1-1-1', 'after=NOW', 'after='],
    'after=9223372036854775808-0',
    'after=0-9223372036854775808',
    ...['type=job.queued', 'type=ping', 'limit=0', 'limit=101', 'wait=-1', 'wait=61', 'wait=x'],
  ];
  for (const query of wrong) {
    const answer = await call(api, `/events?${query}`);
    t.equal(answer.status, 400, query);
    t.equal(answer.json<{ code: string }>().code, 'INVALID_REQUEST');
  }
  t.same(
    (await feed('after=9223372036854775807-9223372036854775807')).items,
    [],
    'the last one there could be',
  );
});

t.test('tenants do not see each other', async (t) => {
  const { nextCursor } = await feed('limit=1');
  for (const query of ['', `after=${nextCursor}`, 'after=0-0'])
    t.same((await feed(query, stranger)).items, []);
});
