// Brings back what the queue forgot: jobs whose worker is gone, and jobs nobody was nudged about. Runs in every worker.
import type { Nudge } from '@tintype/core';
import { createCalm } from '../calm.ts';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { renewEveryMs } from '../leases.ts';

const BATCH = 500;
const MAX_ROUNDS = 20;

type Config = Pick<WorkerConfig, 'maxAttempts' | 'reconcileQuietMs' | 'reconcileEveryMs' | 'leaseMs'>;

interface ReconcileDeps {
  db: Pick<Deps['db'], 'reconcile'>;
  nudges: Deps['nudges'];
  metrics: { repaired(kind: 'lease' | 'forgotten', count: number): void };
  log: Deps['log'];
}

/** Answers one round, which answers how many jobs it brought back. */
export function createReconcile(
  { maxAttempts, reconcileQuietMs: quietMs, reconcileEveryMs, leaseMs }: Config,
  { db, nudges, metrics, log }: ReconcileDeps,
): () => Promise<number> {
  const calm = createCalm({
    renewEveryMs: renewEveryMs(leaseMs),
    standstillMs: reconcileEveryMs + leaseMs / 2,
  });

  async function expireLeases(): Promise<number> {
    if (!calm.holds()) return 0;
    const freed = await calm.watch(() => db.reconcile.expireLeases({ maxAttempts, limit: BATCH }));
    if (freed > 0) log.warn({ jobs: freed }, 'leases ran out');
    metrics.repaired('lease', freed);
    return freed;
  }

  async function nudgeForgotten(): Promise<number> {
    let repaired = 0;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const quiet = await calm.watch(() => db.reconcile.takeQuiet({ quietMs, limit: BATCH }));
      const forgotten = await nudgeIfForgotten(quiet, { db, nudges });
      repaired += forgotten;
      // A whole batch forgotten means an emptied queue: go on at once. A long queue is looked through a batch a round.
      if (forgotten < BATCH) break;
    }
    if (repaired > 0) log.info({ jobs: repaired }, 'the queue had forgotten jobs');
    metrics.repaired('forgotten', repaired);
    return repaired;
  }

  return async () => {
    calm.tick();
    const freed = await expireLeases();
    return freed + (await nudgeForgotten());
  };
}

async function nudgeIfForgotten(
  quiet: Nudge[],
  { db, nudges }: Pick<ReconcileDeps, 'db' | 'nudges'>,
): Promise<number> {
  if (quiet.length === 0) return 0;
  const forgotten = await nudges.forgotten(quiet);
  if (forgotten.length === 0) return 0;
  const renewed = await db.reconcile.renew(forgotten.map(({ id }) => id));
  await nudges.send(renewed);
  return renewed.length;
}
