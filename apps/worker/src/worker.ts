// Assembles the worker from its parts: takes nudges, keeps leases, reconciles, sweeps, and stops with grace.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NudgeReceiver, openNudgeReceiver } from '@tintype/core';
import type { WorkerConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { every } from './every.ts';
import { createProcessImage } from './jobs/process-image.ts';
import { reconcile } from './jobs/reconcile.ts';
import { reprocess } from './jobs/reprocess.ts';
import { sweep } from './jobs/sweep.ts';
import { keepLeases } from './leases.ts';

export interface RunningWorker {
  /** Takes no more jobs, finishes what runs for at most `graceMs`, and gives the rest back at once. */
  stop(graceMs: number): Promise<void>;
}

const LOOK_STUCK_EVERY_MS = 5000;

/** @param onStuck the queue has hints and this worker takes none: only a new process helps */
export async function startWorker(
  config: WorkerConfig,
  deps: Deps,
  onStuck: () => void,
): Promise<RunningWorker> {
  const { db, nudges, log } = deps;
  const worker = `${hostname()}-${process.pid}-${randomUUID().slice(0, 4)}`;
  const leases = keepLeases(deps, config.leaseMs);
  const processImage = createProcessImage({ worker, config, leases }, deps);
  const receiver: NudgeReceiver = await openNudgeReceiver(config.queueUrl, {
    concurrency: config.concurrency,
    handle: processImage,
    onError: (err) => log.warn({ err }, 'queue'),
  });

  const rounds = [
    every(
      config.reconcileEveryMs,
      () => reconcile(config, deps),
      (err) => log.warn({ err }, 'reconcile'),
    ),
    every(
      config.sweepEveryMs,
      () => sweep(config, deps),
      (err) => log.warn({ err }, 'sweep'),
    ),
    every(
      config.reprocessEveryMs,
      () => reprocess(config, deps),
      (err) => log.warn({ err }, 'reprocess'),
    ),
    every(LOOK_STUCK_EVERY_MS, lookStuck, (err) => log.debug({ err }, 'queue does not answer')),
  ];

  async function lookStuck(): Promise<void> {
    const idleMs = performance.now() - leases.lastBegunAt();
    if (leases.held().length > 0 || idleMs < config.stuckAfterMs || !(await jobsWait())) return;
    // Hints may have come in this moment: they get as long as a hint needs.
    await sleep(LOOK_STUCK_EVERY_MS);
    if (performance.now() - leases.lastBegunAt() > config.stuckAfterMs && (await jobsWait())) onStuck();
  }

  /** A queue that does not answer is part of the fault: then PostgreSQL is asked. */
  async function jobsWait(): Promise<boolean> {
    const waiting = await nudges.waiting().catch(() => undefined);
    return (waiting ?? (await db.jobs.depth()).queued) > 0;
  }

  return {
    stop: async (graceMs) => {
      const repeating = Promise.all(rounds.map((round) => round.stop()));
      await receiver.close(graceMs);
      leases.stop();
      const rest = leases.held();
      if (rest.length > 0) {
        log.warn({ jobs: rest.length }, 'giving unfinished jobs back');
        await db.work.release(rest);
      }
      await repeating;
    },
  };
}
