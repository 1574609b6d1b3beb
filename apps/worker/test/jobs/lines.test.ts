import t from 'tap';
import { createLines } from '../../src/jobs/lines.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Actions that end when they are told to, in the order in which they began. */
function createActions(places: number) {
  const lines = createLines(places, ['a', 'b'] as const);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  return {
    lines,
    begun,
    run: (line: 'a' | 'b', name: string) =>
      lines.run(line, async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
        return name;
      }),
    endNext: async () => {
      ends.shift()?.();
      await turn();
    },
  };
}

t.test('as many as there are places, of one line alone if nobody else is there', async (t) => {
  const { run, begun, endNext, lines } = createActions(2);
  const all = ['a1', 'a2', 'a3', 'a4'].map((name) => run('a', name));
  await turn();
  t.same(begun, ['a1', 'a2']);
  t.equal(lines.taken(), 2);
  for (let count = 0; count < 4; count += 1) await endNext();
  t.same(await Promise.all(all), ['a1', 'a2', 'a3', 'a4']);
  t.equal(lines.taken(), 0);
});

t.test('where both wait they take turns, however many one has', async (t) => {
  const { run, begun, endNext } = createActions(1);
  const all = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => run('a', name));
  all.push(...['b1', 'b2'].map((name) => run('b', name)));
  await turn();
  for (let count = 0; count < 7; count += 1) await endNext();
  await Promise.all(all);
  t.same(begun, ['a1', 'a2', 'b1', 'a3', 'b2', 'a4', 'a5']);
});

t.test('one that fails gives its place back', async (t) => {
  const { lines } = createActions(1);
  const failing = lines.run('a', async () => {
    throw new Error('no');
  });
  const next = lines.run('b', async () => 'b1');
  await t.rejects(failing, { message: 'no' });
  t.equal(await next, 'b1');
  t.equal(lines.taken(), 0);
});
