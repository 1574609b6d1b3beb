import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { startApi, type TestApi } from './app.ts';
import { accept, call, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { fail, finish } from './worker.ts';

const api = await startApi();

/** How many connections wait for a job, seen from outside: requests that have begun and not ended. */
const waiting = (target: TestApi) => () =>
  new Promise<number>((resolve) => target.app.server.getConnections((_error, count) => resolve(count)));

t.test('a finished job is answered at once', async (t) => {
  const job = await accept(api);
  await finish(api, job);
  const answer = await call(api, `${job.links.self}?wait=60`);
  t.match(answer.json(), { status: 'completed', image: { id: job.imageId, metadata: { profile: 'fast' } } });
  t.equal(answer.headers['retry-after'], undefined);
});

t.test('the answer comes when the job ends', async (t) => {
  for (const [status, end] of [
    ['completed', finish],
    ['failed', fail],
  ] as const) {
    const job = await accept(api);
    const several = Array.from({ length: 5 }, () => call(api, `${job.links.self}?wait=60`));
    await eventually(waiting(api), (count) => count >= 5);
    await end(api, job);
    for (const answer of await Promise.all(several)) {
      t.equal(answer.status, 200);
      t.equal(answer.json<Job>().status, status);
      t.equal(answer.headers['retry-after'], undefined);
    }
  }
});

t.test('what a finished job tells', async (t) => {
  const done = await accept(api);
  await finish(api, done);
  const completed = (await call(api, done.links.self)).json<Job>();
  t.match(completed, {
    attempt: 1,
    timings: { fetchMs: 1.5, inspectMs: 2.5 },
    image: { width: 4, height: 3 },
  });
  t.equal(completed.queue, undefined);
  t.ok(Date.parse(completed.finishedAt ?? '') >= Date.parse(completed.startedAt ?? ''));

  const bad = await accept(api);
  await fail(api, bad);
  const failed = (await call(api, bad.links.self)).json<Job>();
  t.match(failed, {
    status: 'failed',
    error: { code: 'IMAGE_UNREADABLE', message: 'Not readable.', retryable: false },
  });
  t.equal(failed.image, undefined);
});

t.test('the answer comes when the time is over', async (t) => {
  const job = await accept(api);
  const answer = await call(api, `${job.links.self}?wait=1`);
  t.match(answer.json(), { id: job.id, status: 'queued', queue: { position: 0 } });
  t.equal(answer.headers['retry-after'], '1');
  t.equal((await call(api, `${job.links.self}?wait=0`)).json<Job>().status, 'queued');
  await finish(api, job);
});

t.test('Prefer: wait', async (t) => {
  const late = await upload(api, undefined, { headers: { prefer: 'wait=1' } });
  t.equal(late.status, 202, 'not in time');
  t.equal(late.headers['retry-after'], '1');
  await finish(api, late.json());

  for (const [prefer, applied] of [
    ['wait=30', 'wait=30'],
    ['respond-async, wait="30"', 'wait=30'],
    ['wait=9999', 'wait=60'],
  ] as const) {
    const answer = upload(api, undefined, { headers: { prefer } });
    const queued = () => api.rows<{ id: string }>(`SELECT id FROM jobs WHERE status = 'queued'`);
    const [job] = await eventually(queued, ({ length }) => length > 0);
    await finish(api, job as { id: string });
    const { status, headers, json } = await answer;
    t.equal(status, 200, prefer);
    t.equal(headers['preference-applied'], applied);
    t.equal(headers.location, `/v1/jobs/${job?.id}`);
    t.equal(headers['retry-after'], undefined);
    t.match(json(), { id: job?.id, status: 'completed', image: { metadata: {} } });
  }

  for (const prefer of ['wait=0', 'wait=x', 'respond-async', 'handling=strict']) {
    const answer = await upload(api, undefined, { headers: { prefer } });
    t.equal(answer.status, 202, prefer);
    t.equal(answer.headers['preference-applied'], undefined);
    await finish(api, answer.json());
  }
});

t.test('a client that goes away is waited for no longer', async (t) => {
  let begun = 0;
  let ended = 0;
  const api = await startApi({
    swap: ({ finished }) => ({
      finished: {
        ...finished,
        closed: false,
        wait: async (id, options) => {
          begun += 1;
          return finished.wait(id, options).finally(() => {
            ended += 1;
          });
        },
      },
    }),
  });
  const under = (count: number) => () => begun - ended === count;
  const job = await accept(api);
  for (const ask of [
    (signal: AbortSignal) => call(api, `${job.links.self}?wait=60`, { signal }),
    (signal: AbortSignal) => upload(api, undefined, { headers: { prefer: 'wait=60' }, signal }),
  ]) {
    const leave = new AbortController();
    const answer = ask(leave.signal);
    t.ok(await eventually(under(1), Boolean), 'waits');
    leave.abort();
    await t.rejects(answer);
    t.ok(await eventually(under(0), Boolean), 'and then not');
    const before = begun;
    // Longer than a waiting request goes without looking at its row again.
    await sleep(2500);
    t.equal(begun, before, 'never again');
  }
});

t.test('a closing API lets nobody wait', async (t) => {
  const closing = await startApi();
  const job = await accept(closing);
  const asked = [
    call(closing, `${job.links.self}?wait=60`),
    upload(closing, undefined, { headers: { prefer: 'wait=60' } }),
  ];
  await eventually(closing.traces, ({ jobs }) => jobs === 2);
  await eventually(waiting(closing), (count) => count >= 2);
  await closing.close();
  const [got, posted] = await Promise.all(asked);
  t.match(got?.json(), { status: 'queued' });
  t.equal(got?.headers['retry-after'], '1');
  t.equal(posted?.status, 202);
});
