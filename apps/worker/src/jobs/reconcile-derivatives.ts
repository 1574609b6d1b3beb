// Brings back derivatives that the queue forgot, whose pause is over, or whose worker is gone. Runs in every worker.
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { createReconcile } from './reconcile.ts';

type Config = Pick<WorkerConfig, 'maxAttempts' | 'reconcileQuietMs' | 'reconcileEveryMs' | 'leaseMs'>;

const REPAIRS = { lease: 'derivative-lease', forgotten: 'derivative' } as const;

/** Answers one round, which answers how many it brought back. */
export function createReconcileDerivatives(
  config: Config,
  { db, renders, metrics, log }: Pick<Deps, 'db' | 'renders' | 'metrics' | 'log'>,
): () => Promise<number> {
  return createReconcile(config, {
    db: { reconcile: db.making },
    nudges: renders,
    metrics: { repaired: (kind, count) => metrics.repaired(REPAIRS[kind], count) },
    log: log.child({ queue: 'make-derivative' }),
  });
}
