import { createLogger } from '@tintype/core';
import t from 'tap';
import { earliest, keepLeases } from '../src/leases.ts';

const log = createLogger({ name: 'worker', level: 'silent' });
const heartbeat = async () => new Set(['job']);

t.test('a job claimed anew ends the claim before it', async (t) => {
  const leases = keepLeases({ heartbeat, log }, 60_000);
  const first = leases.hold({ id: 'job', attempt: 1 });
  const second = leases.hold({ id: 'job', attempt: 2 });
  t.equal(first.signal.aborted, true);
  t.equal(second.signal.aborted, false);
  first.end();
  t.same(leases.held(), [{ id: 'job', attempt: 2 }], 'whose end is not that of the second');
  await leases.giveBack(async () => undefined);
});

t.test('what is held is told and given back; what can not be given back is no error', async (t) => {
  const leases = keepLeases({ heartbeat, log }, 60_000);
  const { signal } = leases.hold({ id: 'job', attempt: 3 });
  const given: unknown[] = [];
  await leases.giveBack(async (held) => {
    given.push(...held);
    throw new Error('the database is away');
  });
  t.same(given, [{ id: 'job', attempt: 3 }]);
  t.equal(signal.aborted, true);
  t.equal(leases.hold({ id: 'late', attempt: 1 }).signal.aborted, true);
});

t.test('what runs longest is known, and forgotten when it ends', async (t) => {
  const leases = keepLeases({ heartbeat, log }, 60_000);
  t.equal(leases.oldestBegunAt(), undefined);
  const before = performance.now();
  const first = leases.hold({ id: 'a', attempt: 1 });
  const between = performance.now();
  const second = leases.hold({ id: 'b', attempt: 1 });
  const oldest = leases.oldestBegunAt() ?? 0;
  t.ok(before <= oldest && oldest <= between);
  leases.hold({ id: 'a', attempt: 2 });
  t.ok((leases.oldestBegunAt() ?? 0) >= between, 'a job claimed anew is begun anew');
  first.end();
  second.end();
  t.equal(leases.oldestBegunAt(), leases.lastBegunAt());
  await leases.giveBack(async () => undefined);
  t.equal(earliest([]), undefined);
  t.equal(earliest([3, undefined, 2]), 2);
});
