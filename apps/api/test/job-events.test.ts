import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@tintype/core';
import { listenForFinishedJobs } from '@tintype/prisma';
import t from 'tap';
import { Agent, EventSource } from 'undici';
import { buildApp } from '../src/app.ts';
import { addKey, startApi, type TestApi } from './app.ts';
import { accept, call, problem } from './client.ts';
import { arrived, openStream, type SeenEvent } from './event-stream.ts';
import { eventually } from './eventually.ts';
import { startProxy } from './proxy.ts';
import { claim, fail, finish } from './worker.ts';

const api = await startApi();
const pathOf = ({ id }: { id: string }) => `/v1/jobs/${id}/events`;
const brief = (events: SeenEvent[]) => events.map(({ event, data }) => `${event} ${data.status}`);

async function cancel({ id }: { id: string }): Promise<void> {
  await api.database.jobs.cancel(api.tenantId, id);
}

t.test('the life of a job', async (t) => {
  const ahead = await accept(api);
  const job = await accept(api);
  const stream = await openStream(api, pathOf(job));
  t.equal(stream.status, 200);
  t.match(stream.headers, {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': String,
  });
  const [first] = await arrived(stream, 1);
  t.ok(stream.text().startsWith('retry: 2000\n\n'));
  t.match(first, { event: 'status', data: { id: job.id, status: 'queued', queue: { position: 1 } } });

  await finish(api, ahead);
  t.match((await arrived(stream, 2))[1], { event: 'progress', data: { queue: { position: 0 } } });

  const { attempt } = await claim(api, job);
  t.match((await arrived(stream, 3))[2], { event: 'status', data: { status: 'processing', attempt: 1 } });

  await api.database.work.release([{ id: job.id, attempt }]);
  t.match((await arrived(stream, 4))[3], { event: 'status', data: { status: 'queued' } });
  await finish(api, job);
  await stream.ended;
  const events = stream.events();
  const last = events.at(-1) as SeenEvent;
  t.same(brief(events).slice(0, 4), [
    'status queued',
    'progress queued',
    'status processing',
    'status queued',
  ]);
  t.equal(last.event, 'completed');
  t.same(last.data, (await call(api, job.links.self)).json(), 'the whole job, as GET shows it');
  t.match(last.data, { image: { metadata: { profile: 'fast' } } });
  t.ok(
    events.slice(0, -1).every(({ data }) => data.image === undefined),
    'no image before',
  );
  t.equal(new Set(events.map(({ id }) => id)).size, events.length, 'each state has a name of its own');
});

t.test('ends', async (t) => {
  for (const [status, end] of [
    ['completed', (job: { id: string }) => finish(api, job)],
    ['failed', (job: { id: string }) => fail(api, job)],
    ['canceled', cancel],
  ] as const) {
    const job = await accept(api);
    const stream = await openStream(api, pathOf(job));
    await arrived(stream, 1);
    await end(job);
    await stream.ended;
    const last = stream.events().at(-1) as SeenEvent;
    t.match(last, { event: status, data: { id: job.id, status } });

    const late = await openStream(api, pathOf(job));
    await late.ended;
    t.same(brief(late.events()), [`${status} ${status}`], 'who comes late hears the end alone');
    const again = await openStream(api, pathOf(job), { lastEventId: last.id });
    await again.ended;
    t.equal(again.status, 204, 'who has it already is sent away');
    t.equal(again.text(), '');
  }
});

t.test('coming back', async (t) => {
  const job = await accept(api);
  const first = await openStream(api, pathOf(job));
  const [seen] = (await arrived(first, 1)) as [SeenEvent];
  first.hangUp();

  const second = await openStream(api, pathOf(job), { lastEventId: seen.id });
  await eventually(second.text, (text) => text.includes('retry'));
  const { attempt } = await claim(api, job);
  t.match((await arrived(second, 1))[0], { event: 'status', data: { status: 'processing' } }, 'no repeats');
  second.hangUp();

  await api.database.work.release([{ id: job.id, attempt }]);
  await claim(api, job);
  for (const [lastEventId, event] of [
    [second.events()[0]?.id, 'progress'],
    [seen.id, 'status'],
    ['nonsense', 'status'],
    ['', 'status'],
  ] as const) {
    const stream = await openStream(api, pathOf(job), { lastEventId });
    const [told] = await arrived(stream, 1);
    t.match(told, { event, data: { status: 'processing', attempt: 2 } }, `after "${lastEventId}"`);
    stream.hangUp();
  }
  await cancel(job);
});

t.test('a browser’s client, to the end and no further', async (t) => {
  const job = await accept(api);
  const dispatcher = new Agent().compose((dispatch) => (options, handler) => {
    const headers = { ...(options.headers as Record<string, string>), 'x-api-key': api.key };
    return dispatch({ ...options, headers }, handler);
  });
  t.teardown(() => dispatcher.destroy());
  const source = new EventSource(`${api.origin}${pathOf(job)}`, { node: { dispatcher } });
  const heard: string[] = [];
  for (const name of ['status', 'progress', 'completed', 'failed', 'canceled'])
    source.addEventListener(name, (event) =>
      heard.push(`${name} ${JSON.parse((event as MessageEvent).data).status}`),
    );
  await eventually(
    () => heard.length,
    (count) => count === 1,
  );
  await finish(api, job);
  const state = await eventually(
    () => source.readyState,
    (seen) => seen === EventSource.CLOSED,
  );
  t.equal(state, EventSource.CLOSED, '204 stops it');
  t.equal(heard.at(0), 'status queued');
  t.equal(heard.filter((one) => one === 'completed completed').length, 1);
});

