// What happens to the queue's two ends when Redis hangs or dies.
import { freePort } from '@tintype/local';
import t from 'tap';
import { eventually } from './eventually.ts';
import { noOwnRedis, signal, startOwnRedis } from './own-redis.ts';
import { nudge, openEnds } from './queue-ends.ts';

const skip = { skip: noOwnRedis };
const lose = async () => undefined;

function isSent(sending: Promise<void>): Promise<boolean> {
  return sending.then(
    () => true,
    () => false,
  );
}

t.test('a Redis that is away at the start is waited for', skip, async (t) => {
  const port = await freePort();
  const { sender, handled, receive } = await openEnds(t, { url: `redis://127.0.0.1:${port}`, lose });
  await receive();
  t.equal(await isSent(sender.send([nudge(1)])), false);
  await t.rejects(sender.forgotten([nudge(1)]));
  await t.rejects(sender.waiting());
  await startOwnRedis(t, { port });
  await eventually(() => isSent(sender.send([nudge(2)])));
  await eventually(() => handled.some(({ id }) => id === nudge(2).id));
});

t.test('a Redis that hangs at the start does not hold the process up', skip, async (t) => {
  const redis = await startOwnRedis(t);
  signal(redis, 'SIGSTOP');
  const { sender } = await openEnds(t, { url: redis.url, lose });
  t.equal(await isSent(sender.send([nudge(1)])), false);
  signal(redis, 'SIGCONT');
  await eventually(() => isSent(sender.send([nudge(2)])));
});

t.test('on a Redis that hangs every call rejects by itself, and works again later', skip, async (t) => {
  const redis = await startOwnRedis(t);
  const { sender } = await openEnds(t, { url: redis.url, lose });
  await sender.send([nudge(1)]);
  signal(redis, 'SIGSTOP');
  const outcomes = await Promise.allSettled([
    sender.send([nudge(2)]),
    sender.send([nudge(3), nudge(4)]),
    sender.forgotten([nudge(1)]),
    sender.waiting(),
  ]);
  t.ok(outcomes.every(({ status }) => status === 'rejected'));
  signal(redis, 'SIGCONT');
  await eventually(() => isSent(sender.send([nudge(5)])));
  t.same(await sender.forgotten([nudge(1), nudge(5)]), []);
});

t.test('both ends go on with a new, empty Redis at the same place', skip, async (t) => {
  const first = await startOwnRedis(t);
  const { sender, handled, receive } = await openEnds(t, { url: first.url, lose });
  await receive();
  await sender.send([nudge(1)]);
  await eventually(() => handled.length === 1);
  signal(first, 'SIGKILL');
  await first.stop();
  await eventually(async () => !(await isSent(sender.send([nudge(2)]))));
  await startOwnRedis(t, { port: first.port });
  await eventually(() => isSent(sender.send([nudge(3)])));
  await eventually(() => handled.some(({ id }) => id === nudge(3).id));
});
