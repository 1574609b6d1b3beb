// A key is held by a lease: what happens when its process dies, falls behind or does not know what became of its write.
import { once } from 'node:events';
import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { NO_TRACES, startApi, type TestApi } from './app.ts';
import { type Answer, image, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { type RunningApi, startProcess } from './process.ts';
import { startProxy } from './proxy.ts';
import { chunked, FILE_HEAD, FORM_END, openWire, postHead } from './wire.ts';

/** Longer than a busy machine stands still. */
const LEASE_MS = 4000;
const env = { IDEMPOTENCY_LEASE_MS: String(LEASE_MS) };
const CHUNKED = 'transfer-encoding: chunked';
const file = pictureOf(900_000);
const part = image(file, { fileName: 'a.png' });
const under = (key: string) => ({ headers: { 'idempotency-key': key } });
const codeOf = (answer: Answer) => `${answer.status} ${problem(answer).code}`;

/** Sends all but the end of an upload, and waits until its object is being stored. */
async function sendMost(target: TestApi, { port, key }: { port: number; key: string }) {
  const wire = await openWire({ port } as TestApi);
  await wire.send(postHead(target, [CHUNKED, `idempotency-key: ${key}`, 'connection: close']));
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), file.subarray(0, 800_000)])));
  await eventually(target.traces, ({ uploads, objects }) => uploads === 1 && objects === 1);
  const sendRest = async () => {
    await wire.send(Buffer.concat([chunked(file.subarray(800_000)), chunked(FORM_END), chunked('')]));
    return wire.read();
  };
  return { wire, sendRest };
}

/** Another process on the same parts. */
function startSecond({ config }: TestApi): Promise<RunningApi> {
  return startProcess({
    ...{ LOG_LEVEL: 'silent', ...env },
    ...{
      DATABASE_URL: config.databaseUrl,
      QUEUE_URL: config.queueUrl,
      OBJECT_STORE_URL: config.objectStoreUrl,
    },
  });
}

const heldUntil = async ({ rows }: TestApi) =>
  (
    await rows<{ until: Date | null }>('SELECT locked_until AS until FROM idempotency_keys')
  )[0]?.until?.getTime();

const sweep = ({ deps, database }: TestApi) =>
  database.sweep.abandonedUploads({ olderThanMs: 0, limit: 10, remove: deps.objects.remove });

t.test('a process that is killed in the middle blocks its key for the length of a lease', async (t) => {
  const api = await startApi({ env });
  const second = await startSecond(api);
  const key = crypto.randomUUID();
  const { wire } = await sendMost(api, { port: second.port, key });
  t.equal(codeOf(await upload(api, [part], under(key))), '409 IDEMPOTENCY_KEY_IN_USE', 'it lives');
  const exited = once(second.child, 'exit');
  second.child.kill('SIGKILL');
  await exited;
  t.equal(typeof (await heldUntil(api)), 'number', 'nobody knows yet');
  const retried = await eventually(
    () => upload(api, [part], under(key)),
    ({ status }) => status === 202,
  );
  t.equal(retried.status, 202, 'taken over');
  t.equal(retried.headers['idempotent-replayed'], undefined);
  wire.socket.destroy();
  t.equal(await sweep(api), 1, 'what the dead one left');
  t.same(await api.traces(), { ...NO_TRACES, objects: 1, images: 1, jobs: 1, events: 1 });

  const third = await startSecond(api);
  const again = await upload({ ...api, origin: `http://127.0.0.1:${third.port}` }, [part], under(key));
  t.equal(again.headers['idempotent-replayed'], 'true', 'another process knows the answer');
  t.equal(again.json<Job>().id, retried.json<Job>().id);
});

t.test('a lease is renewed as long as the request is under way', async (t) => {
  const api = await startApi({ env });
  const key = crypto.randomUUID();
  const { sendRest } = await sendMost(api, { port: api.port, key });
  const first = (await heldUntil(api)) ?? 0;
  const later = await eventually(
    () => heldUntil(api),
    (until) => (until ?? 0) > first + LEASE_MS,
  );
  t.ok((later ?? 0) > first + LEASE_MS, 'longer than one lease');
  t.equal(codeOf(await upload(api, [part], under(key))), '409 IDEMPOTENCY_KEY_IN_USE');
  t.match(await sendRest(), /^HTTP\/1.1 202 /);
  t.equal(await heldUntil(api), undefined, 'answered');
});

t.test('who comes too late writes nothing', async (t) => {
  const api = await startApi({ env: { IDEMPOTENCY_LEASE_MS: '600000' } });
  const key = crypto.randomUUID();
  const { sendRest } = await sendMost(api, { port: api.port, key });
  // As if this process had stood still for longer than its lease.
  await api.rows(`UPDATE idempotency_keys SET locked_until = now() - interval '1 second'`);
  const taken = await upload(api, [part], under(key));
  t.equal(taken.status, 202);
  t.match(await sendRest(), /^HTTP\/1.1 409 [\s\S]*"IDEMPOTENCY_KEY_IN_USE"/);
  t.same(await api.traces(), { ...NO_TRACES, objects: 1, images: 1, jobs: 1, events: 1 }, 'one job');
  const again = await upload(api, [part], under(key));
  t.equal(again.json<Job>().id, taken.json<Job>().id);
});

for (const [what, isCommitted] of [
  ['before COMMIT', false],
  ['after COMMIT, and its answer is lost', true],
] as const) {
  t.test(`a database that goes away ${what}`, async (t) => {
    const server = new URL(process.env.TEST_POSTGRES_URL ?? '');
    const proxy = await startProxy({ host: server.hostname, port: Number(server.port) });
    const databaseUrl = async (url: string) => {
      const address = new URL(url);
      address.host = `127.0.0.1:${proxy.port}`;
      return address.href;
    };
    let isGoing = true;
    const api = await startApi({
      env,
      databaseUrl,
      swap: ({ db }) => {
        const of: typeof db.of = (tenantId) => {
          const own = db.of(tenantId);
          const accept: typeof own.uploads.accept = async (item) => {
            if (isGoing && isCommitted) await own.uploads.accept(item);
            if (isGoing) proxy.cut();
            isGoing = false;
            return own.uploads.accept(item);
          };
          return { ...own, uploads: { ...own.uploads, accept } };
        };
        return { db: { ...db, of } };
      },
    });
    const key = crypto.randomUUID();
    const lost = await upload(api, [part], under(key));
    t.equal(codeOf(lost), '503 DATABASE_UNAVAILABLE');
    proxy.restore();
    const retried = await eventually(
      () => upload(api, [part], under(key)),
      ({ status }) => status === 202,
    );
    t.equal(retried.status, 202);
    t.equal(retried.headers['idempotent-replayed'], isCommitted ? 'true' : undefined);
    const swept = await sweep(api);
    t.equal(swept, isCommitted ? 0 : 1, 'the object nobody wanted');
    t.same(await api.traces(), { ...NO_TRACES, objects: 1, images: 1, jobs: 1, events: 1 }, 'one job');
  });
}
