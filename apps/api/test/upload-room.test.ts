import type { PlanLimits } from '@tintype/prisma';
import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { addKey, NO_TRACES, startApi, type TestApi } from './app.ts';
import { type Answer, accept, call, image, postJson, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { setPlan, startTwin } from './plans.ts';
import { chunked, FILE_HEAD, openWire, postHead } from './wire.ts';
import { fail, finish } from './worker.ts';

const UNLIMITED = '0';
const codeOf = (answer: Answer) => `${answer.status} ${problem(answer).code}`;
const file = (bytes: number) => [image(pictureOf(bytes))];

/** Nobody else is on this plan. */
async function start(limits: Partial<PlanLimits>): Promise<TestApi> {
  const api = await startApi({
    env: { MAX_UPLOADS_AT_ONCE_PER_TENANT: UNLIMITED, OUTGOING_ALLOW: '127.0.0.1' },
  });
  await setPlan(api, limits);
  return api;
}

function count(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = answer.status === 202 ? '202' : codeOf(answer);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function stored(api: TestApi): Promise<object | undefined> {
  const [row] = await api.rows(
    `SELECT (SELECT stored_bytes::int FROM tenant_usage WHERE tenant_id = $1) AS bytes,
            (SELECT count(*)::int FROM jobs WHERE tenant_id = $1 AND finished_at IS NULL) AS jobs,
            (SELECT count(*)::int FROM uploads) AS uploads`,
    [api.tenantId],
  );
  return row;
}

t.test('exactly as much as is allowed, through two processes', async (t) => {
  const rows: {
    name: string;
    limits: Partial<PlanLimits>;
    expected: Record<string, number>;
    bytes: number;
  }[] = [
    {
      name: 'bytes',
      limits: { storedBytes: 10_500 },
      expected: { '202': 10, '403 STORAGE_QUOTA_EXCEEDED': 20 },
      bytes: 10_000,
    },
    {
      name: 'jobs',
      limits: { concurrentJobs: 7 },
      expected: { '202': 7, '429 TOO_MANY_JOBS': 23 },
      bytes: 7000,
    },
  ];
  for (const { name, limits, expected, bytes } of rows) {
    const first = await start(limits);
    const second = await startTwin(first, { MAX_UPLOADS_AT_ONCE_PER_TENANT: UNLIMITED });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, nth) => upload(nth % 2 === 0 ? first : second, file(1000))),
    );
    const accepted = expected['202'] ?? 0;
    t.same(count(answers), expected, name);
    t.same(await stored(first), { bytes, jobs: accepted, uploads: 0 });
    t.equal((await first.objects()).length, accepted, 'of what was refused nothing is left');
    t.equal(
      codeOf(await upload(second, file(1000))),
      Object.keys(expected).find((code) => code !== '202'),
    );
  }
});

t.test('addresses and files', async (t) => {
  const api = await start({ concurrentJobs: 5 });
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, nth) =>
      nth % 2 === 0 ? upload(api) : postJson(api, '/v1/jobs', { url: 'http://127.0.0.1/a.png' }),
    ),
  );
  t.same(count(answers), { '202': 5, '429 TOO_MANY_JOBS': 11 });
  t.match(await stored(api), { jobs: 5, uploads: 0 });
});

t.test('what ends, and what is removed, makes room', async (t) => {
  const api = await start({ storedBytes: 2500, concurrentJobs: 2 });
  const [first, second] = [await accept(api, file(1000)), await accept(api, file(1000))];
  const full = await upload(api, file(100));
  t.equal(codeOf(full), '429 TOO_MANY_JOBS');
  t.equal(full.headers['retry-after'], '1');
  await finish(api, first);
  t.equal(
    codeOf(await upload(api, file(1000))),
    '403 STORAGE_QUOTA_EXCEEDED',
    'a smaller one would have room',
  );
  t.equal((await upload(api, file(100))).status, 202);
  await finish(api, second);
  t.equal((await call(api, second.links.image, { method: 'DELETE' })).status, 204);
  t.equal((await upload(api, file(1000))).status, 202);
});

t.test('one that is full is refused before its body is read', async (t) => {
  for (const limits of [{ storedBytes: 1000 }, { concurrentJobs: 1 }]) {
    const api = await start(limits);
    await accept(api, file(1000));
    const wire = await openWire(api);
    await wire.send(postHead(api, ['transfer-encoding: chunked']));
    const code = 'storedBytes' in limits ? 'STORAGE_QUOTA_EXCEEDED' : 'TOO_MANY_JOBS';
    t.match(await wire.read((said) => said.includes(code)), new RegExp(code));
    wire.socket.destroy();
  }
});

