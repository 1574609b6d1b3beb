import { connect } from 'node:net';
import { freePort, startRedis, startTcpProxy } from '@tintype/local';
import t from 'tap';
import { addKey, startApi, type TestApi } from './app.ts';
import { type Answer, call, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { awayFromMidnight, requestsKnown, setPlan, startTwin } from './plans.ts';

const noRedis = process.env.TEST_NO_REDIS;
await awayFromMidnight();

const get = (api: TestApi, options = {}) => call(api, '/v1/jobs', options);

function count(answers: Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

function limitsOf({ headers }: Answer): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('ratelimit-') && value !== undefined ? [[name, value]] : [],
    ),
  );
}

function many(count: number, ask: (nth: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, nth) => ask(nth)));
}

for (const queue of ['redis', 'postgres'])
  t.test(
    `two processes, counted by ${queue}`,
    { skip: queue === 'redis' && (noRedis ?? false) },
    async (t) => {
      // Busy as the machine may be, Redis counts: what changes the counter lets more in.
      const patient = { LIMITS_TIMEOUT_MS: '60000' };
      const first = await startApi({ queue, env: patient });
      const second = await startTwin(first, patient);
      const either = (nth: number) => (nth % 2 === 0 ? first : second);

      await t.test('a day', async (t) => {
        await setPlan(first, { requestsPerDay: 25 });
        const forged = (nth: number) => ({
          'x-forwarded-for': `203.0.113.${nth}`,
          forwarded: `for=203.0.113.${nth}`,
        });
        const answers = await many(70, (nth) => get(either(nth), { headers: forged(nth) }));
        t.equal(count(answers, 200), 25, 'exactly as many as are allowed');
        t.equal(count(answers, 429), 45);
        const refused = await get(second);
        const { 'retry-after': after, ...headers } = refused.headers;
        t.match(problem(refused), { code: 'DAILY_QUOTA_EXCEEDED', status: 429 });
        const midnight = 86_400 - ((Date.now() / 1000) % 86_400);
        t.ok(Math.abs(Number(after) - midnight) < 60, `until midnight: ${after}`);
        t.match(headers, {
          'ratelimit-limit': '25',
          'ratelimit-remaining': '0',
          'ratelimit-reset': after,
          'ratelimit-policy': '25;w=86400',
        });
        t.equal(await requestsKnown(first, 25), 25, 'refused ones are not counted as usage');
      });

      await t.test('a second', async (t) => {
        await setPlan(first, { requestsPerSecond: 7 });
        const secondOf = async () => {
          const [row] = await first.rows<{ now: number }>('SELECT extract(epoch FROM now())::float8 AS now');
          return row?.now ?? 0;
        };
        /** What was counted in it is there until it ends. */
        let lastUsed = 0;
        const burst = async (count: number) => {
          const before = await secondOf();
          const answers = await many(count, (nth) => get(either(nth)));
          lastUsed = Math.floor(await secondOf());
          return { answers, seconds: lastUsed - Math.floor(before) + 1 };
        };
        const { answers: all, seconds } = await burst(40);
        t.ok(count(all, 200) >= 7 && count(all, 200) <= 7 * seconds, 'never more, over two processes');

        await setPlan(first, { requestsPerSecond: 2 });
        // Only what begins and ends within one second says how many it was.
        const inOneSecond = async () => {
          await eventually(secondOf, (now) => now % 1 < 0.2 && now >= lastUsed + 1);
          return burst(4);
        };
        const one = await eventually(inOneSecond, (tried) => tried.seconds === 1, 120_000);
        const { answers } = one;
        t.equal(one.seconds, 1);
        t.equal(count(answers, 200), 2, 'exactly as many as are allowed');
        const refused = answers.find(({ status }) => status === 429);
        t.match(refused && problem(refused), { code: 'RATE_LIMITED' });
        t.match(refused?.headers, {
          'retry-after': '1',
          'ratelimit-limit': '2',
          'ratelimit-policy': '2;w=1',
        });
        const again = await eventually(
          () => get(first),
          ({ status }) => status === 200,
        );
        t.equal(again.status, 200, 'and later again');
      });

      await t.test('of an account and of a key', async (t) => {
        await first.rows('DELETE FROM usage_days');
        const tenantId = crypto.randomUUID();
        const [narrow, wide] = [
          await addKey(first.rows, { tenantId }),
          await addKey(first.rows, { tenantId }),
        ];
        await setPlan(first, { requestsPerDay: 10 }, { tenantId });
        await setPlan(first, { requestsPerDay: 3 }, { key: narrow });
        const ofNarrow = await many(8, (nth) => get(either(nth), { key: narrow }));
        t.equal(count(ofNarrow, 200), 3, "the key's own");
        t.match(limitsOf(await get(first, { key: narrow })), {
          'ratelimit-limit': '3',
          'ratelimit-policy': '10;w=86400, 3;w=86400',
        });
        const ofWide = await many(20, (nth) => get(either(nth), { key: wide }));
        t.equal(count(ofWide, 200), 7, "what is left of the account's: refused requests took nothing of it");
        t.match(limitsOf(await get(first, { key: wide })), { 'ratelimit-policy': '10;w=86400' });
      });
    },
  );

