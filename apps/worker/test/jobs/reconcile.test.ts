import t from 'tap';
import { createReconcile } from '../../src/jobs/reconcile.ts';
import { createSurroundings, eventually, makeJpeg } from '../worker-setup.ts';

const jpeg = await makeJpeg();
const ENV = { LEASE_MS: '1000', RECONCILE_EVERY_MS: '50' };

t.test('a queue that is away keeps no lease alive', async (t) => {
  const { config, deps, tenantId, accept } = await createSurroundings(ENV);
  const away = () => Promise.reject(new Error('The queue is away.'));
  const nudges = { ...deps.nudges, forgotten: away, send: away };
  const round = createReconcile(config, { ...deps, nudges });
  const [lost, forgotten] = [await accept(jpeg), await accept(jpeg)];
  await deps.db.work.claim(lost, { worker: 'gone', leaseMs: 100 });
  await eventually(async () => {
    await round().catch(() => undefined);
    return (await deps.db.jobs.get(tenantId, lost))?.status === 'queued';
  });
  t.match(await deps.db.jobs.get(tenantId, lost), { failures: 1, errorCode: 'WORKER_LOST', generation: 1 });
  t.match(await deps.db.jobs.get(tenantId, forgotten), { status: 'queued', failures: 0 });
});

t.test(
  'a process that has just begun takes a lease from nobody for as long as a renewal takes',
  async (t) => {
    const { config, deps, tenantId, accept } = await createSurroundings(ENV);
    const id = await accept(jpeg);
    await deps.db.work.claim(id, { worker: 'slow', leaseMs: -1000 });
    const round = createReconcile(config, deps);
    const begunAt = performance.now();
    await round();
    t.match(await deps.db.jobs.get(tenantId, id), { status: 'processing' });
    await eventually(async () => (await round()) > 0);
    t.ok(performance.now() - begunAt >= config.leaseMs / 3);
    t.match(await deps.db.jobs.get(tenantId, id), { status: 'queued', failures: 1 });
    const { text } = await deps.metrics.expose();
    t.match(text, /tintype_reconciler_repairs_total\{kind="lease"\} 1\n/);
  },
);
