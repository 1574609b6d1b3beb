import { freePort } from '@tintype/local';
import { openDatabase } from '@tintype/prisma';
import t from 'tap';
import { createWorkerMetrics } from '../src/metrics.ts';
import { startMetricsServer } from '../src/metrics-server.ts';
import { startWorker } from '../src/worker.ts';
import { createSurroundings, eventually, makeJpeg } from './worker-setup.ts';

t.test('what a worker did can be read', async (t) => {
  const metricsPort = await freePort();
  const { config, deps, accept, tenantId } = await createSurroundings({
    METRICS_PORT: String(metricsPort),
    MAX_ATTEMPTS: '2',
  });
  let isWorking = true;
  let ping = () => deps.db.ping();
  const told = { metrics: deps.metrics, isWorking: () => isWorking, ping: () => ping() };
  const server = await startMetricsServer(config, told);
  const read = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const worker = await startWorker(config, deps, () => t.fail('stuck'));
  const good = await accept(await makeJpeg());
  const gone = await accept(await makeJpeg(), { store: false });
  await deps.nudges.send([good, gone].map((id) => ({ id, generation: 0 })));
  for (const id of [good, gone])
    await eventually(async () => (await deps.db.jobs.get(tenantId, id))?.finishedAt != null);

  const { text } = await eventually(async () => {
    const answer = await read('/metrics');
    return answer.text.includes('failed_total{code="ORIGINAL_MISSING"}') && answer;
  });
  const figure = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  for (const [name, value] of [
    ['tintype_jobs_completed_total', 1],
    ['tintype_jobs_failed_total{code="ORIGINAL_MISSING"}', 1],
    ['tintype_job_step_duration_seconds_count{step="queued"}', 2],
    ['tintype_job_step_duration_seconds_count{step="fetch"}', 1],
    ['tintype_job_step_duration_seconds_count{step="inspect"}', 1],
    ['tintype_job_step_duration_seconds_count{step="persist"}', 1],
    ['tintype_webhook_attempt_duration_seconds_count{outcome="timeout"}', 0],
    ['tintype_reconciler_repairs_total{kind="lease"}', 0],
  ] as const)
    t.equal(figure(name), value, name);
  t.ok(figure('process_resident_memory_bytes') > 0);
  t.equal((await read('/elsewhere')).status, 404);
  const [ok, unready] = [
    { status: 200, text: '{"status":"ok"}' },
    { status: 503, text: '{"status":"unready"}' },
  ];
  t.same([await read('/healthz'), await read('/readyz')], [ok, ok]);
  const nowhere = openDatabase({
    url: 'postgres://nobody@127.0.0.1:1/nothing',
    poolSize: 1,
    connectTimeoutMs: 1000,
    statementTimeoutMs: 1000,
  });
  t.teardown(() => nowhere.close());
  ping = () => nowhere.ping();
  t.same([await read('/healthz'), await read('/readyz')], [ok, unready], 'without a database');
  ping = () => deps.db.ping();
  isWorking = false;
  t.same([await read('/healthz'), await read('/readyz')], [unready, unready], 'once it stops');

  const taken = startMetricsServer(config, told);
  await t.rejects(taken, {
    name: 'ConfigError',
    message: `METRICS_PORT ${metricsPort} can not be listened on`,
  });
  await worker.stop(5000);
  await server?.close();
  await t.rejects(read('/healthz'));
});

t.test('every metric is named by one scheme, and says what it is', async (t) => {
  const metrics = createWorkerMetrics();
  metrics.watch('decoders', () => 3);
  metrics.webhookAttempt('5xx', 1500);
  metrics.swept('objects', 4);
  const { text } = await metrics.expose();
  const own = text.split('\n').filter((line) => line.startsWith('# HELP tintype_'));
  t.ok(own.length >= 9);
  for (const line of own) t.match(line, /^# HELP tintype_[a-z_]+ \S.*\.$/);
  for (const line of text.split('\n').filter((one) => /^# TYPE tintype_\S+ (counter|histogram)/.test(one)))
    t.match(line, /(_total counter|_seconds histogram)$/);
  t.match(text, /^tintype_worker_decoders 3$/m);
  t.match(text, /^tintype_webhook_attempt_duration_seconds_sum\{outcome="5xx"\} 1\.5$/m);
  t.match(text, /^tintype_swept_total\{kind="objects"\} 4$/m);
  t.equal(
    await startMetricsServer(
      { metricsHost: '127.0.0.1', metricsPort: 0 },
      { metrics, isWorking: () => true, ping: async () => undefined },
    ),
    undefined,
  );
});