t.test('the headers', async (t) => {
  const api = await startApi({ queue: 'postgres' });
  const admin = await addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{images:read}'` });
  const policy = '1000;w=1, 5000;w=86400';
  await setPlan(api, { requestsPerSecond: 1000, requestsPerDay: 5000 });
  const asked: { path: string; key?: string | null; status: number; isTold: boolean }[] = [
    { path: '/v1/jobs', status: 200, isTold: true },
    { path: '/v1/usage', status: 200, isTold: true },
    { path: '/v1/jobs?limit=nonsense', status: 400, isTold: true },
    { path: '/v1/jobs/00000000-0000-7000-8000-000000000000', status: 404, isTold: true },
    { path: '/v1/webhook-endpoints', key: admin, status: 403, isTold: true },
    { path: '/v1/jobs', key: null, status: 401, isTold: false },
    { path: '/v1/nothing', status: 404, isTold: false },
    { path: '/healthz', status: 200, isTold: false },
  ];
  for (const { path, key = api.key, status, isTold } of asked) {
    const answer = await call(api, path, { key });
    t.equal(answer.status, status, path);
    if (!isTold) t.same(limitsOf(answer), {}, `${path} says nothing`);
    else
      t.match(limitsOf(answer), {
        'ratelimit-limit': /^(1000|5000)$/,
        'ratelimit-remaining': /^\d+$/,
        'ratelimit-reset': /^\d+$/,
        'ratelimit-policy': policy,
      });
  }
  t.match(limitsOf(await upload(api)), { 'ratelimit-policy': policy }, 'of an upload');
});

t.test('who has no limit', async (t) => {
  let asked = 0;
  const refuse = async () => {
    asked += 1;
    throw new Error('Nobody is to be asked.');
  };
  const api = await startApi({
    queue: 'postgres',
    swap: ({ rates, db }) => ({
      rates: { ...rates, take: refuse },
      db: {
        ...db,
        of: (tenantId) => ({
          ...db.of(tenantId),
          admissions: { admit: refuse, held: refuse, limitsOf: refuse },
        }),
      },
    }),
  });
  const answers = [await get(api), await upload(api), await call(api, '/v1/usage')];
  t.same(
    answers.map(({ status }) => status),
    [200, 202, 200],
  );
  t.equal(asked, 0, 'costs no statement');
  for (const answer of answers) t.same(limitsOf(answer), {});

  await setPlan(api, { requestsPerDay: 1 });
  const uncounted = await get(api);
  t.equal(uncounted.status, 200, 'when nobody counts, requests are let in');
  t.same(limitsOf(uncounted), {});
  t.equal(asked, 1);
});

t.test('a Redis that goes away, is silent, or forgets', { skip: noRedis ?? false }, async (t) => {
  const shared = process.env.REDIS_URL;
  delete process.env.REDIS_URL;
  const redis = await startRedis({ port: await freePort() }).finally(() => {
    if (shared !== undefined) process.env.REDIS_URL = shared;
  });
  t.teardown(redis.stop);
  const proxy = await startTcpProxy({ port: redis.port });
  t.teardown(proxy.close);
  const started = { env: { QUEUE_URL: `${proxy.through(redis.url)}?prefix=limits` } };

  for (const fault of ['cut', 'blackhole'] as const)
    await t.test(fault, async (t) => {
      const api = await startApi(started);
      await setPlan(api, { requestsPerDay: 12 });
      for (let sent = 0; sent < 4; sent += 1) t.equal((await get(api)).status, 200);
      t.equal(await requestsKnown(api, 4), 4);
      proxy[fault]();
      const begun = performance.now();
      const taken = await many(3, () => upload(api));
      t.equal(count(taken, 202), 3, 'uploads are taken in all the same');
      t.ok(performance.now() - begun < 10_000, 'and wait for nobody');
      t.match(limitsOf(await get(api)), { 'ratelimit-remaining': '4' }, 'PostgreSQL goes on from there');
      t.equal(await requestsKnown(api, 8), 8);

      proxy.pass();
      t.ok(await eventually(() => isCountedElsewhere(api), Boolean), 'Redis is asked again');
      t.match(limitsOf(await get(api)), { 'ratelimit-remaining': '3' }, 'and Redis from there');
      const rest = await many(9, () => get(api));
      t.equal(count(rest, 200), 3);
    });

  await t.test('emptied', async (t) => {
    const api = await startApi({ env: { ...started.env, LIMITS_TIMEOUT_MS: '60000' } });
    await setPlan(api, { requestsPerDay: 10 });
    const begun = await many(6, () => get(api));
    t.equal(count(begun, 200), 6);
    t.equal(await requestsKnown(api, 6), 6);
    await flush(redis.port);
    const answers = await many(9, () => get(api));
    t.equal(count(answers, 200), 4, 'the day is not forgotten');
    t.equal((await api.rows('SELECT FROM rate_windows')).length, 0, 'and Redis counts');
  });

  await t.test('away from the start', async (t) => {
    const api = await startApi({ env: { QUEUE_URL: `redis://127.0.0.1:${await freePort()}` } });
    await setPlan(api, { requestsPerDay: 3 });
    const answers = await many(9, () => get(api));
    t.equal(count(answers, 200), 3);
  });
});

/** What is asked now leaves PostgreSQL as it was. */
async function isCountedElsewhere(api: TestApi): Promise<boolean> {
  const used = async () =>
    (await api.rows<{ used: string }>(`SELECT used FROM rate_windows WHERE subject = 'another'`))[0]?.used;
  const before = await used();
  await api.deps.rates.take([{ subject: 'another', seconds: 86_400, limit: 1_000_000 }]);
  return (await used()) === before;
}

async function flush(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('FLUSHALL\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
}
