import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Agent, request } from 'undici';
import { addKey, makeParts, startApi } from './app.ts';
import { BOUNDARY, call, encode, image, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { logIn } from './people.ts';
import { type RunningApi, startProcess } from './process.ts';
import { openWire } from './wire.ts';

const get = (key: string) => `GET /v1/jobs HTTP/1.1\r\nhost: test\r\nx-api-key: ${key}\r\n\r\n`;

const LOGIN = { email: 'ada@example.com', password: 'wrong' };
const ACCEPTED = '202 queued';

t.test('every answer of a stopping process ends its connection', async (t) => {
  const api = await startApi();
  const wire = await openWire(api);
  await wire.send(get(api.key));
  t.match(await wire.read((said) => said.includes('"items"')), /connection: keep-alive/i);
  api.drain();
  await wire.send(get(api.key));
  t.match(await wire.read(), /HTTP\/1.1 200 OK[\s\S]*HTTP\/1.1 200 OK[\s\S]*connection: close/i);
  t.equal((await upload(api)).status, 202, 'who comes anew is served');
});

t.test('a request over a kept connection, after nobody new is let in', async (t) => {
  const api = await startApi();
  const wire = await openWire(api);
  await wire.send(get(api.key));
  await wire.read((said) => said.includes('"items"'));
  const closing = api.app.close();
  await eventually(
    () => api.app.server.listening,
    (listening) => !listening,
  );
  await wire.send(get(api.key));
  t.match(await wire.read(), /HTTP\/1.1 200 OK[\s\S]*HTTP\/1.1 200 OK[\s\S]*connection: close/i);
  await closing;
});

t.test('a process that can not be trusted any more begins nothing', async (t) => {
  const api = await startApi();
  api.refuse();
  for (const answer of [await upload(api), await call(api, '/v1/jobs'), await logIn(api, LOGIN)]) {
    t.equal(answer.status, 503);
    t.equal(problem(answer).code, 'SHUTTING_DOWN');
    t.equal(answer.headers['retry-after'], '2');
    t.equal(answer.headers.connection, 'close');
  }
  t.equal((await call(api, '/healthz', { key: null })).status, 200);
});

t.test('two processes, replaced one after the other under load: no request fails', async (t) => {
  const parts = await makeParts();
  t.teardown(parts.remove);
  const key = await addKey(parts.rows, { tenantId: crypto.randomUUID() });
  const env = { ...parts.env, DRAIN_DELAY_MS: '300', LOG_LEVEL: 'warn', DUPLICATES: 'allow' };
  const running: RunningApi[] = await Promise.all([startProcess(env), startProcess(env)]);
  const agent = new Agent({ keepAliveTimeout: 60_000, connections: 4 });
  t.teardown(() => agent.destroy());
  const headers = { 'x-api-key': key, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
  const answers = new Map<string, number>();
  let retried = 0;
  let loading = true;

  /** The answer's status, or the code of its problem. */
  async function post(turn: number): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      const { port } = running[(turn + attempt) % 2] as RunningApi;
      try {
        const options = { method: 'POST' as const, headers, body: encode([image()]), dispatcher: agent };
        const answer = await request(`http://127.0.0.1:${port}/v1/jobs`, options);
        const { status, code = status } = (await answer.body.json()) as { status: string; code?: string };
        return `${answer.statusCode} ${code}`;
      } catch (error) {
        if (attempt > 50) throw error;
        retried += 1;
        await sleep(20);
      }
    }
  }

  async function load(client: number): Promise<void> {
    for (let turn = client; loading; turn += 1) {
      const answer = await post(turn);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  }

  const clients = Array.from({ length: 8 }, (_, client) => load(client));
  const count = () => answers.get(ACCEPTED) ?? 0;
  const accepted = (wanted: number) => eventually(count, (found) => found >= wanted);
  await accepted(100);
  for (const index of [0, 1]) {
    const old = running[index] as RunningApi;
    old.child.kill('SIGTERM');
    t.same(await once(old.child, 'exit'), [0, null], old.said());
    running[index] = await startProcess(env);
    await accepted(count() + 100);
  }
  loading = false;
  await Promise.all(clients);
  t.same([...answers.keys()], [ACCEPTED], `${retried} connections were tried again`);
  const [made] = await parts.rows<{ jobs: number }>('SELECT count(*)::int AS jobs FROM jobs');
  t.equal(made?.jobs, count(), 'each of them once');
  for (const { child } of running) child.kill('SIGTERM');
});
