import t from 'tap';
import type { ReprocessRun } from '../src/schemas/reprocess.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, problem } from './client.ts';
import { finish } from './worker.ts';

const api = await startApi();
const admin = await addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{admin}'` });
const post = (body: object, key = admin) =>
  call(api, '/v1/jobs/reprocess', {
    method: 'POST',
    key,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

t.test('an administrator starts a run and sees how far it is', async (t) => {
  const job = await accept(api);
  await finish(api, job);
  const answer = await post({ olderThan: '9.0.0', format: 'png', options: { profile: 'full', stats: true } });
  t.equal(answer.status, 202);
  const run = answer.json<ReprocessRun>();
  t.equal(answer.headers.location, `/v1/jobs/reprocess/${run.id}`);
  t.match(run, {
    status: 'running',
    finishedAt: null,
    filter: { olderThan: '9.0.0', format: 'png' },
    options: { profile: 'full', stats: true },
    jobs: { queued: 0, completed: 0 },
  });
  await api.database.reprocess.makeJobs({ atOnce: 10, patienceMs: 0 });
  t.match((await call(api, run.links.self, { key: admin })).json(), {
    jobs: { queued: 1 },
    status: 'running',
  });
});

t.test('nobody else does', async (t) => {
  const answer = await post({ olderThan: '9.0.0' }, api.key);
  t.equal(answer.status, 403);
  t.equal(problem(answer).code, 'FORBIDDEN');
  t.equal((await call(api, `/v1/jobs/reprocess/${crypto.randomUUID()}`)).status, 403);
});

t.test('wrong requests are refused', async (t) => {
  const table: [what: string, body: object][] = [
    ['no version', {}],
    ['a version that is none', { olderThan: 'new' }],
    ['a version that is SQL', { olderThan: "1'; DROP TABLE images; --" }],
    ['an unknown format', { olderThan: '1', format: 'mp3' }],
    ['an unknown profile', { olderThan: '1', options: { profile: 'best' } }],
    ['an unknown filter', { olderThan: '1', tag: 'x' }],
    ['no tenant id', { olderThan: '1', tenantId: '7' }],
    ['no time', { olderThan: '1', uploadedAfter: 'yesterday' }],
    ['a time before the calendar', { olderThan: '1', uploadedAfter: '0000-01-01T00:00:00Z' }],
    ['an unknown option', { olderThan: '1', options: { profil: 'full' } }],
  ];
  for (const [what, body] of table) {
    const answer = await post(body);
    t.equal(answer.status, 400, what);
    t.equal(problem(answer).code, 'INVALID_REQUEST', what);
  }
});

t.test('a run is stopped, and odd zones are understood', async (t) => {
  const run = (
    await post({ olderThan: '9.0.0', uploadedBefore: '2026-01-01T00:00:00+23:59' })
  ).json<ReprocessRun>();
  t.match(run.filter, { uploadedBefore: '2025-12-31T00:01:00.000Z' });
  const answer = await call(api, run.links.self, { method: 'DELETE', key: admin });
  t.match(answer.json(), { id: run.id, finishedAt: String });
  await api.database.reprocess.makeJobs({ atOnce: 10, patienceMs: 0 });
});

t.test('an unknown run', async (t) => {
  const answer = await call(api, `/v1/jobs/reprocess/${crypto.randomUUID()}`, { key: admin });
  t.equal(answer.status, 404);
  t.equal(problem(answer).code, 'REPROCESS_RUN_NOT_FOUND');
});
