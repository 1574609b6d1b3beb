import t from 'tap';
import { createReconcileDerivatives } from '../../src/jobs/reconcile-derivatives.ts';
import { eventually } from '../worker-setup.ts';
import { createMakingSurroundings } from './making.ts';

const surroundings = await createMakingSurroundings({ LEASE_MS: '1000', RECONCILE_QUIET_MS: '60000' });
const { config, deps, query, addImage, want, row } = surroundings;
const { imageId } = await addImage();
let width = 0;
const wantNext = () => {
  width += 1;
  return want({ imageId }, { width });
};

t.test('what the queue never heard of is sent; what it knows is left alone', async (t) => {
  const round = createReconcileDerivatives(config, deps);
  const [known, forgotten] = [await wantNext(), await wantNext()];
  await deps.renders.send([known.nudge]);
  t.equal(await round(), 0, 'somebody was nudged a moment ago');
  await query(`UPDATE derivatives SET nudged_at = now() - interval '2 minutes'`);
  t.equal(await round(), 1);
  t.equal(await deps.renders.waiting(), 2);
  t.match(await query('SELECT generation FROM derivatives WHERE id = $1', [forgotten.row.id]), [
    { generation: 1 },
  ]);
  t.match(await query('SELECT generation FROM derivatives WHERE id = $1', [known.row.id]), [
    { generation: 0 },
  ]);
});

t.test('a lease that ran out is taken back, once it is calm, and fails after so many', async (t) => {
  const { row: wanted } = await wantNext();
  await query('UPDATE derivatives SET failures = $2 WHERE id = $1', [wanted.id, config.maxAttempts - 2]);
  const round = createReconcileDerivatives(config, deps);
  for (const [status, attempt] of [
    ['waiting', 1],
    ['failed', 2],
  ] as const) {
    t.match(await deps.db.making.claim(wanted.id, { leaseMs: 100 }), { attempt });
    await eventually(async () => {
      await round();
      return (await row(wanted.id)).status === status;
    });
    t.match(await row(wanted.id), { error_code: 'WORKER_LOST', attempt });
  }
  const { text } = await deps.metrics.expose();
  t.match(text, 'tintype_reconciler_repairs_total{kind="derivative-lease"} 2');
});
