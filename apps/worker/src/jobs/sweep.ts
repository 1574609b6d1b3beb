// Removes rows past their retention, and objects of uploads that never became images: a slice at a time, until none is left.
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';

export type SweepDeps = Pick<Deps, 'db' | 'objects' | 'metrics' | 'log'>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of those that have ended: no clock is so late. */
const RATE_WINDOW_MS = HOUR_MS;
const SLICE = 1000;
/** Each of its objects is removed on its own. */
const UPLOADS_SLICE = 100;
/** The rest is for the next time. */
const PATIENCE_MS = 30_000;

export type SweepConfig = Pick<
  WorkerConfig,
  | 'uploadAbandonedMs'
  | 'requestLogRetentionDays'
  | 'requestLogFullIpDays'
  | 'eventRetentionDays'
  | 'idempotencyKeepHours'
  | 'webhookLogRetentionDays'
  | 'usageRetentionDays'
  | 'apiKeyRetentionDays'
  | 'accountPurgeGraceMs'
  | 'derivativeRetentionDays'
>;

/** By the name of what they remove, or change; each answers how many. */
export function createSweeps(config: SweepConfig, deps: SweepDeps): Record<string, () => Promise<number>> {
  const { sweep, purge, making } = deps.db;
  const { objects } = deps;
  const sliced = (kind: string, limit: number, remove: (limit: number) => Promise<number>) => async () => {
    const removed = await untilFewer(limit, () => remove(limit));
    tell(kind, removed, deps);
    return removed;
  };
  const byAge = (
    kind: string,
    olderThanMs: number,
    remove: (slice: { olderThanMs: number; limit: number }) => Promise<number>,
  ) => ({
    [kind]: sliced(kind, SLICE, (limit) => remove({ olderThanMs, limit })),
  });
  return {
    uploads: sliced('uploads', UPLOADS_SLICE, (limit) =>
      sweep.abandonedUploads({
        olderThanMs: config.uploadAbandonedMs,
        limit,
        remove: (key) => objects.remove(key),
      }),
    ),
    ...byAge('request-logs', config.requestLogRetentionDays * DAY_MS, sweep.requestLogs),
    ...byAge('request-log-addresses', config.requestLogFullIpDays * DAY_MS, sweep.requestLogAddresses),
    ...byAge('events', config.eventRetentionDays * DAY_MS, sweep.events),
    ...byAge('idempotency-keys', config.idempotencyKeepHours * HOUR_MS, sweep.idempotencyKeys),
    ...byAge('webhook-deliveries', config.webhookLogRetentionDays * DAY_MS, sweep.webhookDeliveries),
    ...byAge('sessions', 0, sweep.sessions),
    ...byAge('api-keys', config.apiKeyRetentionDays * DAY_MS, sweep.apiKeys),
    ...byAge('usage-days', config.usageRetentionDays * DAY_MS, sweep.usageDays),
    ...byAge('rate-windows', RATE_WINDOW_MS, sweep.rateWindows),
    // Their objects are uploads from then on.
    derivatives: sliced('derivatives', SLICE, (limit) =>
      making.forgetUnused({ unusedMs: config.derivativeRetentionDays * DAY_MS, limit }),
    ),
    // Of rows of deleted accounts, a slice has about so many.
    accounts: async () => {
      const graceMs = config.accountPurgeGraceMs;
      const removed = await untilFewer(1, () => purge.next({ graceMs, limit: SLICE }));
      tell('accounts', removed, deps);
      return removed;
    },
  };
}

/** Answers how many there were in all slices. */
async function untilFewer(enough: number, next: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  let removed = 0;
  for (let last = enough; last >= enough && performance.now() < deadline; removed += last)
    last = await next();
  return removed;
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
