import { performance } from 'node:perf_hooks';
import t from 'tap';
import { startApi, type TestApi } from './app.ts';
import { accept, call, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { startProxy, type Proxy as TcpProxy } from './proxy.ts';
import { chunked, FILE_HEAD, FORM_END, openWire, postHead } from './wire.ts';

/** What is promised is 3 s; a machine that runs other tests may need a little more. */
const PROMISED_MS = 3000;
const TOLERATED_MS = 6000;

async function startBehindProxy(): Promise<{ proxy: TcpProxy; api: TestApi }> {
  const server = new URL(process.env.TEST_POSTGRES_URL ?? '');
  const proxy = await startProxy({ host: server.hostname, port: Number(server.port) });
  const databaseUrl = async (url: string) => {
    const address = new URL(url);
    address.host = `127.0.0.1:${proxy.port}`;
    return address.href;
  };
  const env = { KEY_CACHE_MS: '60000', DUPLICATES: 'allow' };
  const api = await startApi({ env, databaseUrl });
  await eventually(
    () => call(api, '/readyz', { key: null }),
    ({ status }) => status === 200,
  );
  return { proxy, api };
}

t.test('a database that falls silent', async (t) => {
  const { proxy, api } = await startBehindProxy();
  const job = await accept(api);
  const polls = Array.from({ length: 3 }, () => call(api, `${job.links.self}?wait=60`));
  const wire = await openWire(api);
  await wire.send(postHead(api, ['transfer-encoding: chunked']));
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), pictureOf(2_000_000)])));
  await eventually(api.traces, ({ uploads }) => uploads === 1);
  await Promise.all(Array.from({ length: 20 }, () => accept(api)));

  proxy.silence();
  const silentAt = performance.now();
  const times: Record<string, number> = {};
  const timed = async <Result>(what: string, action: Promise<Result>): Promise<Result> => {
    const result = await action;
    times[what] = Math.max(times[what] ?? 0, Math.round(performance.now() - silentAt));
    return result;
  };
  const begunBefore = wire
    .send(Buffer.concat([chunked(FORM_END), chunked('')]))
    .then(() => wire.read((said) => said.includes('requestId')));
  const answers = await Promise.all([
    ...polls.map((poll) => timed('long poll', poll)),
    // More than there are connections, and than go into one statement.
    ...Array.from({ length: 150 }, () => timed('POST', upload(api))),
    ...Array.from({ length: 30 }, () => timed('GET', call(api, job.links.self))),
    timed('list', call(api, '/v1/jobs')),
  ]);
  t.match(await timed('POST that began before', begunBefore), /^HTTP\/1.1 503 [\s\S]*DATABASE_UNAVAILABLE/);
  t.comment(`answered after, in ms: ${JSON.stringify(times)}`);
  t.ok(Math.max(...Object.values(times)) < TOLERATED_MS, `in ${PROMISED_MS} ms, and never a hang`);
  for (const answer of answers) {
    if (answer.status !== 503 || problem(answer).code !== 'DATABASE_UNAVAILABLE')
      return t.fail(`${answer.status} ${answer.body}`);
    if (answer.headers['retry-after'] !== '2') return t.fail('no Retry-After');
  }
  t.equal(answers.length, 184);

  const askedAt = performance.now();
  const known = await Promise.all([upload(api), call(api, '/readyz', { key: null }), call(api, '/metrics')]);
  t.same(
    known.map(({ status }) => status),
    [503, 503, 200],
  );
  t.match(known[2].body.toString(), /^tintype_database_up 0$/m);
  t.notMatch(known[2].body.toString(), /^tintype_jobs\{/m, 'what is not known is not told');
  t.ok(performance.now() - askedAt < 2500, 'what is known is answered at once');

  proxy.restore();
  const restoredAt = performance.now();
  const status = async () => (await upload(api)).status;
  t.equal(await eventually(status, (found) => found === 202), 202);
  t.comment(`back after ${Math.round(performance.now() - restoredAt)} ms`);
  t.ok(performance.now() - restoredAt < 5000, 'back in 2 s, with a tolerance');
  t.equal((await call(api, '/readyz', { key: null })).status, 200);
});
