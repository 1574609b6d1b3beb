// Fuzzes one reader in a thread of its own. The input that runs lies in shared memory: whoever ends the thread can still read it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createCoverage } from './coverage.ts';
import { createRandom, MAX_INPUT_BYTES, mutate } from './mutate.ts';
import { loadTarget } from './targets.ts';

export interface ThreadData {
  folder: string;
  name: string;
  seconds: number;
  seed: number;
  seeds: Uint8Array[];
  /** [runs, bytes of the input that runs]. */
  state: SharedArrayBuffer;
  input: SharedArrayBuffer;
}

export interface Finding {
  input: Uint8Array;
  error: string;
}

export interface ThreadReport {
  /** Time of fuzzing. */
  seconds: number;
  runs: number;
  places: number;
  kept: number;
  findings: Finding[];
}

/** What a reader may take for an input of 64 kB: counting makes it up to twenty times slower than it is. */
const SLOW_MS = 5000;
/** Longer pauses between two turns are those of a process that was stopped. */
const LONGEST_TURN_MS = 20_000;
const MAX_FINDINGS = 20;
/** Older inputs are forgotten when there are more: those that are kept are tried evenly. */
const MAX_KEPT = 5000;
const RUNS_A_TURN = 128;

const { folder, name, seconds, seed, seeds, state, input } = workerData as ThreadData;
const counters = new Int32Array(state);
const shared = new Uint8Array(input);
const target = await loadTarget(folder, name);
const coverage = createCoverage();
const random = createRandom(seed);
const kept: Buffer[] = [];
const findings = new Map<string, Finding>();

function run(bytes: Buffer): void {
  shared.set(bytes.subarray(0, MAX_INPUT_BYTES));
  counters[1] = bytes.length;
  Atomics.add(counters, 0, 1);
  let ms = timeOnce(bytes);
  // The machine may have been busy with something else: only what is slow each time is.
  for (let again = 0; again < 3 && ms > SLOW_MS; again += 1) ms = Math.min(ms, timeOnce(bytes));
  if (ms > SLOW_MS) report(bytes, `slow: ${Math.round(ms)} ms`);
}

function timeOnce(bytes: Buffer): number {
  const begunAt = performance.now();
  try {
    target.run(Uint8Array.from(bytes));
  } catch (error) {
    if (!target.isExpected(error)) report(bytes, (error as Error).stack ?? String(error));
  }
  return performance.now() - begunAt;
}

/** One finding for each place in the code. */
function report(bytes: Buffer, error: string): void {
  const where = error.split('\n').slice(0, 2).join(' ').replace(/\d+/g, '#');
  if (findings.size < MAX_FINDINGS && !findings.has(where))
    findings.set(where, { input: Uint8Array.from(bytes), error });
}

function tryOut(bytes: Buffer): void {
  run(bytes);
  if (coverage.news() > 0 && kept.length < MAX_KEPT) kept.push(bytes);
}

for (const one of seeds) tryOut(Buffer.from(one));
if (kept.length === 0) kept.push(Buffer.from(seeds[0] ?? [0]));
let fuzzedMs = 0;
let lastAt = performance.now();
while (fuzzedMs < seconds * 1000) {
  const now = performance.now();
  // Time in which the process was stopped is no time of fuzzing.
  fuzzedMs += Math.min(now - lastAt, LONGEST_TURN_MS);
  lastAt = now;
  // zlib gives its memory back between two turns of the event loop, and never within one.
  if ((counters[0] ?? 0) % RUNS_A_TURN === 0) await nextTurn();
  // The newest inputs are the most promising.
  const index = random(3) === 0 ? random(kept.length) : kept.length - 1 - random(Math.min(50, kept.length));
  tryOut(mutate(kept[index] ?? Buffer.from([0]), random, kept));
}

const summary: ThreadReport = {
  seconds: fuzzedMs / 1000,
  runs: counters[0] ?? 0,
  places: coverage.places(),
  kept: kept.length,
  findings: [...findings.values()],
};
parentPort?.postMessage(summary);
