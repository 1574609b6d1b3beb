import t from 'tap';
import { makeApiKey, newId, openDatabase, type RateWindow } from '../src/index.ts';
import { createTestDatabase } from './database.ts';

const { db, url, query } = await createTestDatabase();
const other = openDatabase({ url, poolSize: 4 });
t.teardown(other.close);

const DAY = 86_400;
/** A window that ends once in half a century, and not while a test runs. */
const AGE = 1_500_000_000;

function times<Result>(count: number, make: (nth: number) => Result): Result[] {
  return Array.from({ length: count }, (_, nth) => make(nth));
}

function window(limit: number, about: Partial<RateWindow> = {}): RateWindow {
  return { subject: `test:${newId()}`, seconds: AGE, limit, ...about };
}

async function used({ subject, seconds }: RateWindow): Promise<number | undefined> {
  const [row] = await query<{ used: number }>(
    'SELECT used::int FROM rate_windows WHERE subject = $1 AND seconds = $2',
    [subject, seconds],
  );
  return row?.used;
}

t.test('one after the other', async (t) => {
  const one = window(3);
  const expected = [
    { isAllowed: true, windows: [{ remaining: 2 }] },
    { isAllowed: true, windows: [{ remaining: 1 }] },
    { isAllowed: true, windows: [{ remaining: 0 }] },
    { isAllowed: false, windows: [{ remaining: 0 }] },
    { isAllowed: false, windows: [{ remaining: 0 }] },
  ];
  for (const answer of expected) t.match(await db.rateWindows.take([one]), answer);
  t.equal(await used(one), 3, 'what is refused is not counted');
});

t.test('exactly as many as are allowed, over two processes', async (t) => {
  const one = window(101);
  const answers = await Promise.all(
    times(300, (nth) => (nth % 2 === 0 ? db : other).rateWindows.take([one])),
  );
  t.equal(answers.filter(({ isAllowed }) => isAllowed).length, 101);
  t.equal(await used(one), 101);
});

t.test('all windows or none', async (t) => {
  const [narrow, wide] = [window(2), window(100)];
  const answers = await Promise.all(times(10, () => db.rateWindows.take([narrow, wide])));
  t.equal(answers.filter(({ isAllowed }) => isAllowed).length, 2);
  t.match(answers.at(-1), { isAllowed: false, windows: [{ remaining: 0 }, { remaining: 98 }] });
  t.same([await used(narrow), await used(wide)], [2, 2]);
});

t.test('two processes that ask for the same windows in other orders', async (t) => {
  const windows = times(4, () => window(1000));
  const turned = windows.toReversed();
  const answers = await Promise.all(
    times(400, (nth) => (nth % 2 === 0 ? db : other).rateWindows.take(nth % 4 < 2 ? windows : turned)),
  );
  t.ok(answers.every(({ isAllowed }) => isAllowed));
  t.same(await Promise.all(windows.map(used)), [400, 400, 400, 400]);
});

t.test('costs', async (t) => {
  const one = window(5);
  const rows = [
    { cost: 0, isAllowed: true, remaining: 5, is: 'a look counts nothing' },
    { cost: 4, isAllowed: true, remaining: 1, is: 'many at once' },
    { cost: 2, isAllowed: false, remaining: 1, is: 'too many at once' },
    { cost: 0, isAllowed: true, remaining: 1, is: 'room for one' },
    { cost: 1, isAllowed: true, remaining: 0, is: 'the last' },
    { cost: 0, isAllowed: false, remaining: 0, is: 'room for none' },
  ];
  for (const { cost, isAllowed, remaining, is } of rows)
    t.match(await db.rateWindows.take([{ ...one, cost }]), { isAllowed, windows: [{ remaining }] }, is);
});

