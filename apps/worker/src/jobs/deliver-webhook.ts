// One delivery: claim → wait for a place → sign → send → write down what came of it. Sent at least once: a worker that dies in between
// leaves a delivery that is sent again, under the same webhook-id.
import type { Nudge } from '@tintype/core';
import type { ClaimedDelivery } from '@tintype/prisma';
import type { WorkerConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { Leases } from '../leases.ts';
import type { WebhookOutcome } from '../metrics.ts';
import { untilWritten } from '../until-written.ts';
import { bodyOf } from '../webhook/body.ts';
import { nextPauseMs } from '../webhook/schedule.ts';
import { type Outcome, send } from '../webhook/send.ts';
import { sign } from '../webhook/sign.ts';
import type { Turnstile } from '../webhook/turnstile.ts';

export type DeliverConfig = Pick<
  WorkerConfig,
  'leaseMs' | 'outgoingAllow' | 'webhookTimeoutMs' | 'webhookRetrySeconds' | 'webhookDisableAfterSeconds'
>;

export interface DeliverOptions {
  config: DeliverConfig;
  leases: Leases;
  turnstile: Turnstile;
  /** Aborts when no more deliveries are to be begun. */
  stopping: AbortSignal;
}

type DeliverDeps = Pick<Deps, 'db' | 'webhookAgent' | 'metrics' | 'telemetry' | 'log'>;

const GONE = 410;

export function createDeliverWebhook(
  { config, leases, turnstile, stopping }: DeliverOptions,
  deps: DeliverDeps,
): (nudge: Nudge) => Promise<void> {
  const { db } = deps;

  return async ({ id }) => {
    const { leaseMs } = config;
    const delivery = await untilWritten(() => db.sending.claim(id, { leaseMs }), stopping);
    // Somebody else has it, or it has ended: a second nudge for the same delivery is nothing special.
    if (delivery === undefined) return;
    const claimedAt = performance.now();
    const lease = leases.hold(delivery);
    try {
      const admission = await turnstile.enter(receiverOf(delivery), delivery.tenantId);
      if (admission === 'closed') return await db.sending.release([delivery]);
      if ('laterMs' in admission) return await db.sending.release([delivery], admission.laterMs);
      if (lease.signal.aborted) return admission.place.leave();
      const outcome = await sendNow(delivery, claimedAt, config, deps);
      admission.place.leave(outcome.status !== null);
      await writeDown(delivery, outcome, { config, lost: lease.signal }, deps);
    } finally {
      lease.end();
    }
  };
}

/** One with an address of its own shares its places with those of the same tenant and host. */
function receiverOf({ endpointId, tenantId, url }: ClaimedDelivery): string {
  return endpointId ?? `${tenantId} ${originOf(url)}`;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

async function sendNow(
  delivery: ClaimedDelivery,
  claimedAt: number,
  { webhookTimeoutMs: timeoutMs, outgoingAllow: allow }: DeliverConfig,
  { webhookAgent: dispatcher, telemetry, log }: DeliverDeps,
): Promise<Outcome> {
  const { id, url, eventId, eventType, payload, secrets, traceparent } = delivery;
  try {
    const body = bodyOf(payload);
    // By PostgreSQL's clock: receivers refuse times that are minutes off, and so may be this machine's.
    const at = new Date(delivery.claimedAt.getTime() + performance.now() - claimedAt);
    const headers = sign({ id: eventId, body, at }, secrets);
    const about = { 'tintype.delivery': id, 'tintype.event': eventType, 'server.address': originOf(url) };
    return await telemetry.span(
      'send webhook',
      traceparent,
      about,
      async (span) => {
        const outcome = await send({ url, headers, body }, { timeoutMs, dispatcher, allow });
        if (outcome.status !== null) span.set({ 'http.response.status_code': outcome.status });
        if (!isSuccess(outcome)) span.fail(new Error(outcome.error ?? `status ${outcome.status}`));
        return outcome;
      },
      'client',
    );
  } catch (err) {
    // An error of ours is a try like any other: the schedule bounds how often it is repeated.
    log.error({ err, deliveryId: id }, 'a webhook could not be made');
    return { status: null, error: 'INTERNAL', answer: null, retryAfterMs: undefined, durationMs: 0 };
  }
}

async function writeDown(
  { id, attempt, failures, url, eventType, endpointId }: ClaimedDelivery,
  { retryAfterMs: askedMs, ...outcome }: Outcome,
  { config, lost }: { config: DeliverConfig; lost: AbortSignal },
  { db, metrics, log: parentLog }: DeliverDeps,
): Promise<void> {
  const { status, error, durationMs } = outcome;
  const log = parentLog.child({ deliveryId: id, attempt, eventType, endpointId, origin: originOf(url) });
  metrics.webhookAttempt(kindOf(outcome), durationMs);
  if (isSuccess(outcome)) {
    const written = await untilWritten(() => db.sending.succeed({ id, attempt, ...outcome }), lost);
    return log.info({ status, durationMs }, written ? 'delivered' : 'delivered, but the lease was lost');
  }
  const gone = status === GONE;
  const retryAfterMs = gone ? null : nextPauseMs({ failures, askedMs }, config.webhookRetrySeconds);
  const disableAfterMs = config.webhookDisableAfterSeconds * 1000;
  const failed = { id, attempt, ...outcome, retryAfterMs, gone, disableAfterMs };
  const written = await untilWritten(() => db.sending.fail(failed), lost);
  if (retryAfterMs === null && written?.written) metrics.webhookDead();
  if (written?.disabled) metrics.webhookEndpointDisabled();
  log.warn(
    { status, error, durationMs, retryAfterMs, endpointDisabled: written?.disabled },
    retryAfterMs === null ? 'not delivered, given up' : 'not delivered, will be tried again',
  );
}

function isSuccess({ status }: Pick<Outcome, 'status'>): boolean {
  return status !== null && status >= 200 && status < 300;
}

function kindOf(outcome: Pick<Outcome, 'status' | 'error'>): WebhookOutcome {
  const { status, error } = outcome;
  if (isSuccess(outcome)) return 'delivered';
  if (status !== null) return status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';
  if (error === 'URL_NOT_ALLOWED') return 'refused';
  return error?.startsWith('URL_TIMEOUT') ? 'timeout' : 'unreachable';
}
