// Sends nudges for deliveries that wait: those just born, those whose pause is over, those the queue forgot. Runs in every worker.
import type { Nudge } from '@tintype/core';
import { createCalm } from '../calm.ts';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { renewEveryMs } from '../leases.ts';

const BATCH = 500;
const MAX_ROUNDS = 20;

type Config = Pick<WorkerConfig, 'reconcileQuietMs' | 'reconcileEveryMs' | 'leaseMs'>;
type ReconcileDeps = Pick<Deps, 'db' | 'deliveries' | 'metrics' | 'log'>;

export interface ReconcileDeliveries {
  /** On the timer; answers how many deliveries it brought back or on their way. */
  round(): Promise<number>;
  /** The same without a look at leases: for when a delivery may just have been born. */
  dispatch(): Promise<number>;
}

export function createReconcileDeliveries(
  { reconcileQuietMs: quietMs, reconcileEveryMs, leaseMs }: Config,
  deps: ReconcileDeps,
): ReconcileDeliveries {
  const { db, metrics, log } = deps;
  const calm = createCalm({
    renewEveryMs: renewEveryMs(leaseMs),
    standstillMs: reconcileEveryMs + leaseMs / 2,
  });

  async function expireLeases(): Promise<number> {
    if (!calm.holds()) return 0;
    const freed = await calm.watch(() => db.sending.expireLeases({ limit: BATCH }));
    if (freed === 0) return 0;
    log.warn({ deliveries: freed }, 'leases of deliveries ran out');
    metrics.repaired('delivery-lease', freed);
    return freed;
  }

  async function dispatch(): Promise<number> {
    let [sent, repaired] = [0, 0];
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const quiet = await calm.watch(() => db.sending.takeQuiet({ quietMs, limit: BATCH }));
      const fresh = await nudge(quiet.filter(({ fresh }) => fresh).map(nudgeOf), deps);
      const forgotten = await nudgeIfForgotten(quiet.filter(({ fresh }) => !fresh).map(nudgeOf), deps);
      sent += fresh;
      repaired += forgotten;
      // A long queue of which nothing is forgotten is looked through a batch a round.
      if (quiet.length < BATCH || fresh + forgotten === 0) break;
    }
    if (repaired > 0) {
      log.info({ deliveries: repaired }, 'the queue had forgotten deliveries');
      metrics.repaired('delivery', repaired);
    }
    return sent + repaired;
  }

  return {
    round: async () => {
      calm.tick();
      const freed = await expireLeases();
      return freed + (await dispatch());
    },
    dispatch,
  };
}

function nudgeOf({ id, generation }: Nudge): Nudge {
  return { id, generation };
}

async function nudge(nudges: Nudge[], { deliveries }: ReconcileDeps): Promise<number> {
  if (nudges.length > 0) await deliveries.send(nudges);
  return nudges.length;
}

async function nudgeIfForgotten(quiet: Nudge[], deps: ReconcileDeps): Promise<number> {
  if (quiet.length === 0) return 0;
  const forgotten = await deps.deliveries.forgotten(quiet);
  if (forgotten.length === 0) return 0;
  return nudge(await deps.db.sending.renew(forgotten.map(({ id }) => id)), deps);
}
