// One nudge through a queue, from its sender to its receiver; a module of its own, for a process that trusts other authorities.
import { EventEmitter, once } from 'node:events';
import { openNudgeReceiver, openNudgeSender, openRedisWindows } from '@tintype/core';

const NUDGE = { id: '019b76da-0000-7000-8000-000000000001', generation: 0 };

/** @throws Error with what the connections said, where it does not arrive */
export async function passNudge(queueUrl: string): Promise<void> {
  const said: string[] = [];
  const onError = (error: Error) => void said.push(error.message);
  const sender = await openNudgeSender(queueUrl, 'process-image', onError);
  try {
    await sender.send([NUDGE]);
    await receive(queueUrl);
    await countOne(queueUrl, onError);
  } catch (error) {
    throw new Error([(error as Error).message, ...said].join('; '), { cause: error });
  } finally {
    await sender.close();
  }
}

async function receive(queueUrl: string): Promise<void> {
  const told = new EventEmitter();
  // Once it has arrived, nobody waits for errors.
  told.on('error', () => undefined);
  const arrived = once(told, 'nudge');
  const receiver = await openNudgeReceiver(queueUrl, 'process-image', {
    concurrency: 1,
    handle: async () => void told.emit('nudge'),
    onError: (error) => void told.emit('error', error),
  });
  await arrived.finally(() => receiver.close());
}

/** Redis is asked over another connection how often something was done. */
async function countOne(queueUrl: string, onError: (error: Error) => void): Promise<void> {
  const windows = await openRedisWindows(queueUrl, 5000, onError);
  await windows?.take([{ subject: 'nudges', seconds: 60, limit: 10 }]);
  windows?.close();
}
