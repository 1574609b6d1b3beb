// Brings back what the queue forgot: jobs whose worker is gone, and jobs nobody was nudged about. Runs in every worker.
import type { Nudge } from '@tintype/core';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

const BATCH = 500;
const MAX_ROUNDS = 20;

/** One round; answers how many jobs it brought back. */
export async function reconcile(
  { maxAttempts, reconcileQuietMs: quietMs }: Pick<WorkerConfig, 'maxAttempts' | 'reconcileQuietMs'>,
  { db, nudges, log }: Pick<Deps, 'db' | 'nudges' | 'log'>,
): Promise<number> {
  const freed = await db.reconcile.expireLeases({ maxAttempts, limit: BATCH });
  if (freed > 0) log.warn({ jobs: freed }, 'leases ran out');
  let repaired = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const quiet = await db.reconcile.takeQuiet({ quietMs, limit: BATCH });
    const forgotten = await nudgeForgotten(quiet, { db, nudges });
    repaired += forgotten;
    // A whole batch forgotten means an emptied queue: go on at once. A long queue is looked through a batch a round.
    if (forgotten < BATCH) break;
  }
  if (repaired > 0) log.info({ jobs: repaired }, 'the queue had forgotten jobs');
  return freed + repaired;
}

async function nudgeForgotten(quiet: Nudge[], { db, nudges }: Pick<Deps, 'db' | 'nudges'>): Promise<number> {
  if (quiet.length === 0) return 0;
  const forgotten = await nudges.forgotten(quiet);
  if (forgotten.length === 0) return 0;
  const renewed = await db.reconcile.renew(forgotten.map(({ id }) => id));
  await nudges.send(renewed);
  return renewed.length;
}
