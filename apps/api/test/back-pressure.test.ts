import t from 'tap';
import { addKey, startApi } from './app.ts';
import { accept, call, postJson, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { openWire, postHead } from './wire.ts';
import { finish } from './worker.ts';

const OPERATIONS = ['/healthz', '/readyz', '/metrics'];

t.test('a heap that is too large', async (t) => {
  const api = await startApi({ env: { MAX_HEAP_BYTES: '1' } });
  // Measured once a second.
  const refused = await eventually(
    () => call(api, '/v1/jobs'),
    ({ status }) => status === 503,
  );
  t.equal(problem(refused).code, 'OVERLOADED');
  t.equal(refused.headers['retry-after'], '2');
  const wire = await openWire(api);
  await wire.send(postHead(api, ['content-length: 1000'], { key: 'nonsense' }));
  t.match(await wire.read((said) => said.includes('OVERLOADED')), /^HTTP\/1.1 503 /, 'before body and key');
  const login = { email: 'ada@example.com', password: 'not the right one' };
  t.equal((await postJson(api, '/v1/sessions', login, { key: null })).status, 503, 'a login costs as well');
  for (const path of OPERATIONS) t.equal((await call(api, path, { key: null })).status, 200, path);
});

t.test('an event loop that is late', async (t) => {
  const api = await startApi({ env: { MAX_EVENT_LOOP_DELAY_MS: '50' } });
  let busy = true;
  const beBusy = () => {
    const until = performance.now() + 300;
    while (performance.now() < until);
    if (busy) setImmediate(beBusy);
  };
  setImmediate(beBusy);
  const refused = await eventually(
    () => call(api, '/v1/jobs'),
    ({ status }) => status === 503,
  );
  t.equal(problem(refused).code, 'OVERLOADED');
  for (const path of OPERATIONS) t.equal((await call(api, path, { key: null })).status, 200, path);
  busy = false;
  const status = async () => (await call(api, '/v1/jobs')).status;
  t.equal(await eventually(status, (found) => found === 200), 200, 'and in time again');
});

t.test('a long backlog', async (t) => {
  const api = await startApi({ env: { MAX_QUEUED_JOBS: '2', DUPLICATES: 'allow' } });
  await accept(api);
  await accept(api);
  const refused = await eventually(
    () => upload(api),
    ({ status }) => status === 503,
  );
  t.equal(problem(refused).code, 'OVERLOADED');
  t.equal(refused.headers['retry-after'], '30');
  t.equal((await call(api, '/v1/jobs')).status, 200, 'who only asks is answered');
  for (const { id } of await api.rows<{ id: string }>('SELECT id FROM jobs')) await finish(api, { id });
  const status = async () => (await upload(api)).status;
  t.equal(await eventually(status, (found) => found === 202), 202);
});

t.test('uploads at once', async (t) => {
  const api = await startApi({
    env: { MAX_UPLOADS_AT_ONCE: '2', MAX_UPLOADS_AT_ONCE_PER_TENANT: '1', DUPLICATES: 'allow' },
  });
  const other = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const third = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const inProgress = async () => {
    const text = (await call(api, '/metrics', { key: null })).body.toString();
    return Number(/^tintype_uploads_in_progress (\d+)$/m.exec(text)?.[1]);
  };
  const open = async (key: string) => {
    const wire = await openWire(api);
    await wire.send(postHead(api, ['transfer-encoding: chunked'], { key }));
    return wire;
  };

  const first = await open(api.key);
  t.equal(await eventually(inProgress, (count) => count === 1), 1);
  const refused = await upload(api);
  t.equal(refused.status, 429);
  t.equal(problem(refused).code, 'TOO_MANY_REQUESTS');
  t.equal(refused.headers['retry-after'], '1');
  t.equal((await call(api, '/v1/jobs')).status, 200, 'who only asks is answered');
  t.equal((await upload(api, undefined, { key: other })).status, 202, 'of another tenant: taken');

  const second = await open(other);
  t.equal(await eventually(inProgress, (count) => count === 2), 2);
  const full = await upload(api, undefined, { key: third });
  t.equal(full.status, 503);
  t.equal(problem(full).code, 'OVERLOADED');

  for (const wire of [first, second]) wire.socket.destroy();
  t.equal(await eventually(inProgress, (count) => count === 0), 0, 'who hangs up makes room');
  const waiting = upload(api, undefined, { headers: { prefer: 'wait=30' } });
  await eventually(
    () => api.rows(`SELECT FROM jobs WHERE tenant_id = $1`, [api.tenantId]),
    ({ length }) => length === 1,
  );
  t.equal(await eventually(inProgress, (count) => count === 0), 0, 'and so does who waits for the end');
  const next = await upload(api);
  t.equal(next.status, 202);
  for (const { id } of await api.rows<{ id: string }>(`SELECT id FROM jobs WHERE finished_at IS NULL`))
    await finish(api, { id });
  t.equal((await waiting).status, 200);
});
