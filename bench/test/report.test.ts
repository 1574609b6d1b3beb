// The report: medians of the rounds' own ratios, goals beside them, what was skipped.
import t from 'tap';
import { formatReport, makeReport } from '../src/report.ts';

const machine = {
  cpu: 'a processor',
  cores: 2,
  memoryGb: 8,
  system: 'linux',
  node: 'v20',
  sharp: '0',
  redis: '7',
  loadBefore: 0,
  baseline: 'not run',
};
const round = (acceptVsSink: number, api: number) => ({
  figures: { acceptVsSink, acceptPerSecond: 1000 },
  memoryMb: { api },
});

t.test('ratios are medians, memory is the largest', async (t) => {
  const report = makeReport([round(0.4, 150), round(0.6, 210), round(0.5, 160)], [], machine);
  t.same(report.ratios, { acceptVsSink: 0.5 });
  t.same(report.memoryMb, { api: 210 });
  t.equal(report.rounds.length, 3);
});

t.test('the table has every goal and says what is missing', async (t) => {
  const skipped = [{ name: 'pathVsCelery', reason: 'no Python' }];
  const table = formatReport(makeReport([round(0.6, 210)], skipped, machine));
  t.match(table, /acceptVsSink +0\.60 +≥ 0\.5 +met/);
  t.match(table, /pathVsCelery +– +≥ 2 +–/);
  t.match(table, /api +210 +≤ 200 +missed/);
  t.match(table, 'skipped pathVsCelery: no Python');
});
