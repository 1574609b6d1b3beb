// Metrics in the log: what Amazon CloudWatch is to read of a real worker, and of one whose database has gone silent.
import { createLogger } from '@tintype/core';
import { startTcpProxy } from '@tintype/local';
import t from 'tap';
import { readConfig } from '../src/config.ts';
import { startEmbeddedMetrics } from '../src/embedded-metrics.ts';
import { createWorkerMetrics } from '../src/metrics.ts';
import { faultsOf } from './embedded-metrics-schema.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';
import { createSurroundings, eventually, makeJpeg } from './worker-setup.ts';

const ON = { EMBEDDED_METRICS_SECONDS: '1', EMBEDDED_METRICS_STACK: 'dev 1' };
const GAUGES = ['WaitingJobs', 'OldestJobSeconds', 'DeadDeliveries'];
const COUNTS = ['CompletedJobs', 'FailedJobs', 'WebhookAttempts', 'WebhookFailures'];

const metricsOf = (worker: WorkerProcess) => worker.lines.filter((line) => '_aws' in line);
const named = (line: Record<string, unknown>) =>
  (line as { _aws: { CloudWatchMetrics: { Metrics: { Name: string }[] }[] } })._aws.CloudWatchMetrics.flatMap(
    ({ Metrics }) => Metrics.map(({ Name }) => Name),
  );
const total = (worker: WorkerProcess, name: string) =>
  metricsOf(worker).reduce((sum, line) => sum + Number(line[name]), 0);

t.test('a worker tells what waits, and what it has done since', async (t) => {
  const { config, deps, accept, tenantId } = await createSurroundings();
  const worker = await startWorkerProcess(t, config, { ...ON, MAX_ATTEMPTS: '1', LOG_LEVEL: 'error' });
  const jobs = [
    await accept(await makeJpeg()),
    await accept(await makeJpeg()),
    await accept(await makeJpeg(), { store: false }),
  ];
  for (const id of jobs)
    await eventually(async () => (await deps.db.jobs.get(tenantId, id))?.finishedAt != null);
  const seen = await eventually(async () => {
    const lines = metricsOf(worker);
    return (
      total(worker, 'CompletedJobs') === 2 && total(worker, 'FailedJobs') === 1 && lines.length > 2 && lines
    );
  });
  for (const line of seen) {
    t.same(faultsOf(line), []);
    t.same(named(line), [...GAUGES, ...COUNTS]);
    t.match(line, {
      Stack: 'dev 1',
      name: 'worker',
      _aws: { Timestamp: Number, CloudWatchMetrics: [{ Namespace: 'Tintype', Dimensions: [['Stack']] }] },
    });
  }
  t.equal(await worker.stop(), 0);
  const last = metricsOf(worker).at(-1) ?? {};
  t.same(faultsOf(last), []);
  t.same(named(last), COUNTS, 'the last line is none of a worker that runs');
  t.equal(total(worker, 'CompletedJobs'), 2, 'nothing is told twice');
});

t.test('a database that does not answer: its figures are missing, the others are told', async (t) => {
  const { config, databaseUrl } = await createSurroundings();
  const proxy = await startTcpProxy({ port: Number(new URL(databaseUrl).port) });
  t.teardown(() => proxy.close());
  const through = { ...config, databaseUrl: proxy.through(databaseUrl) };
  const worker = await startWorkerProcess(t, through, {
    ...ON,
    DATABASE_CONNECT_TIMEOUT_MS: '500',
    DATABASE_STATEMENT_TIMEOUT_MS: '500',
    LOG_LEVEL: 'debug',
  });
  await eventually(async () => metricsOf(worker).some((line) => 'WaitingJobs' in line));
  proxy.blackhole();
  const silent = await eventually(async () => metricsOf(worker).find((line) => !('WaitingJobs' in line)));
  t.same(faultsOf(silent), []);
  t.same(named(silent), COUNTS);
  t.ok(
    worker.lines.some(({ msg, level }) => level === 20 && msg === 'the database does not tell the backlog'),
  );
  const soFar = metricsOf(worker).length;
  proxy.pass();
  await eventually(async () =>
    metricsOf(worker)
      .slice(soFar)
      .some((line) => 'WaitingJobs' in line),
  );
});

