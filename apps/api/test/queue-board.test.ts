import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { request } from 'undici';
import { addKey, startApi, type TestApi } from './app.ts';
import { accept, upload } from './client.ts';
import { eventually } from './eventually.ts';

interface Board {
  queues: { name: string; readOnlyMode: boolean; counts: Record<string, number> }[];
}

const PREFIX = '/admin/queues';
const QUEUES = `${PREFIX}/api/queues?activeQueue=process-image&page=1&jobsPerPage=10`;

async function get(api: TestApi, path: string, headers: Record<string, string>, method = 'GET') {
  const answer = await request(`${api.origin}${path}`, {
    method: method as 'GET',
    headers,
    dispatcher: api.dispatcher,
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, text };
}

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`admin:${key}`).toString('base64')}` });
const admin = (api: TestApi) => addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{admin}'` });

for (const { queue, skip } of [
  { queue: 'redis', skip: process.env.TEST_NO_REDIS ?? false },
  { queue: 'postgres', skip: false },
]) {
  t.test(`over the queue on ${queue}`, { skip }, async (t) => {
    const api = await startApi({ queue });
    const key = await admin(api);
    await accept(api);
    const board = async () => JSON.parse((await get(api, QUEUES, basic(key))).text) as Board;
    const waiting = ({ queues }: Board) =>
      queues.find(({ name }) => name === 'process-image')?.counts.waiting === 1;
    const { queues } = await eventually(board, waiting);
    t.same(queues.map(({ name }) => name).sort(), [
      'deliver-webhook',
      'maintenance',
      'make-derivative',
      'process-image',
    ]);
    t.ok(waiting({ queues }));
    t.ok(queues.every(({ readOnlyMode }) => readOnlyMode));

    for (const path of [PREFIX, `${PREFIX}/`, `${PREFIX}/queue/process-image`]) {
      const page = await get(api, path, basic(key));
      t.equal(page.status, 200, path);
      t.match(page.headers['content-type'], /^text\/html/);
      t.match(page.text, 'Tintype');
    }
    const stats = await get(api, `${PREFIX}/api/redis/stats`, { 'x-api-key': key });
    t.equal(stats.status, 200, 'by header as well');
    const emptied = await get(api, `${PREFIX}/api/queues/process-image/empty`, basic(key), 'PUT');
    t.equal(emptied.status, 405, 'nothing is changed from here');
    t.ok(waiting(await board()));
  });
}

t.test('is for administrators', async (t) => {
  const api = await startApi();
  const table: [what: string, headers: Record<string, string>, status: number][] = [
    ['nobody', {}, 401],
    ['a password that is no key', basic('secret'), 401],
    ['a key without the scope', basic(api.key), 403],
    ['a key without the scope, by header', { 'x-api-key': api.key }, 403],
    ['an administrator', basic(await admin(api)), 200],
  ];
  const [page = ''] = /static\/js\/[\w.-]+\.js|static\/[\w./-]+\.js/.exec(
    (await get(api, `${PREFIX}/`, basic(await admin(api)))).text,
  ) ?? [''];
  t.match(page, /\.js$/, 'the page has a script');
  for (const [who, headers, status] of table) {
    for (const path of [PREFIX, `${PREFIX}/`, QUEUES, `${PREFIX}/${page}`]) {
      const answer = await get(api, path, headers);
      t.equal(answer.status, status, `${who}: ${path}`);
      if (status === 401) t.equal(answer.headers['www-authenticate'], 'Basic realm="tintype"');
      if (status > 400) t.match(answer.headers['content-type'], 'application/problem+json');
    }
  }
  const elsewhere = await get(api, '/v1/jobs', basic(api.key));
  t.equal(elsewhere.status, 401, 'a password is taken here alone');
  t.equal(elsewhere.headers['www-authenticate'], 'Bearer realm="tintype"');
});

t.test('while the queue is away or hangs', async (t) => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  t.teardown(() => silent.close());
  await once(silent, 'listening');
  for (const port of [1, (silent.address() as AddressInfo).port]) {
    const api = await startApi({ env: { QUEUE_URL: `redis://127.0.0.1:${port}` } });
    const key = await admin(api);
    const answer = await get(api, QUEUES, basic(key));
    t.equal(answer.status, 503);
    t.equal(answer.headers['retry-after'], '2');
    t.match(JSON.parse(answer.text), { code: 'QUEUE_UNAVAILABLE' });
    t.notMatch(answer.text, '127.0.0.1');
    t.equal((await upload(api)).status, 202, 'and nothing else is the worse for it');
    await api.close();
  }
});
