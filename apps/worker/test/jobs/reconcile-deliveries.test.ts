import t from 'tap';
import { createReconcileDeliveries } from '../../src/jobs/reconcile-deliveries.ts';
import { eventually } from '../worker-setup.ts';
import { createDeliverySurroundings } from './delivering.ts';

const surroundings = await createDeliverySurroundings({ LEASE_MS: '1000', RECONCILE_QUIET_MS: '100' });
const { config, deps, addEndpoint, add, addOne, owner } = surroundings;
const endpointId = await addEndpoint('http://127.0.0.1:1/');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

t.test('fresh deliveries go to the queue at once, whole batches one after the other', async (t) => {
  const { dispatch } = createReconcileDeliveries(config, deps);
  await add(endpointId, 40);
  t.equal(await dispatch(), 40);
  t.equal(await deps.deliveries.waiting(), 40);
  t.equal(await dispatch(), 0, 'each once');
});

t.test('those the queue still knows are left alone; those it forgot are sent anew', async (t) => {
  const { dispatch } = createReconcileDeliveries(config, deps);
  await sleep(150);
  t.equal(await dispatch(), 0);
  const forgetful = {
    ...deps.deliveries,
    forgotten: async (nudges: { id: string; generation: number }[]) => nudges,
  };
  await sleep(150);
  t.equal(await createReconcileDeliveries(config, { ...deps, deliveries: forgetful }).dispatch(), 40);
  t.equal(await deps.deliveries.waiting(), 80, 'under a new generation');
});

t.test('a queue that is away: the round fails, and what it took comes again', async (t) => {
  const id = await addOne(endpointId);
  const away = {
    ...deps.deliveries,
    send: async () => {
      throw new Error('The queue is away.');
    },
  };
  await t.rejects(createReconcileDeliveries(config, { ...deps, deliveries: away }).dispatch());
  await sleep(150);
  t.ok((await createReconcileDeliveries(config, deps).dispatch()) >= 1);
  t.match(await deps.db.webhookDeliveries.get(owner, id), { status: 'pending' });
});

t.test('a lease that ran out is taken back, once it is calm', async (t) => {
  const id = await addOne(endpointId);
  await deps.db.sending.claim(id, { leaseMs: 100 });
  const { round } = createReconcileDeliveries(config, deps);
  await round();
  t.match(await deps.db.webhookDeliveries.get(owner, id), { status: 'sending' }, 'not in the first round');
  await eventually(async () => (await round()) >= 1);
  t.match(await deps.db.webhookDeliveries.get(owner, id), { status: 'pending', attempt: 1 });
});

t.test('ten thousand at once: in batches, nothing is left behind', async (t) => {
  const sent: number[] = [];
  const deliveries = { ...deps.deliveries, send: async (nudges: unknown[]) => void sent.push(nudges.length) };
  await add(endpointId, 9900);
  const patient = { ...config, reconcileQuietMs: 60_000 };
  t.equal(await createReconcileDeliveries(patient, { ...deps, deliveries }).dispatch(), 9900);
  t.same(sent, [...Array(19).fill(500), 400]);
});