t.test('windows begin at multiples of their length, by the clock of PostgreSQL', async (t) => {
  for (const seconds of [1, 60, 900, DAY]) {
    const one = window(10, { seconds });
    const {
      windows: [{ resetSeconds } = { resetSeconds: Number.NaN }],
    } = await db.rateWindows.take([one]);
    t.ok(resetSeconds > 0 && resetSeconds <= seconds, `${seconds} s: ${resetSeconds}`);
    const [row] = await query<{ rest: number; ago: number }>(
      `SELECT (extract(epoch FROM started_at)::bigint % seconds)::int AS rest, extract(epoch FROM now() - started_at)::float8 AS ago
       FROM rate_windows WHERE subject = $1`,
      [one.subject],
    );
    t.equal(row?.rest, 0);
    t.ok(Number(row?.ago) < seconds + 60);
  }
});

t.test('a window that has ended begins anew', async (t) => {
  const one = window(1);
  await db.rateWindows.take([one]);
  t.match(await db.rateWindows.take([one]), { isAllowed: false });
  await query(`UPDATE rate_windows SET started_at = 'epoch' WHERE subject = $1`, [one.subject]);
  t.match(await db.rateWindows.take([one]), { isAllowed: true, windows: [{ remaining: 0 }] });
  t.equal(await used(one), 1);
});

t.test('a clock that goes back opens no window twice', async (t) => {
  const one = window(1, { seconds: 1 });
  await db.rateWindows.take([one]);
  await query(`UPDATE rate_windows SET started_at = '2100-01-01', used = 1 WHERE subject = $1`, [
    one.subject,
  ]);
  t.match(await db.rateWindows.take([one]), { isAllowed: false });
});

t.test('a day begins with what usage knows of it', async (t) => {
  const tenantId = newId();
  const { id: keyId, secretSha256 } = makeApiKey();
  await query(`INSERT INTO tenants (id, name) VALUES ($1, 'test')`, [tenantId]);
  await query(`INSERT INTO api_keys (id, tenant_id, name, secret_sha256) VALUES ($1, $2, 'test', $3)`, [
    keyId,
    tenantId,
    secretSha256,
  ]);
  const [today] = await query<{ day: string; before: string }>(
    `SELECT ((now() + interval '1 minute') AT TIME ZONE 'UTC')::date::text AS day, '2020-01-01' AS before`,
  );
  const days = (day: string, requests: number) =>
    [keyId, 'session'].map((principal) => ({ tenantId, day, principal, requests, bytes: 0, jobs: 0 }));
  await db.usage.add([...days(today?.day ?? '', 30), ...days('2020-01-01', 1000)]);

  const of = (subject: string, seconds: number) => window(100, { subject, seconds });
  const [tenant, key] = [`tenant:${tenantId}`, `key:${keyId}`];
  const asked = [of(tenant, DAY), of(key, DAY), of(tenant, AGE), of('key:unknown', DAY)];
  t.match(await db.rateWindows.take(asked), {
    isAllowed: true,
    windows: [{ remaining: 39 }, { remaining: 69 }, { remaining: 99 }, { remaining: 99 }],
  });
  await db.usage.add(days(today?.day ?? '', 15));
  t.match(
    await db.rateWindows.take(asked),
    { windows: [{ remaining: 9 }, { remaining: 54 }, { remaining: 98 }, { remaining: 98 }] },
    'and never falls behind it',
  );
  const looks = [key, tenant, 'test:1'].map((subject) => db.rateWindows.usedOn(subject, today?.day ?? ''));
  t.same(await Promise.all(looks), [45, 90, 0]);
  t.equal(await db.rateWindows.usedOn(tenant, '2020-01-01'), 2000);
  t.equal(await db.rateWindows.usedOn(tenant, '2020-01-02'), 0);
});

t.test('a question about nothing takes no answer of another', async (t) => {
  const full = { subject: `x:${newId()}`, seconds: 86_400, limit: 0 };
  const [nothing, one] = await Promise.all([db.rateWindows.take([]), db.rateWindows.take([full])]);
  t.same(nothing, { isAllowed: true, windows: [] });
  t.match(one, { isAllowed: false, windows: [{ remaining: 0 }] });
});
