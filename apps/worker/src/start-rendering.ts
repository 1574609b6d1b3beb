// Everything of a worker that makes derivatives: takes nudges, keeps leases, looks for what waits, and stops with grace.
import { openNudgeReceiver } from '@tintype/core';
import type { WorkerConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { every } from './every.ts';
import { createLines } from './jobs/lines.ts';
import { createMakeDerivative, createMakeOne, type MakeOne, RENDER_LINES } from './jobs/make-derivative.ts';
import { createReconcileDerivatives } from './jobs/reconcile-derivatives.ts';
import { keepLeases, type Leases } from './leases.ts';

export interface Rendering {
  /** For jobs that make derivatives themselves. */
  makeOne: MakeOne;
  /** See {@link Leases}. */
  oldestBegunAt: Leases['oldestBegunAt'];
  /** `jobsEnded` resolves when no job makes any more. */
  stop(graceMs: number, jobsEnded: Promise<unknown>): Promise<void>;
}

/** @throws ConfigError for a queue that would lose nudges */
export async function startRendering(config: WorkerConfig, deps: Deps): Promise<Rendering> {
  const { db, metrics, log } = deps;
  const leases = keepLeases({ heartbeat: db.making.heartbeat, log }, config.leaseMs);
  const stopping = new AbortController();
  const lines = createLines(config.renderConcurrency, RENDER_LINES);
  metrics.watch('renders_running', lines.taken);
  const makeOne = createMakeOne({ config, leases, lines, stopping: stopping.signal }, deps);
  const receiver = await openNudgeReceiver(config.queueUrl, 'make-derivative', {
    concurrency: config.renderConcurrency,
    handle: createMakeDerivative(makeOne),
    onError: (err) => log.warn({ err }, 'queue of derivatives'),
  });
  const rounds = every(config.reconcileEveryMs, createReconcileDerivatives(config, deps), (err) =>
    log.warn({ err }, 'reconcile derivatives'),
  );

  return {
    makeOne,
    oldestBegunAt: leases.oldestBegunAt,
    stop: async (graceMs, jobsEnded) => {
      const repeating = rounds.stop();
      stopping.abort();
      await Promise.all([receiver.finish(graceMs), jobsEnded]);
      // Before the queue is hung up on: one that is away takes the time that is left.
      await leases.giveBack((rest) => db.making.release(rest));
      await receiver.close(0);
      await repeating;
    },
  };
}
