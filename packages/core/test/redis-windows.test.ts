import { startTcpProxy } from '@tintype/local';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { openRedisWindows, type RedisWindow, type RedisWindows } from '../src/index.ts';
import { eventually } from './eventually.ts';

const { REDIS_URL: url = '', TEST_NO_REDIS: reason } = process.env;
const skip = { skip: reason ?? false };

const DAY = 86_400;
/** A window that ends once in half a century, and not while a test runs. */
const AGE = 1_500_000_000;

const prefix = `test-${crypto.randomUUID()}`;

async function open(t: Test, address = url, timeoutMs = 30_000): Promise<RedisWindows> {
  const windows = await openRedisWindows(`${address}?prefix=${prefix}`, timeoutMs, () => undefined);
  if (windows === undefined) throw new Error('No Redis.');
  t.teardown(windows.close);
  return windows;
}

function admin(t: Test): Redis {
  const redis = new Redis(url);
  t.teardown(() => redis.disconnect());
  return redis;
}

function window(limit: number, about: Partial<RedisWindow> = {}): RedisWindow {
  return { subject: `test:${crypto.randomUUID()}`, seconds: AGE, limit, ...about };
}

const keyOf = ({ subject, seconds }: RedisWindow) => `{${prefix}:rates}:${seconds}:${subject}`;

t.test('a queue that is not in Redis', async (t) => {
  t.equal(await openRedisWindows('postgres://h/d', 1, () => undefined), undefined);
});

t.test('exactly as many as are allowed, over two processes', skip, async (t) => {
  const ends = [await open(t), await open(t)];
  const one = window(101);
  const answers = await Promise.all(Array.from({ length: 300 }, (_, nth) => ends[nth % 2]?.take([one])));
  t.equal(answers.filter((answer) => answer?.outcome === 'taken').length, 101);
  t.equal(await admin(t).hget(keyOf(one), 'used'), '101', 'what is refused is not counted');
});

t.test('all windows or none', skip, async (t) => {
  const { take } = await open(t);
  const [narrow, wide] = [window(1), window(100)];
  t.match(await take([narrow, wide]), { outcome: 'taken', windows: [{ remaining: 0 }, { remaining: 99 }] });
  t.match(await take([narrow, wide]), { outcome: 'refused', windows: [{ remaining: 0 }, { remaining: 99 }] });
  t.match(await take([wide]), { outcome: 'taken', windows: [{ remaining: 98 }] });
});

t.test('costs', skip, async (t) => {
  const { take } = await open(t);
  const one = window(5);
  const rows = [
    { cost: 0, outcome: 'taken', remaining: 5, is: 'a look counts nothing' },
    { cost: 4, outcome: 'taken', remaining: 1, is: 'many at once' },
    { cost: 2, outcome: 'refused', remaining: 1, is: 'too many at once' },
    { cost: 0, outcome: 'taken', remaining: 1, is: 'room for one' },
    { cost: 1, outcome: 'taken', remaining: 0, is: 'the last' },
    { cost: 0, outcome: 'refused', remaining: 0, is: 'room for none' },
  ];
  for (const { cost, outcome, remaining, is } of rows)
    t.match(await take([{ ...one, cost }]), { outcome, windows: [{ remaining }] }, is);
  await take([window(5, { subject: 'looked at', cost: 0 })]);
  t.equal(await admin(t).exists(keyOf(window(5, { subject: 'looked at' }))), 0, 'and leaves no counter');
});

t.test('a large limit', skip, async (t) => {
  const { take } = await open(t);
  const one = window(9_000_000_000_000_000);
  t.match(await take([{ ...one, cost: 8_000_000_000_000_000 }]), {
    windows: [{ remaining: 1_000_000_000_000_000 }],
  });
  t.match(await take([one]), { windows: [{ remaining: 999_999_999_999_999 }] });
});

t.test('windows end at multiples of their length, by the clock of Redis', skip, async (t) => {
  const { take } = await open(t);
  const redis = admin(t);
  for (const seconds of [60, 900, DAY]) {
    const one = window(10, { seconds });
    const answer = await take([one]);
    const ends = await redis.call('PEXPIRETIME', keyOf(one));
    t.equal((Number(ends) / 1000) % seconds, 0, 'the counter goes with its window');
    const [now] = await redis.time();
    const reset = answer.outcome === 'taken' ? (answer.windows[0]?.resetSeconds ?? Number.NaN) : Number.NaN;
    t.ok(Math.abs(Number(ends) / 1000 - Number(now) - reset) < 60, `${seconds} s: ${reset}`);
    t.ok(reset > 0 && reset <= seconds);
  }
  const second = window(1, { seconds: 1 });
  await take([second]);
  await eventually(async () => (await take([second])).outcome === 'taken');
});

