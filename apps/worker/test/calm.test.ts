import t from 'tap';
import { createCalm } from '../src/calm.ts';

/** A calm under a clock that is set by hand. */
function begin() {
  const clock = { at: 1_000_000 };
  const calm = createCalm({ renewEveryMs: 1000, standstillMs: 5000, now: () => clock.at });
  return {
    ...calm,
    /** So much later a round begins. */
    later: (ms: number) => {
      clock.at += ms;
      calm.tick();
    },
    answered: () => calm.watch(async () => 'yes'),
    away: () => calm.watch(() => Promise.reject(new Error('away'))).catch(() => undefined),
  };
}

t.test('a process that has just begun lets a renewal come round first', async (t) => {
  const { later, holds, answered } = begin();
  later(2000);
  t.equal(holds(), false, 'the database has not answered yet');
  t.equal(await answered(), 'yes');
  t.equal(holds(), false);
  later(999);
  t.equal(holds(), false);
  later(1);
  t.equal(holds(), true);
});

t.test('so does one to which the database came back', async (t) => {
  const { later, holds, answered, away } = begin();
  await answered();
  later(1000);
  t.equal(holds(), true);
  await away();
  t.equal(holds(), false);
  later(4000);
  await away();
  later(4000);
  t.equal(holds(), false, 'away for so long is not calm');
  await answered();
  later(500);
  await answered();
  t.equal(holds(), false);
  later(500);
  t.equal(holds(), true, 'the first answer counts');
});

t.test('and one that stood still', async (t) => {
  const { later, holds, answered } = begin();
  await answered();
  later(1000);
  later(5000);
  t.equal(holds(), true, 'a round may be slow');
  later(5001);
  t.equal(holds(), false);
  await answered();
  later(1000);
  t.equal(holds(), true);
  later(-5001);
  t.equal(holds(), false, 'a clock that was set is no better');
});

t.test('what fails is thrown on', async (t) => {
  const { watch } = begin();
  await t.rejects(
    watch(() => Promise.reject(new Error('gone'))),
    { message: 'gone' },
  );
});
