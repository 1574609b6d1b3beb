import t from 'tap';
import { firstIdAt, newId } from '../src/index.ts';

t.test('ids are UUIDs of version 7 and grow', async (t) => {
  const ids = Array.from({ length: 2000 }, newId);
  t.match(ids[0], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const times = ids.map((id) => id.slice(0, 13));
  t.same(times, [...times].sort());
  t.equal(new Set(ids).size, 2000);
});

t.test('firstIdAt stands before every id of its millisecond and after those before', async (t) => {
  const before = new Date();
  const id = newId();
  const after = new Date(Date.now() + 1);
  t.ok(firstIdAt(before) <= id);
  t.ok(id < firstIdAt(after));
});

const KNOWN: [string, string][] = [
  ['1970-01-01T00:00:00.000Z', '00000000-0000-7000-8000-000000000000'],
  ['1960-01-01T00:00:00.000Z', '00000000-0000-7000-8000-000000000000'],
  // The example of RFC 9562, appendix A.6, has this time.
  ['2022-02-22T19:22:22.000Z', '017f22e2-79b0-7000-8000-000000000000'],
];

for (const [time, id] of KNOWN) {
  t.test(time, async (t) => {
    t.equal(firstIdAt(new Date(time)), id);
  });
}
