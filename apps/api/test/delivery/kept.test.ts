import t from 'tap';
import { createKept, type Kept } from '../../src/delivery/kept.ts';
import { createKeptBytes } from '../../src/delivery/kept-bytes.ts';

interface Answer {
  imageId: string | null;
  nth: number;
}

const FOR_EVER = 1_000_000_000;

/** Counts how often it was really asked. */
function asking(kept: Kept<Answer>) {
  let asked = 0;
  const ask = (name: string, imageId: string | null = name) =>
    kept.get(name, async () => {
      asked += 1;
      return { imageId, nth: asked };
    });
  return { ask, times: () => asked };
}

t.test('what was answered is answered again', async (t) => {
  const { ask, times } = asking(createKept<Answer>({ forMs: FOR_EVER, most: 9 }));
  t.same(await Promise.all([ask('a'), ask('a')]), [
    { imageId: 'a', nth: 1 },
    { imageId: 'a', nth: 1 },
  ]);
  t.same(await ask('b'), { imageId: 'b', nth: 2 });
  await ask('a');
  t.equal(times(), 2);
});

t.test('nothing is kept for no time at all', async (t) => {
  const { ask, times } = asking(createKept<Answer>({ forMs: 0, most: 9 }));
  await ask('a');
  await ask('a');
  t.equal(times(), 2);
});

t.test('what is not there, and what failed, is asked for again', async (t) => {
  const kept = createKept<Answer>({ forMs: FOR_EVER, most: 9 });
  t.equal(await kept.get('a', async () => undefined), undefined);
  await t.rejects(
    kept.get('a', () => Promise.reject(new Error('away'))),
    /away/,
  );
  t.same(await kept.get('a', async () => ({ imageId: null, nth: 7 })), { imageId: null, nth: 7 });
});

t.test('the oldest goes when there are too many', async (t) => {
  const { ask, times } = asking(createKept<Answer>({ forMs: FOR_EVER, most: 2 }));
  for (const name of ['a', 'b', 'c', 'b', 'c']) await ask(name);
  t.equal(times(), 3);
  await ask('a');
  t.equal(times(), 4);
});

t.test('an image is forgotten, by whatever name, and others are not', async (t) => {
  const kept = createKept<Answer>({ forMs: FOR_EVER, most: 9 });
  const { ask, times } = asking(kept);
  for (const name of ['by id', 'by path']) await ask(name, 'one');
  await ask('other', 'two');
  await ask('file', null);
  kept.forget(new Set(['one']));
  for (const name of ['by id', 'by path', 'other', 'file']) await ask(name, 'one');
  t.equal(times(), 6);
});

t.test('an answer that is under way when its image is forgotten is not kept', async (t) => {
  const kept = createKept<Answer>({ forMs: FOR_EVER, most: 9 });
  let answer = (_: Answer) => {};
  const first = kept.get('a', () => new Promise((resolve) => (answer = resolve)));
  kept.forget(new Set(['one']));
  answer({ imageId: 'one', nth: 1 });
  t.equal((await first)?.nth, 1);
  t.equal((await kept.get('a', async () => ({ imageId: 'one', nth: 2 })))?.nth, 2);
});

t.test('bytes are kept within their budget', async (t) => {
  const kept = createKeptBytes(1600);
  t.equal(kept.mostBytes, 100);
  const put = (name: string, bytes: number, imageId: string | null = name) =>
    kept.put(name, { bytes: Buffer.alloc(bytes), imageId });
  put('too large', 101);
  t.equal(kept.get('too large'), undefined);
  for (let nth = 0; nth < 16; nth += 1) put(`p${nth}`, 100);
  t.equal(kept.get('p0')?.length, 100);
  put('one more', 100);
  t.equal(kept.get('p1'), undefined, 'the one that was asked for longest ago is gone');
  t.equal(kept.get('p0')?.length, 100);
  for (let nth = 0; nth < 100; nth += 1) put('p0', 100);
  t.equal(kept.get('p2')?.length, 100, 'one that is put again takes no more room');
  kept.forget(new Set(['p2']));
  t.equal(kept.get('p2'), undefined);
  put('in its place', 100);
  t.equal(kept.get('p3')?.length, 100);
});

t.test('nothing is kept where there is no room', async (t) => {
  const kept = createKeptBytes(0);
  kept.put('a', { bytes: Buffer.alloc(1), imageId: null });
  t.equal(kept.get('a'), undefined);
});
