// The command line.
import t from 'tap';
import { parseOptions, usage } from '../src/options.ts';

t.test('defaults', async (t) => {
  const options = parseOptions([]);
  t.match(options, {
    json: false,
    help: false,
    rounds: 5,
    queue: 'redis',
    concurrency: 32,
    gunicorn: 'gthread',
  });
  t.same(
    [...options.only],
    ['path', 'accept', 'worker', 'latency', 'memory', 'metadata', 'pixels', 'library', 'delivery'],
  );
});

t.test('a ratio names its phase', async (t) => {
  t.same([...parseOptions(['--only', 'cpuVsCelery', '--only', 'worker']).only], ['path', 'worker']);
});

t.test('--quick has fewer rounds unless told', async (t) => {
  t.equal(parseOptions(['--quick']).rounds, 2);
  t.equal(parseOptions(['--quick', '--rounds', '3']).rounds, 3);
});

t.test('what cannot be understood is refused by name', async (t) => {
  t.throws(() => parseOptions(['--only', 'speed']), /--only must be one of path/);
  t.throws(() => parseOptions(['--rounds', '0']), /--rounds/);
  t.throws(() => parseOptions(['--queue', 'kafka']), /--queue must be one of redis, postgres/);
  t.throws(() => parseOptions(['--fast']));
  t.match(usage, '--rounds N');
});
