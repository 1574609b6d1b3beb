import t from 'tap';
import { answer, hang, startReceiver } from '../webhook/receiver.ts';
import { eventually, QUEUE_KINDS } from '../worker-setup.ts';
import { createDeliverySurroundings } from './delivering.ts';

const ENV = { WEBHOOK_TIMEOUT_MS: '15000', WEBHOOK_RETRY_SECONDS: '3600' };

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(
    `queue on ${kind}: 200 deliveries that hang do not delay another endpoint's`,
    { skip },
    async (t) => {
      const surroundings = await createDeliverySurroundings(ENV, kind);
      const { addEndpoint, add, start } = surroundings;
      const [hanging, fine] = [await startReceiver(t, hang), await startReceiver(t, answer(204))];
      const [hangs, answers] = [await addEndpoint(hanging.url), await addEndpoint(fine.url)];
      await add(hangs, 200);
      const delivering = await start(t);
      await eventually(async () => hanging.received.length === 8);
      for (let round = 1; round <= 10; round += 1) {
        const begunAt = performance.now();
        await add(answers);
        delivering.look();
        await eventually(async () => fine.received.length === round);
        const tookMs = (fine.received.at(-1)?.at ?? 0) - begunAt;
        // One that waited for a place would come when the first has timed out.
        t.ok(tookMs < 5000, `round ${round}: ${tookMs} ms`);
        t.comment(`round ${round}: ${Math.round(tookMs)} ms`);
      }
      // Fewer, once the first have timed out: who does not answer gets one place.
      t.ok(hanging.open() <= 8, 'no more at once than one endpoint may have');
      await delivering.stop(100);
    },
  );
}

t.test('200 deliveries to one endpoint all arrive, never more at once than allowed, once each', async (t) => {
  const surroundings = await createDeliverySurroundings({ WEBHOOK_CONCURRENCY_PER_ENDPOINT: '3' });
  const { deps, owner, addEndpoint, add, start } = surroundings;
  let most = 0;
  const receiver = await startReceiver(t, (response) => {
    most = Math.max(most, receiver.open());
    setTimeout(() => response.writeHead(204).end(), 5);
  });
  const endpointId = await addEndpoint(receiver.url);
  const ids = await add(endpointId, 200);
  await start(t);
  await eventually(async () => {
    const { pending, sending } = await deps.db.webhookDeliveries.depth();
    return pending + sending === 0;
  }, 60_000);
  t.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 200);
  t.equal(receiver.received.length, 200);
  t.ok(most <= 3, `${most} at once`);
  const row = await deps.db.webhookDeliveries.get(owner, ids.at(-1) ?? '');
  t.equal(row?.attempts.length, 1, 'waiting is no try');
});

t.test('once they have timed out, those that hang have one place', async (t) => {
  const surroundings = await createDeliverySurroundings({ ...ENV, WEBHOOK_TIMEOUT_MS: '300' });
  const { addEndpoint, add, start } = surroundings;
  const receiver = await startReceiver(t, hang);
  await add(await addEndpoint(receiver.url), 30);
  const delivering = await start(t);
  await eventually(async () => receiver.received.length >= 19);
  const [ninth, nineteenth] = [receiver.received[8]?.at ?? 0, receiver.received[18]?.at ?? 0];
  // Ten times 300 ms, of which a machine that stands still for a while may hide some; eight at once would take 600.
  t.ok(nineteenth - ninth > 1200, `one after the other: ten took ${nineteenth - ninth} ms`);
  await delivering.stop(1000);
});
