// One reader's turn: a thread, watched, ended when an input keeps it for too long.
import { Worker } from 'node:worker_threads';
import { MAX_INPUT_BYTES } from './mutate.ts';
import { seedsFor } from './seeds.ts';
import type { Finding, ThreadData, ThreadReport } from './thread.ts';

export interface FuzzReport extends ThreadReport {
  name: string;
}

/** Far more than any input may take: a thread may have to wait for its turn on a busy machine. */
const HANG_MS = 30_000;
const WATCH_EVERY_MS = 500;
/** What ends with more than this is a bomb. */
const MAX_HEAP_MB = 256;

export async function fuzzReader(options: {
  folder: string;
  name: string;
  seconds: number;
  seed: number;
}): Promise<FuzzReport> {
  const state = new SharedArrayBuffer(8);
  const input = new SharedArrayBuffer(MAX_INPUT_BYTES);
  const counters = new Int32Array(state);
  const begunAt = performance.now();
  const data: ThreadData = { ...options, seeds: await seedsFor(options.name), state, input };
  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const last = (error: string): Finding => ({ input: new Uint8Array(input).slice(0, counters[1]), error });
  const stopped = (error: string): ThreadReport => ({
    seconds: (performance.now() - begunAt) / 1000,
    runs: counters[0] ?? 0,
    places: 0,
    kept: 0,
    findings: [last(error)],
  });
  const report = await new Promise<ThreadReport>((resolve) => {
    let before = -1;
    let sinceMs = 0;
    const timer = setInterval(() => {
      sinceMs = counters[0] === before && before > 0 ? sinceMs + WATCH_EVERY_MS : 0;
      before = counters[0] ?? 0;
      if (sinceMs >= HANG_MS) resolve(stopped(`hangs: over ${HANG_MS} ms`));
    }, WATCH_EVERY_MS);
    const settle = (found: ThreadReport) => {
      clearInterval(timer);
      resolve(found);
    };
    thread.once('message', settle);
    thread.once('error', (error) => settle(stopped(`ended the thread: ${error.stack}`)));
    thread.once('exit', () => clearInterval(timer));
  });
  await thread.terminate();
  return { name: options.name, ...report };
}
