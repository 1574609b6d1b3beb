// What every queue must do, whatever stands behind. Run by the test file of each backend.
import type { Test } from 'tap';
import { eventually } from './eventually.ts';
import { type Ends, makeGate, nudge, openEnds, type TestQueue } from './queue-ends.ts';

/** Runs all tests, each on a queue of its own. */
export function testQueue(t: Test, makeQueue: () => Promise<TestQueue>): void {
  function test(name: string, run: (t: Test, ends: Ends) => Promise<void>): void {
    t.test(name, async (t) => run(t, await openEnds(t, await makeQueue())));
  }

  test('what is sent is handled, in order', async (t, { sender, handled, receive }) => {
    await sender.send([nudge(1, 3)]);
    await sender.send([nudge(2), nudge(3, 99)]);
    await sender.send([]);
    t.equal(await sender.waiting(), 3);
    await receive();
    await eventually(() => handled.length === 3);
    t.same(handled, [nudge(1, 3), nudge(2), nudge(3, 99)]);
    await eventually(async () => (await sender.waiting()) === 0);
  });

  test('what is sent later is heard at once', async (t, { sender, handled, receive }) => {
    await receive();
    for (const number of [1, 2, 3]) {
      await sender.send([nudge(number)]);
      await eventually(() => handled.length === number);
    }
    t.same(handled, [nudge(1), nudge(2), nudge(3)]);
  });

  test('a nudge that the queue still holds is not doubled', async (t, { sender, handled, receive }) => {
    const gate = makeGate();
    await sender.send([nudge(1)]);
    await sender.send([nudge(1), nudge(1), nudge(2)]);
    t.equal(await sender.waiting(), 2);
    await receive(() => gate.passed, 2);
    await eventually(() => handled.length === 2);
    await sender.send([nudge(1)]);
    t.equal(await sender.waiting(), 0, 'nor while it is being handled');
    gate.open();
    await eventually(async () => (await sender.forgotten([nudge(1), nudge(2)])).length === 2);
    t.same(handled.map(({ id }) => id).sort(), [nudge(1).id, nudge(2).id]);
  });

  test('a new generation is a new nudge, and so is an old one that was handled', async (t, ends) => {
    const { sender, handled, receive } = ends;
    await sender.send([nudge(1, 0), nudge(1, 1)]);
    await receive();
    await eventually(async () => (await sender.forgotten([nudge(1, 0), nudge(1, 1)])).length === 2);
    await sender.send([nudge(1, 0)]);
    await eventually(() => handled.length === 3);
    t.same(handled, [nudge(1, 0), nudge(1, 1), nudge(1, 0)]);
  });

  test('forgotten: the never sent and the handled, not the waiting or running', async (t, ends) => {
    const { sender, handled, receive } = ends;
    const gate = makeGate();
    await sender.send([nudge(1), nudge(2), nudge(3)]);
    await receive(({ id }) => (id === nudge(1).id ? Promise.resolve() : gate.passed));
    await eventually(() => handled.length === 2);
    const all = [nudge(0), nudge(1), nudge(2), nudge(3), nudge(3, 1)];
    t.same(await sender.forgotten(all), [nudge(0), nudge(1), nudge(3, 1)]);
    t.same(await sender.forgotten([]), []);
    gate.open();
    await eventually(async () => (await sender.forgotten(all)).length === all.length);
  });

  test('a handler that throws loses its nudge and nothing else', async (t, { sender, handled, receive }) => {
    await sender.send([nudge(1), nudge(2)]);
    await receive(async ({ id }) => {
      if (id === nudge(1).id) throw new Error('unlucky');
    });
    await eventually(async () => (await sender.forgotten([nudge(1), nudge(2)])).length === 2);
    await sender.send([nudge(3)]);
    await eventually(() => handled.length === 3);
    t.same(handled, [nudge(1), nudge(2), nudge(3)], 'it is not tried again');
    await sender.send([nudge(1)]);
    await eventually(() => handled.length === 4);
    t.same(handled.at(-1), nudge(1), 'but can be sent again');
  });

  test('as many handlers at once as allowed, no more', async (t, { sender, receive }) => {
    const gate = makeGate();
    let running = 0;
    let most = 0;
    await sender.send([1, 2, 3, 4, 5, 6, 7, 8].map((number) => nudge(number)));
    await receive(async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.passed;
      running -= 1;
    }, 3);
    await eventually(() => running === 3);
    t.equal(await sender.waiting(), 5);
    gate.open();
    await eventually(async () => (await sender.waiting()) === 0 && running === 0);
    t.equal(most, 3);
  });

  test('close waits for what runs and takes nothing more', async (t, { sender, handled, receive }) => {
    const gate = makeGate();
    let ended = false;
    await sender.send([nudge(1), nudge(2)]);
    const receiver = await receive(async () => {
      await gate.passed;
      ended = true;
    });
    await eventually(() => handled.length === 1);
    const closed = receiver.close().then(() => ended);
    setTimeout(gate.open, 100);
    t.equal(await closed, true);
    t.same(handled, [nudge(1)]);
    t.same(await sender.forgotten([nudge(1), nudge(2)]), [nudge(1)], 'the rest waits for others');
  });

  test('all is lost: forgotten tells so, and the queue serves on', async (t, ends) => {
    const { queue, sender, handled, receive } = ends;
    const all = [nudge(1), nudge(2), nudge(3)];
    await sender.send(all);
    t.same(await sender.forgotten(all), []);
    await queue.lose();
    t.same(await sender.forgotten(all), all);
    t.equal(await sender.waiting(), 0);
    await receive();
    await sender.send(all.map(({ id }) => ({ id, generation: 1 })));
    await eventually(() => handled.length === 3);
    t.ok(handled.every(({ generation }) => generation === 1));
  });

  test('two hundred nudges, two receivers: each is handled once', async (t, { sender, handled, receive }) => {
    await Promise.all([receive(undefined, 4), receive(undefined, 4)]);
    const all = Array.from({ length: 200 }, (_, index) => nudge(index));
    await sender.send(all.slice(0, 100));
    await Promise.all(all.slice(100).map((one) => sender.send([one])));
    await eventually(() => handled.length >= 200);
    await eventually(async () => (await sender.forgotten(all)).length === 200);
    t.same(handled.map(({ id }) => id).sort(), all.map(({ id }) => id).sort());
  });
}
