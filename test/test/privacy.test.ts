// What the service remembers of who was where, and for how long: addresses come in through the real processes, the clock is put forward
// by moving everything that is stored into the past, and the worker does the rest.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { request } from 'undici';
import { ended, startService } from './processes.ts';
import { dumpDatabase, dumpRedis, placesOf, query } from './stores.ts';

const QUEUES = [
  { queue: 'postgres', skip: false },
  { queue: 'redis', skip: process.env.TEST_NO_REDIS ?? false },
] as const;

/** And what is left of them. */
const ADDRESSES = [
  ['203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:77:1::77', '2001:db8:77::/48'],
] as const;
const YOUNG = '198.51.100.29';

const PATIENCE_MS = 60_000;

for (const { queue, skip } of QUEUES) {
  t.test(`queue on ${queue}`, { skip }, async (t) => {
    const env = { TRUST_PROXY: '127.0.0.0/8', SWEEP_EVERY_MS: '300', SECURE_COOKIES: 'no' };
    const service = await startService(env, queue);
    const { databaseUrl, address, key } = service;
    const rows = <Row extends object>(sql: string) => query<Row>(databaseUrl, sql);

    async function eventually(what: string, sql: string, wanted: number): Promise<void> {
      const deadline = performance.now() + PATIENCE_MS;
      let count = Number.NaN;
      while (count !== wanted && performance.now() < deadline) {
        await sleep(100);
        count =
          (await rows<{ count: number }>(`SELECT count(*)::int FROM request_logs WHERE ${sql}`))[0]?.count ??
          -1;
      }
      t.equal(count, wanted, what);
    }

    async function post(from: string, path: string, body: object, headers: Record<string, string> = {}) {
      const answer = await request(address + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...headers },
        body: JSON.stringify(body),
      });
      await answer.body.dump();
      return answer;
    }

    for (const [from] of ADDRESSES) {
      const person = { email: `${crypto.randomUUID()}@example.com`, password: 'a long password' };
      const statuses = [
        (await post(from, '/v1/users', person)).statusCode,
        (await post(from, '/v1/sessions', person)).statusCode,
        (await post(from, '/v1/sessions', { ...person, password: 'a wrong password' })).statusCode,
        (
          await post(
            from,
            '/v1/jobs',
            { url: 'https://example.invalid/a.png' },
            { 'x-api-key': key, 'idempotency-key': from },
          )
        ).statusCode,
        (await post(from, '/v1/webhook-secret/rotate', {}, { 'x-api-key': key })).statusCode,
        (await post(from, '/v1/jobs', {}, { 'x-api-key': 'nonsense' })).statusCode,
      ];
      t.same(statuses, [201, 201, 401, 202, 200, 401]);
    }
    await eventually('all are logged', 'masklen(ip) IN (32, 128)', 2 * 6);
    service.api.kill('SIGTERM');
    await ended(service.api);

    const before = await dumpDatabase(databaseUrl);
    for (const [from] of ADDRESSES) {
      // The client's own words, once: its Idempotency-Key.
      t.same(placesOf(from, before).sort(), ['idempotency_keys.key', 'request_logs.ip'], `${from} now`);
      t.same(placesOf(from, await dumpRedis(service.env.QUEUE_URL ?? '')), [], 'not in Redis');
    }
    t.match(before.get('rate_windows.subject') ?? '', queue === 'postgres' ? /^login/m : /^$/);

    await passTime(databaseUrl, 31);
    await rows(`
      INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, request_id)
      VALUES (now() - interval '29 days', '${YOUNG}', 'POST', '/', 202, 1, 1, 'young')`);
    await eventually('whole addresses of young rows alone', 'masklen(ip) IN (32, 128)', 1);
    await eventually('no row is lost', 'true', 2 * 6 + 1);
    const after = await dumpDatabase(databaseUrl);
    for (const [from, left] of ADDRESSES) {
      t.same(placesOf(from, after), [], `${from} after a month`);
      t.same(placesOf(left, after), ['request_logs.ip'], left);
    }
    t.same(placesOf(YOUNG, after), ['request_logs.ip']);

    await passTime(databaseUrl, 2);
    await eventually('a day later not even those', 'masklen(ip) IN (32, 128)', 0);
    t.same(placesOf(YOUNG, await dumpDatabase(databaseUrl)), []);

    await passTime(databaseUrl, 365 - 31);
    await eventually('a year later nothing', 'true', 0);
    const end = await dumpDatabase(databaseUrl);
    for (const [, left] of ADDRESSES) t.same(placesOf(left, end), []);
    t.equal(end.get('rate_windows.subject'), '');
    t.equal(end.get('sessions.id'), '');
  });
}

/** As if everything that is stored had been stored so many days earlier. */
async function passTime(databaseUrl: string, days: number): Promise<void> {
  const tables = await query<{ table: string; columns: string[] }>(
    databaseUrl,
    `SELECT table_name AS table, array_agg(column_name::text) AS columns FROM information_schema.columns
     JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type = 'timestamp with time zone' GROUP BY 1`,
  );
  for (const { table, columns } of tables) {
    const moved = columns.map((column) => `"${column}" = "${column}" - interval '${days} days'`);
    await query(databaseUrl, `UPDATE "${table}" SET ${moved.join(', ')}`);
  }
}
