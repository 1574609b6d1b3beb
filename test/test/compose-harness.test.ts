// The parts of `npm run test:compose` that could be wrong without anybody noticing, without Docker.
import t from 'tap';
import { conclusion, createChecks, figureTable } from '../src/compose/checks.ts';
import { isWorthRepeating } from '../src/compose/clients.ts';
import { findEngine, hostOf, NoEngineError } from '../src/compose/engine.ts';
import { compareLedger, type Discrepancies, type JobRow, type Sent } from '../src/compose/ledger.ts';
import { isDockerRequired, PHASES, readOptions } from '../src/compose/options.ts';
import { eventually, expectSame } from '../src/compose/proof.ts';
import { runProgram } from '../src/compose/run-program.ts';

const SENT: Sent = { key: 'k1', sha256Hex: 'aa', jobIds: ['j1'] };
const ROW: JobRow = { jobId: 'j1', imageId: 'i1', status: 'completed', sha256Hex: 'aa', ends: 1 };
const NONE: Discrepancies = {
  lost: [],
  notCompleted: [],
  endedTwice: [],
  doubled: [],
  changed: [],
  untold: [],
};

const LEDGERS: { name: string; sent?: Sent[]; rows?: JobRow[]; found: Partial<Discrepancies> }[] = [
  { name: 'all is as it was promised', found: {} },
  { name: 'told twice of one job', sent: [{ ...SENT, jobIds: ['j1', 'j1'] }], found: {} },
  { name: 'never acknowledged, and not there', sent: [{ ...SENT, jobIds: [] }], rows: [], found: {} },
  { name: 'acknowledged, and not there', rows: [], found: { lost: ['k1'] } },
  {
    name: 'acknowledged, and still queued',
    rows: [{ ...ROW, status: 'queued' }],
    found: { notCompleted: ['k1'] },
  },
  { name: 'acknowledged, and failed', rows: [{ ...ROW, status: 'failed' }], found: { notCompleted: ['k1'] } },
  { name: 'ended twice', rows: [{ ...ROW, ends: 2 }], found: { endedTwice: ['k1'] } },
  {
    name: 'one key, two jobs',
    sent: [{ ...SENT, jobIds: ['j1', 'j2'] }],
    rows: [ROW, { ...ROW, jobId: 'j2' }],
    found: { doubled: ['k1'] },
  },
  {
    name: 'one key, an image that nobody was told of',
    rows: [ROW, { ...ROW, jobId: 'j2', imageId: 'i2' }],
    found: { doubled: ['k1'], untold: ['j2'] },
  },
  { name: 'another file', rows: [{ ...ROW, sha256Hex: 'bb' }], found: { changed: ['k1'] } },
];

for (const { name, sent = [SENT], rows = [ROW], found } of LEDGERS) {
  t.test(`the ledger: ${name}`, async (t) => t.same(compareLedger(sent, rows), { ...NONE, ...found }));
}

t.test('what is asked for is what runs', async (t) => {
  t.match(readOptions([]), { help: false, standIns: false, ownEngine: false, keep: false, clients: 6 });
  t.same(readOptions([]).phases, PHASES);
  t.match(readOptions(['--stand-ins', '--own-engine', '--cache', '/c', '--clients', '2']), {
    ...{ standIns: true, ownEngine: true, cache: '/c', clients: 2 },
  });
  t.same(readOptions(['--only', 'backup, faults']).phases, ['backup', 'faults']);
  t.throws(() => readOptions(['--only', 'nonsense']), /no phase "nonsense"/);
  t.throws(() => readOptions(['--clients', '0']), /--clients must be/);
  t.throws(() => readOptions(['--keep', '--own-engine']), /--keep needs an engine that stays/);
  t.throws(() => readOptions(['--nonsense']));
});

const REQUIRED = [
  [{}, false],
  [{ CI: 'true' }, false],
  [{ REQUIRE_DOCKER: '0', CI: 'true' }, false],
  [{ REQUIRE_DOCKER: '1' }, true],
  [{ REQUIRE_DOCKER: '1', CI: 'true' }, true],
] as const;

t.test('a machine without an engine is a failure only where one is asked for', async (t) => {
  for (const [env, required] of REQUIRED) t.equal(isDockerRequired(env), required, JSON.stringify(env));
});

t.test('without an engine a sentence says so', async (t) => {
  const nowhere = { PATH: process.env.PATH ?? '', DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  await t.rejects(findEngine(nowhere), new NoEngineError('no Docker engine answers'));
});

const HOSTS = [
  [undefined, '127.0.0.1'],
  ['unix:///var/run/docker.sock', '127.0.0.1'],
  ['tcp://build.example.com:2376', 'build.example.com'],
  ['tcp://[2001:db8::1]:2376', '[2001:db8::1]'],
  ['ssh://ada@build.example.com', 'build.example.com'],
] as const;

t.test('ports are reached where the engine is', async (t) => {
  for (const [dockerHost, host] of HOSTS) t.equal(hostOf(dockerHost), host, String(dockerHost));
});

t.test('clients repeat what was good, and nothing else', async (t) => {
  for (const status of [0, 409, 429, 500, 502, 503, 504]) t.ok(isWorthRepeating({ status }), String(status));
  for (const status of [200, 202, 400, 401, 413, 422]) t.notOk(isWorthRepeating({ status }), String(status));
});

t.test('every check counts, and one that fails keeps none from being looked at', async (t) => {
  const said: string[] = [];
  const ending = new AbortController();
  const checks = createChecks((text) => said.push(text), ending.signal);
  t.equal(await checks.check('so', () => 'very'), true);
  t.equal(await checks.check('not so', async () => void expectSame(1, 2, 'it')), false);
  t.same(said, ['  ✓ so (very)', '  ✗ not so: it is 1 instead of 2']);
  t.equal(conclusion(checks), 'test:compose: 1 checks passed, 1 failed');
  checks.figure('a', '1 s');
  checks.figure('longer', '2');
  t.equal(figureTable(checks.figures()), '| a      | 1 s |\n| longer | 2 |');
  ending.abort(new Error('SIGINT'));
  await t.rejects(
    checks.check('too late', () => undefined),
    /SIGINT/,
  );
  t.same(checks.failed(), ['not so']);
});

t.test('what is waited for, and for how long', async (t) => {
  const { signal } = new AbortController();
  let looks = 0;
  const late = async () => {
    looks += 1;
    if (looks < 2) throw new Error('not yet');
    return looks;
  };
  t.equal(await eventually(late, { atMostMs: 60_000, signal }), 2);
  const never = async () => expectSame(1, 2, 'it');
  await t.rejects(eventually(never, { atMostMs: 0, signal }), /it is 1 instead of 2/);
  await t.rejects(
    eventually(never, { atMostMs: 60_000, signal: AbortSignal.abort(new Error('ended')) }),
    /ended/,
  );
});

t.test('programs: what they print, read, and fail with', async (t) => {
  t.equal(await runProgram('sh', ['-c', 'cat; echo two'], { input: 'one\n' }), 'one\ntwo');
  await t.rejects(runProgram('sh', ['-c', 'echo why >&2; exit 3']), /ended with 3:\nwhy/);
  await t.rejects(runProgram('/nowhere/program', []), /ENOENT/);
  const ending = AbortSignal.abort();
  await t.rejects(runProgram('sleep', ['60'], { signal: ending }), { name: 'AbortError' });
});
