// The fault harness's own judgement, where it can be wrong without anybody noticing.
import sharp from 'sharp';
import t from 'tap';
import { readOptions } from '../src/faults/options.ts';
import { randomOf } from '../src/faults/random.ts';
import { recoveryOf } from '../src/faults/recovery.ts';
import { chosen, SCENARIOS, SMOKE } from '../src/faults/scenarios.ts';
import { preparePictures } from '../src/service/pictures.ts';

/** Jobs accepted long ago that end at these times, in milliseconds from the fault's beginning. */
const endedAt = (times: (number | null)[]) =>
  times.map((time, number) => ({
    id: String(number),
    status: time === null ? 'queued' : 'completed',
    attempt: 1,
    createdAt: -10_000,
    finishedAt: time,
  }));
const every = (ms: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / ms) }, (_, step) => from + step * ms);

const FAULT = { beganAt: 0, endedAt: 5000 };
const USUAL = every(50, -2000, 0);
const RECOVERIES = [
  { name: 'at once', times: every(50, 5000, 15_000), recovery: 0, caughtUp: 9.95 },
  { name: 'three seconds later', times: every(50, 8000, 15_000), recovery: 2.8, caughtUp: 9.95 },
  {
    name: 'at half the rate for long, then done',
    times: every(100, 5000, 15_000),
    recovery: 8.6,
    caughtUp: 9.9,
  },
  { name: 'never', times: Array(50).fill(null), recovery: undefined, caughtUp: undefined },
];

for (const { name, times, recovery, caughtUp } of RECOVERIES) {
  t.test(`the rate is back ${name}`, async (t) => {
    const { recoverySeconds, caughtUpSeconds, usualPerSecond } = recoveryOf(
      endedAt([...USUAL, ...times]),
      FAULT,
    );
    t.equal(usualPerSecond, 20);
    t.equal(recoverySeconds, recovery);
    t.equal(caughtUpSeconds, caughtUp);
  });
}

t.test('each picture is real and like no other', async (t) => {
  const pictures = await preparePictures();
  const made = ['a', 'b'].flatMap((mark) => [0, 1, 2].map((kind) => pictures.make(kind, mark)));
  t.equal(new Set(made.map(({ bytes }) => bytes.toString('base64'))).size, 6);
  for (const { bytes, mimeType } of [...made, pictures.makeLarge('c', 10_000)]) {
    const { format, width } = await sharp(bytes).metadata();
    t.same([`image/${format}`, width], [mimeType, 240]);
    await t.resolves(sharp(bytes).stats(), 'all of it can be decoded');
  }
});

t.test('the same seed is the same run', async (t) => {
  const numbers = (seed: number, name: string) => {
    const random = randomOf(seed, name);
    return [random.uuid(), random.below(100), random.shuffle([1, 2, 3, 4, 5, 6])];
  };
  t.same(numbers(1, 'a'), numbers(1, 'a'));
  t.notSame(numbers(1, 'a'), numbers(2, 'a'));
  t.notSame(numbers(1, 'a'), numbers(1, 'b'));
  t.match(randomOf(1, 'a').uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});

t.test('what is asked for is what runs', async (t) => {
  const names = SCENARIOS.map(({ name }) => name);
  t.equal(new Set(names).size, names.length, 'no name twice');
  t.ok(names.length >= 28);
  t.equal(chosen({ scenarios: undefined, smoke: true }).length, SMOKE.size);
  t.same(
    chosen({ scenarios: ['flushall', 'baseline'], smoke: false }).map(({ name }) => name),
    ['baseline', 'flushall'],
  );
  t.throws(() => chosen({ scenarios: ['nonsense'], smoke: false }), /no scenario "nonsense"/);
  t.throws(() => readOptions(['--queue', 'kafka']), /--queue must be/);
  t.throws(() => readOptions(['--seed', 'x']), /--seed must be/);
  t.match(readOptions(['--seed', '7']), { seed: 7, queue: 'redis', atOnce: 2, scenarios: undefined });
});
