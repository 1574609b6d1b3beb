// The parts of `npm run test:sources` that could be wrong without anybody noticing: what counts as covered, and what counts as so.
import t from 'tap';
import type { Answer } from '../src/sources/caller.ts';
import { answered, eventually, refused, same, textAt } from '../src/sources/expect.ts';
import { FAULTS, SOURCES, type Source } from '../src/sources/promises.ts';
import { type Line, tell, unsoughtFaults } from '../src/sources/story.ts';

const SOURCE: Source = { id: 'server', title: 'A system', promises: ['one', 'two'], elsewhere: [] };

t.test('what is told, and what is not', async (t) => {
  const heard: string[] = [];
  const lines: Line[] = [];
  const told = await tell(
    SOURCE,
    async ({ promise, absent }) => {
      await promise('one', async () => void heard.push('GET / → 200'));
      await promise('three', async () => {
        heard.push('GET /3 → 500');
        throw new Error('not so');
      });
      await absent(FAULTS[0], async () => undefined);
    },
    { heard, hear: (line) => lines.push(line) },
  );
  t.match(lines, [
    { kind: 'promise', says: 'one', calls: ['GET / → 200'], failure: undefined },
    { kind: 'promise', says: 'three', calls: ['GET /3 → 500'], failure: 'not so' },
    { kind: 'fault absent', says: FAULTS[0], calls: [] },
  ]);
  t.same(told.uncovered, ['nobody showed: two', 'never promised: three']);
  t.same(unsoughtFaults([told]), FAULTS.slice(1));
});

t.test('no promise is listed twice', async (t) => {
  for (const { promises, title } of SOURCES) t.equal(new Set(promises).size, promises.length, title);
});

const answer = (status: number, json: Record<string, unknown>, type = 'application/json'): Answer => ({
  ...{ to: 'GET /x', status, json, bytes: Buffer.from(JSON.stringify(json)) },
  headers: { 'content-type': type },
});

t.test('an answer is as expected, or a sentence says how it is not', async (t) => {
  const image = { id: '1', tags: ['a'], metadata: { width: 3, height: 2 } };
  t.same(answered(answer(200, image), 200, { tags: ['a'], metadata: { width: 3 } }), image);
  t.throws(() => answered(answer(404, {}), 200), /GET \/x answered 404 instead of 200/);
  t.throws(
    () => answered(answer(200, image), 200, { metadata: { width: 4 } }),
    /metadata\.width is 3 instead of 4/,
  );
  t.throws(() => answered(answer(200, image), 200, { tags: [] }), /tags is \["a"\]/);
  t.throws(() => answered(answer(200, image), 200, { missing: { a: 1 } }), /missing\.a is undefined/);
});

t.test('an error is a problem document', async (t) => {
  const problem = answer(404, { code: 'NOT_FOUND' }, 'application/problem+json');
  t.match(refused(problem, 404, 'NOT_FOUND'), { code: 'NOT_FOUND' });
  t.throws(() => refused(problem, 400), /answered 404/);
  t.throws(() => refused(problem, 404, 'OTHER'), /code is "NOT_FOUND"/);
  t.throws(() => refused(answer(404, { code: 'NOT_FOUND' }), 404), /as application\/json/);
  t.throws(() => refused(answer(404, {}, 'application/problem+json'), 404), /without a code/);
});

t.test('what is compared, found and waited for', async (t) => {
  same([1, { a: 2 }], [1, { a: 2 }], 'it');
  t.throws(() => same([1], [2], 'the list'), /the list: \[1\] instead of \[2\]/);
  t.equal(textAt({ a: { b: 'c' } }, 'a.b'), 'c');
  t.throws(() => textAt({ a: 1 }, 'a.b'), /a\.b is undefined/);
  let looks = 0;
  const late = async () => {
    looks += 1;
    if (looks < 3) throw new Error('not yet');
    return looks;
  };
  t.equal(await eventually(late), 3);
  await t.rejects(
    eventually(async () => same(1, 2, 'it'), 0),
    /it: 1 instead of 2/,
  );
});
