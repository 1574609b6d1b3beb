import t from 'tap';
import { NO_TRACES, startApi } from './app.ts';
import { accept, call, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { startProxy } from './proxy.ts';
import { chunked, FILE_HEAD, FORM_END, openWire, postHead } from './wire.ts';

/** Far above every bound of ours, far below the time for which a client would wait in vain. */
const NEVER_MS = 25_000;

async function startBehindProxy(env: Record<string, string> = {}) {
  const server = new URL(process.env.TEST_POSTGRES_URL ?? '');
  const proxy = await startProxy({ host: server.hostname, port: Number(server.port) });
  const databaseUrl = async (url: string) => {
    const address = new URL(url);
    address.host = `127.0.0.1:${proxy.port}`;
    return address.href;
  };
  return { proxy, api: await startApi({ env, databaseUrl }) };
}

for (const [what, fault] of [
  ['that refuses', 'cut'],
  ['that is silent', 'silence'],
] as const) {
  t.test(`a database ${what}`, async (t) => {
    const { proxy, api } = await startBehindProxy({ KEY_CACHE_MS: '60000' });
    const job = await accept(api);
    proxy[fault]();

    const began = performance.now();
    const answers = await Promise.all([
      upload(api),
      call(api, job.links.self),
      call(api, job.links.image),
      call(api, '/v1/jobs'),
      call(api, `${job.links.self}?wait=30`),
      // A key that nobody has checked yet.
      upload(api, undefined, { headers: { 'x-forwarded-for': '' }, key: api.key.replace(/^tt_./, 'tt_0') }),
    ]);
    for (const answer of answers) {
      t.equal(answer.status, 503);
      t.equal(problem(answer).code, 'DATABASE_UNAVAILABLE');
      t.equal(answer.headers['retry-after'], '2');
      t.notMatch(answer.body.toString(), /127\.0\.0\.1|postgres|prisma/i, 'tells nothing of the inside');
    }
    t.ok(performance.now() - began < NEVER_MS, 'never a hang');

    t.equal((await call(api, '/healthz')).status, 200, 'the process lives');
    const unready = await call(api, '/readyz');
    t.equal(unready.status, 503);
    t.same(unready.json(), { status: 'unready', database: false, draining: false });
    t.equal((await call(api, '/metrics')).status, 200);

    proxy.restore();
    const readiness = async () => (await call(api, '/readyz')).status;
    t.equal(await eventually(readiness, (status) => status === 200), 200, 'it comes back by itself');
    t.equal((await upload(api)).status, 202);
    const left = await eventually(api.traces, ({ objects }) => objects === 2);
    t.match(left, { ...NO_TRACES, objects: 2, images: 2, jobs: 2, events: 2, uploads: Number });
  });
}

t.test('a database that goes away between the first byte and COMMIT', async (t) => {
  const { proxy, api } = await startBehindProxy();
  const wire = await openWire(api);
  await wire.send(postHead(api, ['transfer-encoding: chunked']));
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), pictureOf(2_000_000)])));
  await eventually(api.traces, ({ objects, uploads }) => objects + uploads === 2);
  proxy.cut();
  await wire.send(Buffer.concat([chunked(FORM_END), chunked('')]));
  const text = await wire.read((said) => said.includes('requestId'));
  t.match(text, /^HTTP\/1.1 503 [\s\S]*"code":"DATABASE_UNAVAILABLE"/);
  // COMMIT may have happened: only the sweep may decide, and it can, for the row knows of the object.
  t.same(await api.traces(), { ...NO_TRACES, objects: 1, uploads: 1 });
  wire.socket.destroy();
  proxy.restore();
  const swept = await eventually(
    () =>
      api.database.sweep
        .abandonedUploads({ olderThanMs: 0, limit: 10, remove: api.deps.objects.remove })
        .catch(() => 0),
    (count) => count === 1,
  );
  t.equal(swept, 1);
  t.same(await api.traces(), NO_TRACES);
});

t.test('the news of finished jobs is heard again', async (t) => {
  const { proxy, api } = await startBehindProxy();
  const listening = () =>
    api.rows(`SELECT 1 FROM pg_stat_activity
    WHERE application_name = 'tintype-listen' AND datname = current_database()`);
  await eventually(listening, ({ length }) => length === 1);
  proxy.cut();
  await eventually(listening, ({ length }) => length === 0);
  proxy.restore();
  t.equal((await eventually(listening, ({ length }) => length === 1)).length, 1);
});