/** A log that keeps what is told in it. */
function createLog() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ name: 'worker', level: 'silent' });
  log.child = (() => ({ info: (line: Record<string, unknown>) => lines.push(line) })) as never;
  return { log, lines };
}

t.test('what waits is what PostgreSQL says', async (t) => {
  const { deps, accept, config } = await createSurroundings({ EMBEDDED_METRICS_SECONDS: '3600' });
  for (let count = 0; count < 3; count += 1) await accept(await makeJpeg());
  const { log, lines } = createLog();
  const metrics = createWorkerMetrics();
  for (const outcome of ['delivered', '5xx', 'timeout'] as const) metrics.webhookAttempt(outcome, 5);
  const embedded = startEmbeddedMetrics(config, { ...deps, metrics, isWorking: () => true, log });
  const line = await eventually(async () => lines[0]);
  t.match(line, {
    WaitingJobs: 3,
    DeadDeliveries: 0,
    WebhookAttempts: 3,
    WebhookFailures: 2,
    CompletedJobs: 0,
  });
  t.ok(Number(line.OldestJobSeconds) > 0 && Number(line.OldestJobSeconds) < 600, 'in seconds');
  metrics.failed('ORIGINAL_MISSING');
  metrics.webhookAttempt('3xx', 5);
  await embedded?.stop();
  t.match(lines[1], { WebhookAttempts: 1, WebhookFailures: 1, FailedJobs: 1, CompletedJobs: 0 });
  t.equal(lines.length, 2);
});

t.test('a worker that finishes what runs is none of those that share what waits', async (t) => {
  const { deps, config } = await createSurroundings({ EMBEDDED_METRICS_SECONDS: '1' });
  const { log, lines } = createLog();
  let isWorking = true;
  const embedded = startEmbeddedMetrics(config, { ...deps, isWorking: () => isWorking, log });
  await eventually(async () => lines.some((line) => 'WaitingJobs' in line));
  isWorking = false;
  const soFar = lines.length;
  await eventually(async () => lines.length > soFar + 1);
  await embedded?.stop();
  for (const line of lines.slice(soFar)) t.same(named(line), COUNTS);
});

t.test('settings', async (t) => {
  const base = { DATABASE_URL: 'postgres://a/b', QUEUE_URL: 'redis://a', OBJECT_STORE_URL: 'file:///tmp' };
  t.match(readConfig(base), { embeddedMetricsSeconds: 0, embeddedMetricsNamespace: 'Tintype' });
  t.equal(
    startEmbeddedMetrics(readConfig(base), {
      db: {} as never,
      metrics: createWorkerMetrics(),
      isWorking: () => true,
      log: createLogger({ name: 'worker', level: 'silent' }),
    }),
    undefined,
  );
  for (const wrong of [
    { EMBEDDED_METRICS_NAMESPACE: ':aws' },
    { EMBEDDED_METRICS_NAMESPACE: 'a?b' },
    { EMBEDDED_METRICS_NAMESPACE: 'x'.repeat(256) },
    { EMBEDDED_METRICS_STACK: ':x' },
    { EMBEDDED_METRICS_STACK: 'größe' },
    { EMBEDDED_METRICS_SECONDS: '-1' },
    { TASK_PROTECTION_MINUTES: '2881' },
    { ECS_AGENT_URI: 'ftp://a' },
  ])
    t.throws(() => readConfig({ ...base, ...wrong }), {
      name: 'ConfigError',
      message: new RegExp(`^${Object.keys(wrong)[0]} must be`),
    });
});
