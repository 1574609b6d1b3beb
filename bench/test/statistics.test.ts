// Medians, percentiles, and their combination by name.
import t from 'tap';
import { combineByName, median, percentile } from '../src/statistics.ts';

t.test('percentile takes the nearest rank', async (t) => {
  const values = [50, 10, 40, 20, 30];
  t.equal(percentile(values, 0.5), 30);
  t.equal(percentile(values, 0.99), 50);
  t.equal(percentile(values, 0), 10);
  t.ok(Number.isNaN(percentile([], 0.5)));
});

t.test('median of an even count is the mean of the middle two', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.ok(Number.isNaN(median([])));
});

t.test('combineByName combines what is there', async (t) => {
  t.same(combineByName([{ a: 1, b: 5 }, { a: 3 }], median), { a: 2, b: 5 });
});
