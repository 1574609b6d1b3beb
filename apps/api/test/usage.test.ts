import { parseApiKey, SESSION_PRINCIPAL, type UsageCount } from '@tintype/prisma';
import t from 'tap';
import { startUsageRecorder } from '../src/limits/usage-recorder.ts';
import type { Principal } from '../src/principal.ts';
import type { Usage } from '../src/schemas/usage.ts';
import { addKey, startApi } from './app.ts';
import { call, image, postJson, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { awayFromMidnight, requestsKnown, setPlan } from './plans.ts';

await awayFromMidnight();
const today = new Date().toISOString().slice(0, 10);
const idOf = (key: string) => parseApiKey(key)?.id;

t.test('what was done is known by day and key', async (t) => {
  const api = await startApi({ env: { OUTGOING_ALLOW: '127.0.0.1', DUPLICATES: 'reuse' } });
  const other = await addKey(api.rows, { tenantId: api.tenantId });
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const limits = { requestsPerDay: 1000, storedBytes: 1_000_000, concurrentJobs: 10 };
  await setPlan(api, limits);

  const same = image(pictureOf(1000));
  await upload(api, [same]);
  await upload(api, [same]);
  await upload(api, [image(pictureOf(500))], { key: other });
  await postJson(api, '/v1/jobs', { url: 'http://127.0.0.1/a.png' }, { key: other });
  await call(api, '/v1/jobs?limit=nonsense', { key: other });
  await call(api, '/v1/nothing');
  await call(api, '/healthz', { key: null });
  await call(api, '/v1/jobs', { key: null });
  await upload(api, [image(pictureOf(700))], { key: stranger });
  t.equal(await requestsKnown(api, 5), 5);

  const { plan, now, days } = (await call(api, '/v1/usage')).json<Usage>();
  t.match(plan, { name: /^plan-/, ...limits, requestsPerSecond: null, uploadBytes: null });
  t.same(now, { images: 3, storedBytes: 1500, unfinishedJobs: 3, requestsToday: 5 });
  const byKey = new Map(days.map((day) => [day.key?.id, day]));
  t.equal(days.length, 2);
  const named = (key: string) => ({ day: today, key: { id: idOf(key), name: 'test' } });
  t.same(byKey.get(idOf(api.key)), { ...named(api.key), requests: 2, bytes: 1000, jobs: 1 });
  t.same(byKey.get(idOf(other)), { ...named(other), requests: 3, bytes: 500, jobs: 2 });

  const foreign = (await call(api, '/v1/usage', { key: stranger })).json<Usage>();
  t.match(foreign.now, { images: 1, storedBytes: 700 });
  t.equal(foreign.plan.name, 'unlimited');
});

t.test('days', async (t) => {
  const api = await startApi();
  const ask = (query: string) => call(api, `/v1/usage?${query}`);
  await api.rows(
    `INSERT INTO usage_days (tenant_id, day, principal, requests)
     SELECT $1, ($2::date - ago), $3, 1 FROM generate_series(0, 400) ago WHERE ago <> 0`,
    [api.tenantId, today, SESSION_PRINCIPAL],
  );
  const dayAgo = (ago: number) => new Date(Date.parse(today) - ago * 86_400_000).toISOString().slice(0, 10);
  const rows: { query: string; first: string; last: string; length: number }[] = [
    { query: '', first: dayAgo(1), last: dayAgo(29), length: 29 },
    { query: `to=${dayAgo(10)}`, first: dayAgo(10), last: dayAgo(39), length: 30 },
    { query: `from=${dayAgo(3)}`, first: dayAgo(1), last: dayAgo(3), length: 3 },
    { query: `from=${dayAgo(5)}&to=${dayAgo(5)}`, first: dayAgo(5), last: dayAgo(5), length: 1 },
    { query: `from=${dayAgo(365)}`, first: dayAgo(1), last: dayAgo(365), length: 365 },
  ];
  for (const { query, first, last, length } of rows) {
    const { days } = (await ask(query)).json<Usage>();
    const old = days.filter(({ key, day }) => key === null && day !== today);
    t.same([old[0]?.day, old.at(-1)?.day, old.length], [first, last, length], query);
  }
  const wrong = [
    `from=${dayAgo(366)}`,
    `from=${dayAgo(1)}&to=${dayAgo(2)}`,
    'from=nonsense',
    'to=2026-02-30',
    'from=0000-01-01&to=0000-01-02',
    'from=2026-01-01T00:00:00Z',
  ];
  for (const query of wrong) {
    const answer = await ask(query);
    t.equal(answer.status, 400, query);
    t.equal(problem(answer).code, 'INVALID_REQUEST');
  }
  t.same((await ask('from=0001-03-01&to=0001-03-02')).json<Usage>().days, []);
});

const principal = (about: Partial<Principal> = {}) =>
  ({ kind: 'key', id: 'k', tenantId: 't', ...about }) as Principal;

t.test('the recorder', async (t) => {
  const written: UsageCount[][] = [];
  let isAway = false;
  const add = async (counts: UsageCount[]) => {
    if (isAway) throw new Error('away');
    written.push(structuredClone(counts));
  };
  const warnings: unknown[] = [];
  const recorder = startUsageRecorder({ add }, { warn: (...args: unknown[]) => void warnings.push(args) });
  const one = { tenantId: 't', day: today };

  recorder.letIn(principal());
  recorder.letIn(principal());
  recorder.accepted(principal(), 100);
  recorder.letIn(principal({ kind: 'session', id: 'u' }));
  recorder.letIn(principal({ kind: 'token', id: 'u' }));
  await eventually(
    () => written.length,
    (length) => length > 0,
  );
  t.same(written, [
    [
      { ...one, principal: 'k', requests: 2, bytes: 100, jobs: 1 },
      { ...one, principal: SESSION_PRINCIPAL, requests: 2, bytes: 0, jobs: 0 },
    ],
  ]);

  written.length = 0;
  isAway = true;
  recorder.letIn(principal());
  await eventually(
    () => warnings.length,
    (length) => length > 0,
  );
  recorder.letIn(principal());
  isAway = false;
  await recorder.close();
  const requests = written.flat().reduce((sum, row) => sum + row.requests, 0);
  t.equal(requests, 2, 'what could not be written is kept, and written at the end');
});

t.test('many principals, and a database that stays away', async (t) => {
  let isAway = true;
  const sizes: number[] = [];
  const add = async (counts: UsageCount[]) => {
    if (isAway) throw new Error('away');
    sizes.push(counts.length);
  };
  const lost: unknown[] = [];
  const recorder = startUsageRecorder({ add }, { warn: (about: unknown) => void lost.push(about) });
  for (let nth = 0; nth < 50_010; nth += 1) recorder.letIn(principal({ tenantId: `t-${nth}` }));
  await eventually(
    () => lost.length,
    (length) => length === 2,
  );
  t.match(lost[1], { requests: 10 }, 'memory is bounded');
  isAway = false;
  await recorder.close();
  t.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    50_000,
  );
  t.ok(sizes.every((size) => size <= 1000));
});
