// What happens when a replica takes over: the name leads to the new primary, while connections to the old one, a replica now, stay open.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { openRedisWindows } from '../src/redis-windows.ts';
import { eventually } from './eventually.ts';
import { noOwnRedis, startOwnRedis } from './own-redis.ts';
import { nudge, openEnds } from './queue-ends.ts';

/** A name that leads to a port, for connections to come; those that are open stay where they are. */
async function openName(t: Test, port: number): Promise<{ port: number; leadTo(port: number): void }> {
  let target = port;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.pipe(upstream).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (next) => {
      target = next;
    },
  };
}

t.test('both ends and the windows follow a primary that moved', { skip: noOwnRedis }, async (t) => {
  const [first, second] = [await startOwnRedis(t), await startOwnRedis(t)];
  const name = await openName(t, first.port);
  const url = `redis://127.0.0.1:${name.port}`;
  const { sender, handled, receive } = await openEnds(t, { url, lose: async () => undefined });
  await receive();
  const windows = await openRedisWindows(url, 2000, () => undefined);
  t.teardown(() => windows?.close());
  const take = async () => (await windows?.take([{ subject: 'a', seconds: 60, limit: 1000 }]))?.outcome;
  await sender.send([nudge(1)]);
  await eventually(() => handled.length === 1);
  t.equal(await take(), 'taken');

  name.leadTo(second.port);
  const operator = new Redis(first.port, '127.0.0.1');
  t.teardown(() => operator.disconnect());
  await operator.replicaof('127.0.0.1', second.port);
  await t.rejects(sender.send([nudge(2)]), 'whoever sends just then is told');
  const succeeds = (act: () => Promise<unknown>) => () =>
    act().then(
      () => true,
      () => false,
    );
  await eventually(succeeds(() => sender.send([nudge(3)])));
  await eventually(() => handled.some(({ id }) => id === nudge(3).id));
  await eventually(async () => (await take().catch(() => undefined)) === 'taken');
  t.match(await operator.info('replication'), 'role:slave', 'the old one is still there');
});
