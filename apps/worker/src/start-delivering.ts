// Everything of a worker that sends webhooks: takes nudges, keeps leases, looks for deliveries that wait, and stops with grace.
import { openNudgeReceiver } from '@tintype/core';
import { coalesce } from './coalesce.ts';
import type { WorkerConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { every } from './every.ts';
import { createDeliverWebhook } from './jobs/deliver-webhook.ts';
import { createReconcileDeliveries } from './jobs/reconcile-deliveries.ts';
import { keepLeases, type Leases } from './leases.ts';
import { createTurnstile } from './webhook/turnstile.ts';

export interface Delivering {
  /** Something has happened that may have made deliveries. */
  look(): void;
  /** See {@link Leases}. */
  oldestBegunAt: Leases['oldestBegunAt'];
  stop(graceMs: number): Promise<void>;
}

/** A webhook leaves so soon after its event. */
const LOOK_WITHIN_MS = 40;
/** Deliveries that may wait for a place, for each that is sent. */
const SEATS_PER_PLACE = 4;

/** @throws ConfigError for a queue that would lose deliveries */
export async function startDelivering(config: WorkerConfig, deps: Deps): Promise<Delivering> {
  const { db, metrics, log } = deps;
  const { webhookConcurrency, webhookConcurrencyPerEndpoint } = config;
  const leases = keepLeases({ heartbeat: db.sending.heartbeat, log }, config.leaseMs);
  const stopping = new AbortController();
  const turnstile = createTurnstile({
    places: webhookConcurrency,
    placesPerEndpoint: Math.min(webhookConcurrencyPerEndpoint, webhookConcurrency),
    seats: webhookConcurrency * SEATS_PER_PLACE,
    seatsPerEndpoint: webhookConcurrencyPerEndpoint * SEATS_PER_PLACE,
  });
  metrics.watch('deliveries_running', turnstile.taken);
  const receiver = await openNudgeReceiver(config.queueUrl, 'deliver-webhook', {
    // Besides those that send and those that wait, some can always be looked at and sent away.
    concurrency: webhookConcurrency * (SEATS_PER_PLACE + 2),
    handle: createDeliverWebhook({ config, leases, turnstile, stopping: stopping.signal }, deps),
    onError: (err) => log.warn({ err }, 'queue of deliveries'),
  });
  const onError = (err: unknown) => log.warn({ err }, 'reconcile deliveries');
  const { round, dispatch } = createReconcileDeliveries(config, deps);
  const looking = coalesce(LOOK_WITHIN_MS, dispatch, onError);
  const rounds = every(config.reconcileEveryMs, round, onError);

  return {
    look: looking.call,
    oldestBegunAt: leases.oldestBegunAt,
    stop: async (graceMs) => {
      const repeating = Promise.all([rounds.stop(), looking.stop()]);
      stopping.abort();
      turnstile.close();
      await receiver.finish(graceMs);
      // Before the queue is hung up on: one that is away takes the time that is left.
      await leases.giveBack((rest) => db.sending.release(rest));
      await receiver.close(0);
      await repeating;
    },
  };
}
