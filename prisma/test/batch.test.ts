import t from 'tap';
import { createBatch } from '../src/batch.ts';

const never = () => false;

t.test('items of one turn share a flush and get their own results', async (t) => {
  const flushes: number[][] = [];
  const batch = createBatch<number, number>({
    isItemError: never,
    flush: async (items) => {
      flushes.push(items);
      return items.map((item) => item * 2);
    },
  });
  t.same(await Promise.all([1, 2, 3].map(batch.add)), [2, 4, 6]);
  t.same(flushes, [[1, 2, 3]]);
});

t.test('gathers while the allowed flushes are under way, and never flushes more than maxItems', async (t) => {
  let inFlight = 0;
  let most = 0;
  const sizes: number[] = [];
  const batch = createBatch<number, void>({
    isItemError: never,
    maxItems: 10,
    maxInFlight: 2,
    flush: async (items) => {
      sizes.push(items.length);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight -= 1;
      return items.map(() => undefined);
    },
  });
  await Promise.all(Array.from({ length: 95 }, (_, index) => batch.add(index)));
  t.equal(most, 2);
  t.ok(Math.max(...sizes) <= 10);
  t.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    95,
  );
});

t.test('one bad item fails alone', async (t) => {
  const batch = createBatch<number, number>({
    isItemError: () => true,
    flush: async (items) => {
      if (items.includes(13)) throw new Error('unlucky');
      return items;
    },
  });
  const results = await Promise.allSettled([1, 13, 2].map(batch.add));
  t.same(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

t.test('an error that is nobody’s fault fails all and is not tried again', async (t) => {
  let flushes = 0;
  const batch = createBatch<number, number>({
    isItemError: never,
    flush: async () => {
      flushes += 1;
      throw new Error('away');
    },
  });
  const results = await Promise.allSettled([1, 2, 3].map(batch.add));
  t.ok(results.every((result) => result.status === 'rejected'));
  t.equal(flushes, 1);
});

t.test('idle waits for what was added', async (t) => {
  let written = false;
  const batch = createBatch<number, void>({
    isItemError: never,
    flush: async (items) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      written = true;
      return items.map(() => undefined);
    },
  });
  void batch.add(1);
  await batch.idle();
  t.ok(written);
  await batch.idle();
});

t.test('with an interval the first goes at once and the next ones wait for company', async (t) => {
  const flushes: number[][] = [];
  const batch = createBatch<number, void>({
    isItemError: never,
    minIntervalMs: 200,
    flush: async (items) => {
      flushes.push(items);
      return items.map(() => undefined);
    },
  });
  await batch.add(1);
  const later = [2, 3].map(batch.add);
  await new Promise((resolve) => setImmediate(resolve));
  const last = batch.add(4);
  await Promise.all([...later, last]);
  t.same(flushes, [[1], [2, 3, 4]]);
  await batch.idle();
});

t.test('a full group does not wait for the interval', async (t) => {
  const flushes: number[][] = [];
  const batch = createBatch<number, void>({
    isItemError: never,
    maxItems: 3,
    minIntervalMs: 2 ** 30,
    flush: async (items) => {
      flushes.push(items);
      return items.map(() => undefined);
    },
  });
  await batch.add(1);
  await Promise.all([2, 3, 4].map(batch.add));
  t.same(flushes, [[1], [2, 3, 4]]);
});

t.test('a stall refuses what waits behind it, another error does not', async (t) => {
  const errors = ['stall', 'other'].map((message) => new Error(message));
  for (const error of errors) {
    let flushes = 0;
    const batch = createBatch<number, number>({
      flush: async (items) => {
        flushes += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (flushes === 1) throw error;
        return items;
      },
      isItemError: () => false,
      isStall: (reason) => reason === errors[0],
      maxItems: 2,
      maxInFlight: 1,
    });
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(batch.add));
    const expected = error.message === 'stall' ? ['rejected', 'rejected'] : ['fulfilled', 'fulfilled'];
    t.same(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', ...expected],
    );
    t.equal(await batch.add(5), 5);
    await batch.idle();
  }
});

t.test('beyond maxWaiting the one that waits longest is refused', async (t) => {
  let goOn = () => {};
  const batch = createBatch<number, number>({
    isItemError: never,
    maxInFlight: 1,
    maxItems: 2,
    maxWaiting: 3,
    flush: async (items) => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return items;
    },
  });
  const first = batch.add(0);
  await new Promise((resolve) => setImmediate(resolve));
  const others = Promise.allSettled([1, 2, 3, 4, 5].map(batch.add));
  const idle = batch.idle();
  let isIdle = false;
  void idle.then(() => {
    isIdle = true;
  });
  while (!isIdle) {
    goOn();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(await first, 0, 'what is under way does not count');
  t.same(
    (await others).map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
});
