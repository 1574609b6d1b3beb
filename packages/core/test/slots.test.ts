import t from 'tap';
import { createSlots } from '../src/index.ts';

/** An action that ends when it is told to. */
function anAction(): {
  run: () => Promise<string>;
  end: () => void;
  fail: (error: Error) => void;
  begun: boolean;
} {
  let end = () => {};
  let fail = (_: Error) => {};
  const ended = new Promise<string>((resolve, reject) => {
    end = () => resolve('done');
    fail = reject;
  });
  const action = {
    begun: false,
    end: () => end(),
    fail: (error: Error) => fail(error),
    run: () => {
      action.begun = true;
      return ended;
    },
  };
  return action;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('no more at once than there are slots, in the order they were asked for', async (t) => {
  const slots = createSlots(2);
  const actions = Array.from({ length: 5 }, anAction);
  const results = actions.map((action) => slots.run(action.run));
  const begun = () => actions.map((action) => Number(action.begun)).join('');
  await turn();
  t.equal(begun(), '11000');
  actions[1]?.end();
  await turn();
  t.equal(begun(), '11100');
  actions[0]?.end();
  actions[2]?.end();
  await turn();
  t.equal(begun(), '11111');
  for (const action of actions) action.end();
  t.same(await Promise.all(results), Array(5).fill('done'));
});

t.test('an action that fails frees its slot', async (t) => {
  const slots = createSlots(1);
  const [bad, good] = [anAction(), anAction()];
  const [first, second] = [slots.run(bad.run), slots.run(good.run)];
  bad.fail(new Error('no'));
  await t.rejects(first, { message: 'no' });
  good.end();
  t.equal(await second, 'done');
  t.equal(await slots.run(async () => 'third'), 'third');
});

t.test('an action that throws before its first await frees its slot', async (t) => {
  const slots = createSlots(1);
  const thrown = slots.run(() => {
    throw new Error('at once');
  });
  await t.rejects(thrown, { message: 'at once' });
  t.equal(await slots.run(async () => 'next'), 'next');
});

t.test('nobody slips in between two who hand a slot over', async (t) => {
  const slots = createSlots(3);
  let now = 0;
  let most = 0;
  const work = async () => {
    now += 1;
    most = Math.max(most, now);
    await turn();
    now -= 1;
  };
  const add = async () => {
    await slots.run(work);
    await slots.run(work);
  };
  await Promise.all(Array.from({ length: 50 }, add));
  t.equal(most, 3);
});
