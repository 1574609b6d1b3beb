// Removes rows past their retention, and objects of uploads that never became images: a slice at a time, until none is left.
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

export type SweepDeps = Pick<Deps, 'db' | 'objects' | 'metrics' | 'log'>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SLICE = 1000;
/** Each of its objects is removed on its own. */
const UPLOADS_SLICE = 100;
/** The rest is for the next time. */
const PATIENCE_MS = 30_000;

export type SweepConfig = Pick<
  WorkerConfig,
  | 'uploadAbandonedMs'
  | 'requestLogRetentionDays'
  | 'eventRetentionDays'
  | 'idempotencyKeepHours'
  | 'webhookLogRetentionDays'
>;

/** By the name of what they remove; each answers how many. */
export function createSweeps(config: SweepConfig, deps: SweepDeps): Record<string, () => Promise<number>> {
  const { sweep } = deps.db;
  const { objects } = deps;
  const sliced = (kind: string, limit: number, remove: (limit: number) => Promise<number>) => async () => {
    const deadline = performance.now() + PATIENCE_MS;
    let removed = 0;
    for (let last = limit; last === limit && performance.now() < deadline; removed += last)
      last = await remove(limit);
    tell(kind, removed, deps);
    return removed;
  };
  return {
    uploads: sliced('uploads', UPLOADS_SLICE, (limit) =>
      sweep.abandonedUploads({
        olderThanMs: config.uploadAbandonedMs,
        limit,
        remove: (key) => objects.remove(key),
      }),
    ),
    'request-logs': sliced('request-logs', SLICE, (limit) =>
      sweep.requestLogs({ olderThanMs: config.requestLogRetentionDays * DAY_MS, limit }),
    ),
    events: sliced('events', SLICE, (limit) =>
      sweep.events({ olderThanMs: config.eventRetentionDays * DAY_MS, limit }),
    ),
    'idempotency-keys': sliced('idempotency-keys', SLICE, (limit) =>
      sweep.idempotencyKeys({ olderThanMs: config.idempotencyKeepHours * HOUR_MS, limit }),
    ),
    'webhook-deliveries': sliced('webhook-deliveries', SLICE, (limit) =>
      sweep.webhookDeliveries({ olderThanMs: config.webhookLogRetentionDays * DAY_MS, limit }),
    ),
  };
}

function tell(kind: string, removed: number, { metrics, log }: SweepDeps): void {
  if (removed === 0) return;
  metrics.swept(kind, removed);
  log.info({ kind, removed }, 'swept');
}

/** Goes on where the last call stopped. */
export function createContentsSweep({ db }: Pick<Deps, 'db'>): () => Promise<void> {
  let after: string | undefined;
  return async () => {
    const deadline = performance.now() + PATIENCE_MS;
    do after = await db.sweep.contents({ after, limit: SLICE });
    while (after !== undefined && performance.now() < deadline);
  };
}