t.test('problems come before the stream begins', async (t) => {
  const job = await accept(api);
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const table: [path: string, key: string | null, status: number, code: string][] = [
    [pathOf(job), stranger, 404, 'JOB_NOT_FOUND'],
    [pathOf({ id: crypto.randomUUID() }), api.key, 404, 'JOB_NOT_FOUND'],
    [pathOf({ id: 'x' }), api.key, 400, 'INVALID_REQUEST'],
    [pathOf(job), null, 401, 'UNAUTHENTICATED'],
  ];
  for (const [path, key, status, code] of table) {
    const answer = await call(api, path, { key });
    t.equal(answer.status, status, path);
    t.equal(problem(answer).code, code);
  }
  await cancel(job);
  const unversioned = await openStream(api, pathOf(job).slice(3));
  await unversioned.ended;
  t.same(brief(unversioned.events()), ['canceled canceled'], 'without a version');
});

/** Counts who waits for a job, and how often anybody began to. */
async function startCounted(env: Record<string, string>) {
  const count = { begun: 0, ended: 0 };
  const counted = await startApi({
    env,
    swap: ({ finished }) => ({
      finished: {
        close: finished.close,
        get closed() {
          return finished.closed;
        },
        wait: async (id, options) => {
          count.begun += 1;
          return finished.wait(id, options).finally(() => {
            count.ended += 1;
          });
        },
      },
    }),
  });
  return { counted, count };
}

t.test('no more than so many at once, and none for who is gone', async (t) => {
  const { counted, count } = await startCounted({ MAX_EVENT_STREAMS: '2' });
  const job = await accept(counted);
  const streams = [await openStream(counted, pathOf(job)), await openStream(counted, pathOf(job))];
  for (const stream of streams) await arrived(stream, 1);

  const refused = await call(counted, pathOf(job));
  t.equal(refused.status, 503);
  t.equal(problem(refused).code, 'OVERLOADED');
  t.equal(refused.headers['retry-after'], '2');

  streams[0]?.hangUp();
  const retry = async () => {
    const stream = await openStream(counted, pathOf(job));
    if (stream.status === 200) await arrived(stream, 1);
    stream.hangUp();
    return stream.status;
  };
  t.equal(await eventually(retry, (status) => status === 200), 200, 'a place is free again');
  streams[1]?.hangUp();
  t.ok(await eventually(() => count.begun === count.ended, Boolean), 'nobody waits');
  await sleep(100);
  const { begun } = count;
  // Longer than a stream goes without looking again.
  await sleep(2500);
  t.equal(count.begun, begun, 'never again');

  for (let turn = 0; turn < 6; turn += 1) {
    const missing = await call(counted, pathOf({ id: crypto.randomUUID() }));
    t.equal(missing.status, 404, 'what ended in an error holds no place');
  }
});

t.test('a stopping process ends its streams, another one goes on', async (t) => {
  const stopping = await startApi();
  const job = await accept(stopping);
  const stream = await openStream(stopping, pathOf(job));
  const [seen] = (await arrived(stream, 1)) as [SeenEvent];

  const other = await startBeside(stopping);
  t.teardown(other.close);
  const begun = performance.now();
  await stopping.app.close();
  await stream.ended;
  t.ok(performance.now() - begun < 5000, 'at once');
  t.same(brief(stream.events()), ['status queued'], 'without a word about it');

  const resumed = await openStream({ ...stopping, origin: other.origin }, pathOf(job), {
    lastEventId: seen.id,
  });
  await finish(stopping, job);
  await resumed.ended;
  t.equal(resumed.events().at(-1)?.event, 'completed');
  t.notOk(
    resumed.events().some(({ id }) => id === seen.id),
    'nothing twice',
  );
});

/** A second API on the same database. */
async function startBeside({ config, deps }: TestApi) {
  const finished = listenForFinishedJobs(config.databaseUrl, () => undefined);
  const log = createLogger({ name: 'api', level: 'silent' });
  const { app } = await buildApp({ config, deps: { ...deps, finished }, log });
  return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}

t.test('a key that is revoked sees no more', async (t) => {
  const key = await addKey(api.rows, { tenantId: api.tenantId });
  const job = await accept(api);
  const stream = await openStream(api, pathOf(job), { key });
  await arrived(stream, 1);
  await api.rows('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [key.split('_')[1]]);
  await stream.ended;
  t.same(brief(stream.events()), ['status queued']);
  t.equal((await call(api, pathOf(job), { key })).status, 401);
  await cancel(job);
});

t.test('a job that is deleted with its image', async (t) => {
  const job = await accept(api);
  const stream = await openStream(api, pathOf(job));
  await arrived(stream, 1);
  await api.rows('DELETE FROM jobs WHERE id = $1', [job.id]);
  await stream.ended;
  t.equal((await call(api, pathOf(job))).status, 404);
});

t.test('an outage of the database', async (t) => {
  const { hostname, port } = new URL(process.env.TEST_POSTGRES_URL ?? '');
  const proxy = await startProxy({ host: hostname, port: Number(port) });
  const fragile = await startApi({
    databaseUrl: async (url) => Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href,
  });
  const ready = async () => (await call(fragile, '/readyz', { key: null })).status;
  t.equal(await eventually(ready, (status) => status === 200), 200);
  const job = await accept(fragile);
  const stream = await openStream(fragile, pathOf(job));
  await arrived(stream, 1);
  proxy.cut();
  t.equal(await eventually(ready, (status) => status === 503), 503);
  // Longer than a stream goes without looking again.
  await sleep(2500);
  proxy.restore();
  t.equal(await eventually(ready, (status) => status === 200), 200);
  await finish(fragile, job);
  await stream.ended;
  t.same(
    brief(stream.events()).filter((one) => !one.includes('processing')),
    ['status queued', 'completed completed'],
    'on the same stream',
  );
});
