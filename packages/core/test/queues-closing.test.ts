// Whatever Redis does, a process that is told to stop can stop.
import { freePort, type RedisServer } from '@tintype/local';
import t from 'tap';
import { eventually } from './eventually.ts';
import { noOwnRedis, signal, startOwnRedis } from './own-redis.ts';
import { makeGate, nudge, openEnds } from './queue-ends.ts';

const skip = { skip: noOwnRedis };
const lose = async () => undefined;

const FAULTS: Record<string, (redis: RedisServer) => Promise<void> | void> = {
  hangs: (redis) => signal(redis, 'SIGSTOP'),
  'was killed': (redis) => signal(redis, 'SIGKILL'),
  'was stopped': (redis) => redis.stop(),
};

for (const [name, harm] of Object.entries(FAULTS)) {
  t.test(`with a Redis that ${name} both ends close, after the handler that runs`, skip, async (t) => {
    const redis = await startOwnRedis(t);
    const { sender, handled, receive } = await openEnds(t, { url: redis.url, lose });
    const gate = makeGate();
    const receiver = await receive(() => gate.passed);
    await sender.send([nudge(1)]);
    await eventually(() => handled.length === 1);
    await harm(redis);
    let isClosed = false;
    const closing = receiver.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    t.equal(isClosed, false);
    gate.open();
    await closing;
    await sender.close();
    t.ok(isClosed);
  });
}

t.test('with a Redis that never was there both ends close', skip, async (t) => {
  const { sender, receive } = await openEnds(t, { url: `redis://127.0.0.1:${await freePort()}`, lose });
  const receiver = await receive();
  await t.resolves(Promise.all([sender.close(), receiver.close()]));
});

t.test('a handler that takes too long is left behind', skip, async (t) => {
  const redis = await startOwnRedis(t);
  const { sender, handled, receive } = await openEnds(t, { url: redis.url, lose });
  const gate = makeGate();
  const receiver = await receive(() => gate.passed);
  await sender.send([nudge(1)]);
  await eventually(() => handled.length === 1);
  await t.resolves(receiver.close(50));
  t.same(await sender.forgotten([nudge(1)]), [], 'its entry will come back');
  gate.open();
});
