import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { addKey, startApi } from './app.ts';
import { type Answer, accept, call, postJson, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { claim, fail, finish } from './worker.ts';

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
const read = async ({ links }: Job) => (await call(api, links.self)).json<Job>();
const cancel = ({ links }: Job, key = api.key) => call(api, links.self, { method: 'DELETE', key });
const retry = ({ links }: Job, key = api.key) => call(api, `${links.self}/retry`, { method: 'POST', key });
const retryMany = async (filter: object) => (await postJson(api, '/v1/jobs/retry', filter)).json<Retried>();
const codeOf = (answer: Answer) => `${answer.status} ${problem(answer).code}`;

interface Retried {
  retried: number;
  more: boolean;
}

t.test('a job is called off', async (t) => {
  const queued = await accept(api);
  const answer = await cancel(queued);
  t.equal(answer.status, 200);
  t.match(answer.json(), { id: queued.id, status: 'canceled', finishedAt: String, attempt: 0, attempts: [] });
  t.equal((await call(api, queued.links.image)).status, 200, 'its image stays');
  const [event] = await api.rows(`SELECT type FROM events WHERE job_id = $1 ORDER BY seq DESC`, [queued.id]);
  t.match(event, { type: 'job.canceled' });

  const running = await accept(api);
  const { attempt } = await claim(api, running);
  const waiting = call(api, `${running.links.self}?wait=60`);
  t.match((await cancel(running)).json(), {
    status: 'canceled',
    attempts: [{ attempt: 1, worker: 'test', startedAt: String, endedAt: String }],
  });
  t.equal((await waiting).json<Job>().status, 'canceled', 'who waits for it hears of it');
  const still = await api.database.work.heartbeat([{ id: running.id, attempt }], 1000);
  t.equal(still.size, 0, 'and so does its worker');
});

t.test('what has ended can not be called off', async (t) => {
  const [done, bad, off] = [await accept(api), await accept(api), await accept(api)];
  await finish(api, done);
  await fail(api, bad);
  await cancel(off);
  for (const job of [done, bad, off]) t.equal(codeOf(await cancel(job)), '409 JOB_FINISHED');
  t.equal((await read(done)).status, 'completed');
});

t.test('a job is run again, and tells of all its attempts', async (t) => {
  const job = await accept(api);
  await fail(api, job);
  const failed = await read(job);
  const first = { attempt: 1, worker: 'test', code: 'IMAGE_UNREADABLE', message: 'Not readable.' };
  t.match(failed, { status: 'failed', worker: 'test', attempts: [first], error: { retryable: false } });
  t.equal(failed.attempts.length, 1);
  t.ok(Date.parse(failed.attempts[0]?.endedAt ?? '') >= Date.parse(failed.attempts[0]?.startedAt ?? ''));

  const answer = await retry(job);
  t.equal(answer.status, 202);
  t.equal(answer.headers.location, job.links.self);
  t.match(answer.json(), { status: 'queued', finishedAt: null, queue: { position: 0 }, attempts: [first] });
  const [{ generation } = { generation: 0 }] = await api.rows<{ generation: number }>(
    'SELECT generation FROM jobs WHERE id = $1',
    [job.id],
  );
  t.ok(generation > 0, 'by a new name in the queue');
  const known = () => api.deps.nudges.forgotten([{ id: job.id, generation }]);
  t.same(await eventually(known, ({ length }) => length === 0), [], 'nudged');

  await claim(api, job);
  t.match(await read(job), { status: 'processing', attempts: [first, { attempt: 2, endedAt: null }] });
  t.equal(codeOf(await retry(job)), '409 JOB_NOT_RETRYABLE', 'not while it runs');
  await api.database.work.release([{ id: job.id, attempt: 2 }]);
  await finish(api, job);
  const done = await read(job);
  t.equal(done.status, 'completed');
  t.equal(done.error, undefined);
  t.equal(done.attempts.at(-1)?.attempt, 3);
  t.equal(done.attempts.at(-1)?.code, undefined);
  t.equal(done.attempts.at(-1)?.endedAt, done.finishedAt);
  t.equal(codeOf(await retry(job)), '409 JOB_NOT_RETRYABLE', 'nor when it went well');

  const off = await accept(api);
  await cancel(off);
  t.equal((await retry(off)).status, 202, 'a canceled one is');
});

t.test('a job that waits for its next attempt says until when', async (t) => {
  const job = await accept(api);
  const { attempt } = await claim(api, job);
  await api.database.work.fail({
    ...{ id: job.id, attempt, retryAfterMs: 3_600_000, counts: true },
    ...{ errorCode: 'DECODER_TIMEOUT', errorMessage: 'Too slow.', errorRetryable: true },
  });
  const seen = await read(job);
  t.match(seen, {
    status: 'queued',
    attempt: 1,
    attempts: [{ attempt: 1, code: 'DECODER_TIMEOUT', message: 'Too slow.', endedAt: String }],
    error: { code: 'DECODER_TIMEOUT', retryable: true },
  });
  const pauseMs = Date.parse(seen.queue?.notBefore ?? '') - Date.now();
  t.ok(pauseMs > 3_000_000 && pauseMs <= 3_700_000, `${pauseMs}`);
  await cancel(job);
});

t.test('the dead are listed by their error and run again by a filter', async (t) => {
  await api.rows('DELETE FROM jobs');
  const unreadable = [await accept(api), await accept(api), await accept(api)];
  for (const job of unreadable) await fail(api, job);
  const lost = await accept(api);
  await fail(api, lost);
  await api.rows(`UPDATE jobs SET error_code = 'WORKER_LOST' WHERE id = $1`, [lost.id]);
  const off = await accept(api);
  await cancel(off);
  const done = await accept(api);
  await finish(api, done);

  const list = async (query: string) =>
    (await call(api, `/v1/jobs?${query}`)).json<{ items: Job[] }>().items.map(({ id }) => id);
  t.same(
    await list('status=failed'),
    [lost, ...unreadable.toReversed()].map(({ id }) => id),
  );
  t.same(await list('status=failed&errorCode=WORKER_LOST'), [lost.id]);
  t.same(await list('errorCode=DECODER_TIMEOUT'), []);
  t.equal(codeOf(await call(api, '/v1/jobs?errorCode=SOMETHING')), '400 INVALID_REQUEST');

  const none = { retried: 0, more: false };
  t.same(await retryMany({ errorCode: 'DECODER_TIMEOUT' }), none);
  t.same(await retryMany({ createdAfter: '2100-01-01T00:00:00Z' }), none);
  t.same(await retryMany({ createdBefore: '2000-01-01T00:00:00Z' }), none);
  const theirs = await postJson(api, '/v1/jobs/retry', {}, { key: stranger });
  t.same(theirs.json(), none, 'not another tenant’s');
  t.same(await retryMany({ errorCode: 'IMAGE_UNREADABLE', limit: 2 }), { retried: 2, more: true });
  t.same(await list('status=failed&errorCode=IMAGE_UNREADABLE'), [unreadable[2]?.id], 'the oldest first');
  t.same(await retryMany({ status: 'canceled' }), { retried: 1, more: false });
  t.same(await retryMany({ createdAfter: '2000-01-01T00:00:00Z' }), { retried: 2, more: false });
  t.same(await retryMany({}), none);
  t.equal((await read(done)).status, 'completed');
  for (const job of [...unreadable, lost, off]) t.equal((await read(job)).status, 'queued');
});

t.test('wrong filters', async (t) => {
  const table: [what: string, filter: unknown][] = [
    ['an unknown status', { status: 'completed' }],
    ['an unknown code', { errorCode: 'BAD_LUCK' }],
    ['no time', { createdAfter: 'yesterday' }],
    ['none at all', { limit: 0 }],
    ['too many', { limit: 1001 }],
    ['an unknown filter', { title: 'a' }],
    ['no object', null],
  ];
  for (const [what, filter] of table)
    t.equal(codeOf(await postJson(api, '/v1/jobs/retry', filter)), '400 INVALID_REQUEST', what);
});

t.test('another tenant’s job is not there', async (t) => {
  const job = await accept(api);
  t.equal(codeOf(await cancel(job, stranger)), '404 JOB_NOT_FOUND');
  await fail(api, job);
  t.equal(codeOf(await retry(job, stranger)), '404 JOB_NOT_FOUND');
  t.equal((await read(job)).status, 'failed');
});