t.test('a counter that outlives its window counts in no other', skip, async (t) => {
  const { take } = await open(t);
  const redis = admin(t);
  const one = window(1, { seconds: 1 });
  await take([one]);
  await redis.persist(keyOf(one));
  await eventually(async () => (await take([one])).outcome === 'taken');
  t.ok(Number(await redis.call('PEXPIRETIME', keyOf(one))) > 0, 'it is of the new window, and goes with it');
});

t.test('nobody goes back to a window that has ended, though the clock is set back', skip, async (t) => {
  const { take } = await open(t);
  const one = window(2);
  await take([one]);
  await admin(t).hincrby(keyOf(one), 'start', AGE);
  t.match(await take([one]), { outcome: 'taken', windows: [{ remaining: 0 }] });
  t.match(await take([one]), { outcome: 'refused' });
});

t.test('floors', skip, async (t) => {
  const { take } = await open(t);
  const one = window(100, { floor: null });
  const asked = await take([window(5), one]);
  t.match(asked, { outcome: 'no-counter' });
  const nowSeconds = asked.outcome === 'no-counter' ? asked.nowSeconds : 0;
  t.ok(Math.abs(nowSeconds - Date.now() / 1000) < 60);
  const startSeconds = Math.floor(nowSeconds / AGE) * AGE;

  const rows = [
    {
      floor: { startSeconds: startSeconds - AGE, used: 3 },
      expected: { outcome: 'no-counter' },
      is: 'of another window',
    },
    {
      floor: { startSeconds: startSeconds - AGE, used: 0 },
      expected: { outcome: 'no-counter' },
      is: 'none of another window',
    },
    {
      floor: { startSeconds, used: 30 },
      expected: { windows: [{ remaining: 69 }] },
      is: 'a lost counter begins there',
    },
    { floor: null, expected: { windows: [{ remaining: 68 }] }, is: 'a counter is there now' },
    { floor: { startSeconds, used: 20 }, expected: { windows: [{ remaining: 67 }] }, is: 'a lower one' },
    { floor: { startSeconds, used: 90 }, expected: { windows: [{ remaining: 9 }] }, is: 'a higher one' },
    {
      floor: { startSeconds: 0, used: 99 },
      expected: { windows: [{ remaining: 8 }] },
      is: 'of another window, not needed',
    },
    {
      floor: { startSeconds, used: 100 },
      expected: { outcome: 'refused', windows: [{ remaining: 0 }] },
      is: 'a full one',
    },
    { floor: null, expected: { outcome: 'refused', windows: [{ remaining: 0 }] }, is: 'is remembered' },
  ];
  for (const { floor, expected, is } of rows) t.match(await take([{ ...one, floor }]), expected, is);

  const empty = window(0, { floor: { startSeconds, used: 0 } });
  t.match(await take([empty]), { outcome: 'refused' });
  t.match(await take([{ ...empty, floor: null }]), { outcome: 'refused' }, 'none used, and that is known');
});

t.test('a Redis that goes away, or says nothing', skip, async (t) => {
  const { port } = new URL(url);
  for (const fault of ['cut', 'blackhole'] as const) {
    const proxy = await startTcpProxy({ port: Number(port) });
    t.teardown(proxy.close);
    const { take } = await open(t, proxy.through(url), 250);
    const one = window(1_000_000);
    t.match(await take([one]), { outcome: 'taken' }, fault);
    proxy[fault]();
    const begun = performance.now();
    await t.rejects(Promise.all(Array.from({ length: 20 }, () => take([one]))));
    t.ok(performance.now() - begun < 5000, 'it is not waited for');
    proxy.pass();
    const isBack = () => take([one]).then(Boolean, () => false);
    await eventually(isBack);
  }
});

t.test('a Redis that was emptied, its scripts as well', skip, async (t) => {
  const { take } = await open(t);
  const one = window(2);
  await take([one]);
  const redis = admin(t);
  await redis.del(keyOf(one));
  await redis.script('FLUSH');
  t.match(await take([one]), { outcome: 'taken', windows: [{ remaining: 1 }] });
});
