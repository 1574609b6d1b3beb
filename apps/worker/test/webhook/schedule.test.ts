import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { nextPauseMs, parseRetryAfter } from '../../src/webhook/schedule.ts';

const DAY = 86_400_000;
const SCHEDULE = [5, 300, 1800];

t.test('the pauses of the schedule, a tenth shorter or longer; then none', async (t) => {
  for (const [failures, seconds] of SCHEDULE.entries()) {
    const pauses = Array.from({ length: 200 }, () => nextPauseMs({ failures }, SCHEDULE) ?? Number.NaN);
    t.ok(Math.min(...pauses) >= seconds * 900, `after ${failures} failures not too soon`);
    t.ok(Math.max(...pauses) <= seconds * 1100, 'nor too late');
    t.ok(new Set(pauses).size > 150, 'and not all at once');
  }
  t.equal(nextPauseMs({ failures: 3 }, SCHEDULE), null);
  t.equal(nextPauseMs({ failures: 99 }, SCHEDULE), null);
  t.equal(nextPauseMs({ failures: 0 }, []), null);
});

t.test('Retry-After makes a pause longer, never shorter, and no longer than a day', async (t) => {
  t.equal(nextPauseMs({ failures: 0, askedMs: 60_000 }, SCHEDULE), 60_000);
  t.ok((nextPauseMs({ failures: 1, askedMs: 1000 }, SCHEDULE) ?? 0) >= 270_000);
  t.equal(nextPauseMs({ failures: 0, askedMs: 30 * DAY }, SCHEDULE), DAY);
  t.equal(nextPauseMs({ failures: 3, askedMs: 1000 }, SCHEDULE), null, 'and adds no try');
});

const now = Date.parse('2026-11-21T10:00:00Z');
const RETRY_AFTER: [string | undefined, number | undefined][] = [
  [undefined, undefined],
  ['120', 120_000],
  [' 7 ', 7000],
  ['0', 0],
  ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['1e3', undefined],
  ['', undefined],
];
for (const [value, expected] of RETRY_AFTER) {
  t.test(`Retry-After: ${value}`, async (t) => t.equal(parseRetryAfter(value, now), expected));
}

const ENVIRONMENT = {
  DATABASE_URL: 'postgres://localhost/x',
  QUEUE_URL: 'redis://localhost',
  OBJECT_STORE_URL: 'file:///tmp/x',
};

t.test('WEBHOOK_RETRY_SECONDS', async (t) => {
  const read = (text: string) =>
    readConfig({ ...ENVIRONMENT, WEBHOOK_RETRY_SECONDS: text }).webhookRetrySeconds;
  t.same(read(''), [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
  t.same(read('1, 2,3'), [1, 2, 3]);
  t.same(read(','), []);
  for (const wrong of ['1,x', '-1', '1.5', '1;2'])
    t.throws(() => read(wrong), { message: /^WEBHOOK_RETRY_SECONDS must list whole seconds/ });
});
