// Plans out of a server's log.
import t from 'tap';
import { compactPlan, keepPlans, scanned } from '../src/library/plans.ts';

const scan = { 'Node Type': 'Seq Scan', 'Relation Name': 'images', 'Actual Rows': 7, 'Actual Loops': 1 };
const byIndex = {
  'Node Type': 'Index Scan',
  'Relation Name': 'images',
  'Index Name': 'images_pkey',
  'Actual Rows': 0.5,
  'Actual Loops': 100,
};
const join = { 'Node Type': 'Nested Loop', 'Actual Rows': 50, 'Actual Loops': 1, Plans: [scan, byIndex] };
const limit = { 'Node Type': 'Limit', 'Actual Rows': 50, 'Actual Loops': 1, Plans: [join] };
const plan = { 'Query Text': 'SELECT\n1', Plan: limit };

function logged(value: object): string[] {
  return JSON.stringify(value, undefined, 2)
    .split('\n')
    .map((line) => `\t${line}`);
}

t.test('plans are kept, and nothing else of the log', async (t) => {
  const { hear, plans } = keepPlans();
  const begin = '2026-01-02 03:04:05.678 UTC [42] LOG:  duration: 0.042 ms  plan:';
  const lines = [
    '2026-01-02 03:04:05.678 UTC [42] LOG:  checkpoint starting: time',
    '\tgoes on',
    begin,
    ...logged(plan),
    begin,
    ...logged(plan).slice(0, 3),
    '2026-01-02 03:04:05.678 UTC [42] LOG:  broken off',
    begin,
    ...logged({ ...plan, 'Query Text': 'two' }),
  ];
  for (const line of lines) hear(line);
  t.same(plans, [plan, { ...plan, 'Query Text': 'two' }]);
});

t.test('a plan in one line, with the rows that came of its ends', async (t) => {
  t.equal(compactPlan(plan), 'Nested Loop(Seq Scan images ×7, Index Scan images_pkey ×50)');
});

t.test('tables read from one end to the other are found anywhere', async (t) => {
  t.same(scanned(plan, 1000), ['images']);
  t.same(scanned({ ...plan, Plan: byIndex }, 51), []);
});

t.test('and so are indexes of which all is taken', async (t) => {
  t.same(scanned({ ...plan, Plan: byIndex }, 50), ['images_pkey']);
});
