import { randomBytes } from 'node:crypto';
import t from 'tap';
import { makeApiKey } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { db, query } = await createTestDatabase();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const ago = (ms: number) => new Date(Date.now() - ms);
const person = await db.users.create({
  ...{ email: 'ada@example.com', name: null, passwordHash: 'x', planName: 'free' },
});
const { id: userId = '', tenantId = '' } = person ?? {};

/** Takes slices of two until nothing is left. */
async function inSlices(
  sweep: (slice: { olderThanMs: number; limit: number }) => Promise<number>,
  olderThanMs = HOUR_MS,
) {
  const gone: number[] = [];
  do gone.push(await sweep({ olderThanMs, limit: 2 }));
  while (gone.at(-1) !== 0 && gone.length < 20);
  return gone;
}

async function names(sql: string): Promise<string[]> {
  return (await query<{ name: string }>(sql)).map(({ name }) => name).sort();
}

t.test('sessions that ran out', async (t) => {
  const login = async (userAgent: string, expiresAt: Date) =>
    db.sessions.create({ userId, tokenSha256: randomBytes(32), userAgent, expiresAt });
  await login('runs', ago(-HOUR_MS));
  for (const name of ['a', 'b', 'c']) await login(name, ago(2 * HOUR_MS));
  await login('just now', ago(HOUR_MS / 2));
  t.same(await inSlices(db.sweep.sessions), [2, 1, 0]);
  t.same(await names('SELECT user_agent AS name FROM sessions'), ['just now', 'runs']);
});

t.test('keys that were revoked or ran out', async (t) => {
  const table: [name: string, revokedAt: Date | null, expiresAt: Date | null][] = [
    ['works', null, null],
    ['works for a while', null, ago(-HOUR_MS)],
    ['just revoked', ago(HOUR_MS / 2), null],
    ['just expired', null, ago(HOUR_MS / 2)],
    ['revoked', ago(2 * HOUR_MS), null],
    ['revoked before its end', ago(2 * HOUR_MS), ago(-HOUR_MS)],
    ['expired', null, ago(2 * HOUR_MS)],
  ];
  for (const [name, revokedAt, expiresAt] of table) {
    const { id, secretSha256 } = makeApiKey();
    await query(
      `INSERT INTO api_keys (id, tenant_id, name, secret_sha256, revoked_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, tenantId, name, secretSha256, revokedAt, expiresAt],
    );
  }
  t.same(await inSlices(db.sweep.apiKeys), [2, 1, 0]);
  t.same(await names('SELECT name FROM api_keys'), [
    'just expired',
    'just revoked',
    'works',
    'works for a while',
  ]);
});

t.test('usage of days long gone', async (t) => {
  const day = (days: number) =>
    ago(days * DAY_MS)
      .toISOString()
      .slice(0, 10);
  const count = { tenantId, principal: 'session', requests: 1, bytes: 1, jobs: 1 };
  const days = [0, 9, 11, 12, 13].map(day);
  await db.usage.add(days.map((one) => ({ ...count, day: one })));
  t.same(await inSlices(db.sweep.usageDays, 10 * DAY_MS), [2, 1, 0]);
  t.same(await names('SELECT day::text AS name FROM usage_days'), days.slice(0, 2).sort());
});

t.test('windows that ended', async (t) => {
  const table: [subject: string, seconds: number, startedAt: Date | string][] = [
    ['a second, now', 1, ago(0)],
    ['a second, long ago', 1, ago(2 * HOUR_MS)],
    ['a quarter, just ended', 900, ago(HOUR_MS)],
    ['a quarter, long ago', 900, ago(2 * HOUR_MS)],
    ['a day, under way', 86_400, ago(23 * HOUR_MS)],
    ['a day, long ago', 86_400, ago(26 * HOUR_MS)],
    ['looked at and never taken', 1, '-infinity'],
  ];
  for (const row of table)
    await query('INSERT INTO rate_windows (subject, seconds, started_at, used) VALUES ($1, $2, $3, 1)', row);
  t.same(await inSlices(db.sweep.rateWindows), [2, 2, 0]);
  t.same(await names('SELECT subject AS name FROM rate_windows'), [
    'a day, under way',
    'a quarter, just ended',
    'a second, now',
  ]);
});

t.test('addresses become networks', async (t) => {
  const table: [written: string, left: string][] = [
    ['203.0.113.7', '203.0.113.0/24'],
    ['255.255.255.255', '255.255.255.0/24'],
    ['127.0.0.1', '127.0.0.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['::1', '::/48'],
    // Truncated before.
    ['198.51.100.0/24', '198.51.100.0/24'],
    ['2001:db8:9::/48', '2001:db8:9::/48'],
  ];
  const write = (ip: string, at: Date, requestId: string) =>
    db.requestLogs.write({
      ...{ at, ip, requestId, method: 'POST', route: '/', status: 202, durationMs: 1, bytes: 1 },
      ...{ principal: 'p', tenantId },
    });
  for (const [index, [ip]] of table.entries()) {
    await write(ip, ago(2 * HOUR_MS), `old-${index}`);
    await write(ip, ago(HOUR_MS / 2), `new-${index}`);
  }
  t.same(await inSlices(db.sweep.requestLogAddresses), [2, 2, 1, 0]);
  for (const [index, [ip, left]] of table.entries()) {
    const [old] = (await db.requestLogs.list({ requestId: `old-${index}`, limit: 1 })).rows;
    t.match(old, { ip: left, principal: 'p', tenantId, status: 202 });
    t.equal((await db.requestLogs.list({ requestId: `new-${index}`, limit: 1 })).rows[0]?.ip, ip);
  }
  t.same(await inSlices(db.sweep.requestLogAddresses, 0), [2, 2, 1, 0], 'without a limit: at once');
  t.same(await names('SELECT abbrev(ip) AS name FROM request_logs WHERE masklen(ip) NOT IN (24, 48)'), []);
});

t.test('two who truncate at once do it once', async (t) => {
  await query(`
    INSERT INTO request_logs (at, ip, method, route, status, duration_ms, bytes, request_id)
    SELECT 'epoch', '192.0.2.1', 'POST', '/', 200, 1, 1, 'r' FROM generate_series(1, 500)`);
  const counts = await Promise.all(
    [1, 2, 3, 4].map(() => db.sweep.requestLogAddresses({ olderThanMs: 0, limit: 1000 })),
  );
  t.equal(
    counts.reduce((sum, count) => sum + count) +
      (await db.sweep.requestLogAddresses({ olderThanMs: 0, limit: 1000 })),
    500,
  );
});
