// Assembles the worker from its parts: takes nudges, keeps leases, reconciles, sweeps, and stops with grace.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NudgeReceiver, openMaintenance, openNudgeReceiver } from '@tintype/core';
import type { WorkerConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { every } from './every.ts';
import { maintenanceTasks } from './jobs/maintenance-tasks.ts';
import { createProcessImage } from './jobs/process-image.ts';
import { createReconcile } from './jobs/reconcile.ts';
import { reprocess } from './jobs/reprocess.ts';
import { earliest, keepLeases } from './leases.ts';
import { startDelivering } from './start-delivering.ts';
import { startRendering } from './start-rendering.ts';
import { startTaskProtection } from './task-protection.ts';

export interface RunningWorker {
  /** Takes no more jobs, finishes what runs for at most `graceMs`, and gives the rest back at once. */
  stop(graceMs: number): Promise<void>;
}

const LOOK_STUCK_EVERY_MS = 5000;
/** A sweep that is broken off goes on with the next: no deployment waits for one that looks through everything. */
const MAINTENANCE_GRACE_MS = 1000;

/** @param onStuck the queue has hints and this worker takes none: only a new process helps */
export async function startWorker(
  config: WorkerConfig,
  deps: Deps,
  onStuck: () => void,
): Promise<RunningWorker> {
  const { db, nudges, log } = deps;
  const worker = `${hostname()}-${process.pid}-${randomUUID().slice(0, 4)}`;
  const leases = keepLeases({ heartbeat: db.work.heartbeat, log }, config.leaseMs);
  deps.metrics.watch('jobs_running', () => leases.held().length);
  const stopping = new AbortController();
  const rendering = await startRendering(config, deps);
  const { makeOne } = rendering;
  const processImage = createProcessImage(
    { worker, config, leases, makeOne, stopping: stopping.signal },
    deps,
  );
  const delivering = await startDelivering(config, deps);
  const protection = startTaskProtection(config, {
    oldestBegunAt: () => earliest([leases, rendering, delivering].map((one) => one.oldestBegunAt())),
    log,
  });
  const maintenance = await openMaintenance(config.queueUrl, maintenanceTasks(config, deps), {
    onError: (err) => log.warn({ err }, 'maintenance'),
  });
  const receiver: NudgeReceiver = await openNudgeReceiver(config.queueUrl, 'process-image', {
    concurrency: config.concurrency,
    handle: (nudge) => processImage(nudge).finally(delivering.look),
    onError: (err) => log.warn({ err }, 'queue'),
  });

  const rounds = [
    every(config.reconcileEveryMs, createReconcile(config, deps), (err) => log.warn({ err }, 'reconcile')),
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
    await sleep(LOOK_STUCK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted) return;
    if (performance.now() - leases.lastBegunAt() > config.stuckAfterMs && (await jobsWait())) onStuck();
  }

  /**
   * PostgreSQL has the last word: a queue that does not answer is part of the fault, and while PostgreSQL itself is away there is
   * nothing that a new process could do.
   */
  async function jobsWait(): Promise<boolean> {
    const waiting = await nudges.waiting().catch(() => undefined);
    return waiting !== 0 && (await db.jobs.depth()).queued > 0;
  }

  async function finishJobs(graceMs: number): Promise<void> {
    await receiver.finish(graceMs);
    // Before the queue is hung up on: one that is away takes the time that is left.
    await leases.giveBack((rest) => db.work.release(rest));
    await receiver.close(0);
  }

  return {
    stop: async (graceMs) => {
      stopping.abort();
      const repeating = Promise.all(rounds.map((round) => round.stop()));
      const jobsEnded = finishJobs(graceMs);
      await Promise.all([
        jobsEnded,
        rendering.stop(graceMs, jobsEnded),
        delivering.stop(graceMs),
        protection?.stop(),
        maintenance.close(Math.min(graceMs, MAINTENANCE_GRACE_MS)),
      ]);
      await repeating;
    },
  };
}