t.test('an upload under a key that was answered is answered again, full or not', async (t) => {
  const api = await start({ concurrentJobs: 1 });
  const headers = { 'idempotency-key': 'one' };
  const body = file(1000);
  const answer = await upload(api, body, { headers });
  t.equal(answer.status, 202);
  t.equal(codeOf(await upload(api, file(1000))), '429 TOO_MANY_JOBS');
  const again = await upload(api, body, { headers });
  t.equal(again.status, 202);
  t.equal(again.json<Job>().id, answer.json<Job>().id);

  const other = { 'idempotency-key': 'two' };
  t.equal(codeOf(await upload(api, body, { headers: other })), '429 TOO_MANY_JOBS');
  await finish(api, answer.json<Job>());
  t.equal((await upload(api, body, { headers: other })).status, 202, 'a refusal is not remembered');
});

t.test('jobs that are run again', async (t) => {
  const api = await start({ concurrentJobs: 4 });
  const jobs: Job[] = [];
  for (let made = 0; made < 4; made += 1) jobs.push(await accept(api));
  for (const job of jobs) await fail(api, job);
  await accept(api);
  await accept(api);
  const retryMany = () => postJson(api, '/v1/jobs/retry', {});
  const retried = await retryMany();
  t.match(retried.json(), { retried: 2, more: true }, 'as many as there is room for');
  t.equal(codeOf(await retryMany()), '429 TOO_MANY_JOBS');
  const failed = await api.rows<{ id: string }>(`SELECT id FROM jobs WHERE status = 'failed' ORDER BY id`);
  const retry = (id = '') => call(api, `/v1/jobs/${id}/retry`, { method: 'POST' });
  t.equal(codeOf(await retry(failed[0]?.id)), '429 TOO_MANY_JOBS');
  const [running] = await api.rows<{ id: string }>('SELECT id FROM jobs WHERE finished_at IS NULL LIMIT 1');
  await finish(api, { id: running?.id ?? '' });
  t.equal((await retry(failed[0]?.id)).status, 202);
  t.match(await stored(api), { jobs: 4, uploads: 0 });
});

t.test('the size of one file', async (t) => {
  const api = await start({ uploadBytes: 50_000 });
  const told = 'The file is larger than the 50000 bytes your plan allows.';
  t.equal((await upload(api, file(50_000))).status, 202);
  const before = await api.traces();
  const refused = await upload(api, file(50_001));
  t.equal(codeOf(refused), '413 IMAGE_TOO_LARGE');
  t.equal(problem(refused).detail, told);
  t.same(
    await eventually(api.traces, (traces) => traces.uploads === before.uploads),
    before,
    'nothing is left',
  );

  const announced = await openWire(api);
  await announced.send(postHead(api, ['content-length: 1000000']));
  t.match(await announced.read((said) => said.includes(told)), /^HTTP\/1.1 413 /, 'before its body is read');
  announced.socket.destroy();

  const streamed = await openWire(api);
  await streamed.send(postHead(api, ['transfer-encoding: chunked']));
  await streamed.send(Buffer.concat([chunked(FILE_HEAD), chunked(pictureOf(60_000))]));
  t.match(await streamed.read((said) => said.includes(told)), /^HTTP\/1.1 413 /, 'before its end');
  streamed.socket.destroy();
  t.same(await eventually(api.traces, (traces) => traces.uploads === before.uploads), before);

  const small = await addKey(api.rows, { tenantId: api.tenantId });
  await setPlan(api, { uploadBytes: 2000 }, { key: small });
  t.equal(problem(await upload(api, file(2001), { key: small })).detail, told.replace('50000', '2000'));
  t.equal((await upload(api, file(2001))).status, 202, 'of the key alone');
  const large = await addKey(api.rows, { tenantId: api.tenantId });
  await setPlan(api, { uploadBytes: 1_000_000 }, { key: large });
  t.equal(codeOf(await upload(api, file(50_001), { key: large })), '413 IMAGE_TOO_LARGE', 'both hold');
});

t.test("a key's own room", async (t) => {
  const api = await start({ concurrentJobs: 10 });
  const key = await addKey(api.rows, { tenantId: api.tenantId });
  await setPlan(api, { concurrentJobs: 2, storedBytes: 5000 }, { key });
  await accept(api, file(1000));
  t.equal((await upload(api, file(1000), { key })).status, 202);
  t.equal(codeOf(await upload(api, file(1000), { key })), '429 TOO_MANY_JOBS');
  t.equal((await upload(api, file(1000))).status, 202, 'of the key alone');
});

t.test('a form that is wrong behind its file takes no room', async (t) => {
  const api = await start({ concurrentJobs: 1 });
  const wrong = await upload(api, [...file(1000), { name: 'unknown', body: 'x' }]);
  t.equal(codeOf(wrong), '400 UNKNOWN_PART');
  t.same(await eventually(api.traces, (traces) => traces.uploads === 0), NO_TRACES);
  t.equal((await upload(api)).status, 202);
});
