// PostgreSQL goes away between sending and writing down: what was sent must not be sent again.
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy } from '@tintype/local';
import t from 'tap';
import { type Behave, startReceiver } from '../webhook/receiver.ts';
import { eventually, QUEUE_KINDS } from '../worker-setup.ts';
import { createDeliverySurroundings } from './delivering.ts';

const server = process.env.TEST_POSTGRES_URL;
if (server === undefined) throw new Error('Run tests by "npm test -- apps/worker".');
const proxy = await startTcpProxy({ port: Number(new URL(server).port) });
t.teardown(() => proxy.close());
process.env.TEST_POSTGRES_URL = proxy.through(server);

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(`queue on ${kind}: the result waits until it can be written`, { skip }, async (t) => {
    const surroundings = await createDeliverySurroundings({ WEBHOOK_RETRY_SECONDS: '1' }, kind);
    const { addEndpoint, addOne, ended, start } = surroundings;
    let [status, outages] = [500, 0];
    const outage: Behave = (response) => {
      proxy.cut();
      outages += 1;
      response.writeHead(status).end();
      status = 204;
    };
    const receiver = await startReceiver(t, outage);
    const id = await addOne(await addEndpoint(receiver.url));
    await start(t);
    for (const count of [1, 2]) {
      await eventually(async () => outages === count, 60_000);
      await sleep(2500);
      t.equal(receiver.received.length, count);
      proxy.pass();
    }
    // Connections that the outage has ended are found out by whoever uses them next.
    const delivery = await eventually(() => ended(id).catch(() => undefined));
    t.match(delivery, { status: 'delivered', attempt: 2, attempts: [{ status: 500 }, { status: 204 }] });
    t.equal(receiver.received.length, 2, 'no request too many');
  });
}
