// A queue of its own for one test, and its two ends.
import type { Test } from 'tap';
import {
  type Nudge,
  type NudgeReceiver,
  type NudgeSender,
  openNudgeReceiver,
  openNudgeSender,
} from '../src/index.ts';

export interface TestQueue {
  url: string;
  /** Makes it lose all it holds, behind its back. */
  lose: () => Promise<void>;
}

const ID = '019b76da-0000-7000-8000-00000000000';

export function nudge(number: number, generation = 0): Nudge {
  return { id: `${ID}${number}`, generation };
}

/** A door that handlers wait at. */
export function makeGate(): { open: () => void; passed: Promise<void> } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), passed };
}

export interface Ends {
  queue: TestQueue;
  sender: NudgeSender;
  /** What the handlers were called with, in order. */
  handled: Nudge[];
  receive: (handle?: (nudge: Nudge) => Promise<void>, concurrency?: number) => Promise<NudgeReceiver>;
}

export async function openEnds(t: Test, queue: TestQueue): Promise<Ends> {
  const ignore = () => undefined;
  const sender = await openNudgeSender(queue.url, 'process-image', ignore);
  t.teardown(() => sender.close());
  const handled: Nudge[] = [];
  const receive: Ends['receive'] = async (handle = async () => undefined, concurrency = 1) => {
    const handleAndTell = async (nudge: Nudge) => {
      handled.push(nudge);
      await handle(nudge);
    };
    const options = { concurrency, onError: ignore, handle: handleAndTell };
    const receiver = await openNudgeReceiver(queue.url, 'process-image', options);
    t.teardown(() => receiver.close());
    return receiver;
  };
  return { queue, sender, handled, receive };
}
