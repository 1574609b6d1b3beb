// What a worker counts and times for Prometheus. Labels are codes, steps and kinds out of short lists: never a caller's text.
import type { ErrorCode } from '@tintype/core';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** queued: from being due to the claim; fetch: reading or downloading the original; inspect: decoding; derive: making what the upload asked for; persist: writing the facts. */
export type JobStep = 'queued' | 'fetch' | 'inspect' | 'derive' | 'persist';

/** queued: from being due to the claim; fetch: reading the source; render: in a child process; store: writing the object. */
export type DerivativeStep = 'queued' | 'fetch' | 'render' | 'store';

/** What became of one try to send a webhook. 3xx, 4xx, 5xx: the class of the answer's status. */
export const WEBHOOK_OUTCOMES = [
  'delivered',
  '3xx',
  '4xx',
  '5xx',
  'timeout',
  'unreachable',
  'refused',
] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/**
 * lease: a job whose worker was gone. forgotten: a job the queue did not know of. delivery-lease, delivery: the same two of webhook
 * deliveries; derivative-lease, derivative: of derivatives.
 */
export const REPAIRS = [
  'lease',
  'forgotten',
  'delivery-lease',
  'delivery',
  'derivative-lease',
  'derivative',
] as const;
export type Repair = (typeof REPAIRS)[number];

/** What was counted since the process began, all labels together. */
export interface Totals {
  completed: number;
  failed: number;
  webhookAttempts: number;
  /** Those of them after which the webhook was not delivered. */
  webhookFailures: number;
}

export interface WorkerMetrics {
  /** A job is done: its facts are written. */
  completed(): void;
  /** A job ended as failed. */
  failed(code: ErrorCode): void;
  /** An attempt failed and its job is queued again. */
  retried(code: ErrorCode): void;
  step(step: JobStep, durationMs: number): void;
  /** One try to send a webhook. `refused`: our own rules for outgoing requests said no. */
  webhookAttempt(outcome: WebhookOutcome, durationMs: number): void;
  /** A delivery is dead: its schedule is used up, or its endpoint is gone. */
  webhookDead(): void;
  /** An endpoint was disabled by itself. */
  webhookEndpointDisabled(): void;
  /** A derivative is ready. */
  derivativeMade(): void;
  /** An attempt to make one failed: for good, or to be tried again. */
  derivativeFailed(code: ErrorCode, again: boolean): void;
  derivativeStep(step: DerivativeStep, durationMs: number): void;
  repaired(kind: Repair, count: number): void;
  /** `kind` names a table or `objects`: one of few words. */
  swept(kind: string, count: number): void;
  /** Told by the process about itself: read at each scrape. */
  watch(
    name: 'jobs_running' | 'deliveries_running' | 'renders_running' | 'decoders' | 'renderers',
    read: () => number,
  ): void;
  totals(): Promise<Totals>;
  expose(): Promise<{ contentType: string; text: string }>;
}

const STEP_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];
const ANSWER_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

const WATCHED = {
  jobs_running: 'Jobs this worker has claimed and not finished.',
  deliveries_running: 'Webhook deliveries this worker is sending.',
  renders_running: 'Derivatives this worker is making.',
  decoders: 'Decoder processes that run.',
  renderers: 'Processes that run to render derivatives.',
} as const;

export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const completed = new Counter({
    name: 'tintype_jobs_completed_total',
    help: 'Jobs whose image was described.',
    registers,
  });
  const failed = new Counter({
    name: 'tintype_jobs_failed_total',
    help: 'Jobs that failed for good, by the code of their last error.',
    labelNames: ['code'],
    registers,
  });
  const retried = new Counter({
    name: 'tintype_jobs_retried_total',
    help: 'Attempts that failed and were queued again, by the code of their error.',
    labelNames: ['code'],
    registers,
  });
  const steps = new Histogram({
    name: 'tintype_job_step_duration_seconds',
    help: 'Time of each step of a job: queued, fetch, inspect, derive, persist.',
    labelNames: ['step'],
    buckets: STEP_SECONDS,
    registers,
  });
  const attempts = new Histogram({
    name: 'tintype_webhook_attempt_duration_seconds',
    help: 'Time of each try to send a webhook, by outcome; its _count is the number of tries.',
    labelNames: ['outcome'],
    buckets: ANSWER_SECONDS,
    registers,
  });
  const dead = new Counter({
    name: 'tintype_webhook_deliveries_dead_total',
    help: 'Webhook deliveries that were given up.',
    registers,
  });
  const disabled = new Counter({
    name: 'tintype_webhook_endpoints_disabled_total',
    help: 'Webhook endpoints that were disabled because they only failed, or are gone.',
    registers,
  });
  const derivativesMade = new Counter({
    name: 'tintype_derivatives_made_total',
    help: 'Derivatives that were made.',
    registers,
  });
  const derivativesFailed = new Counter({
    name: 'tintype_derivatives_failed_total',
    help: 'Attempts to make a derivative that failed, by the code of their error; again: it is tried again.',
    labelNames: ['code', 'again'],
    registers,
  });
  const derivativeSteps = new Histogram({
    name: 'tintype_derivative_step_duration_seconds',
    help: 'Time of each step of a derivative: queued, fetch, render, store.',
    labelNames: ['step'],
    buckets: STEP_SECONDS,
    registers,
  });
  const repairs = new Counter({
    name: 'tintype_reconciler_repairs_total',
    help: 'What the reconciler brought back: lease and forgotten (jobs), delivery-lease and delivery (webhooks), derivative-lease and derivative.',
    labelNames: ['kind'],
    registers,
  });
  const swept = new Counter({
    name: 'tintype_swept_total',
    help: 'Rows and objects removed because nobody wants them any more, by kind.',
    labelNames: ['kind'],
    registers,
  });
  // What has not happened yet is 0, not absent: an alarm needs the first step too.
  for (const kind of REPAIRS) repairs.inc({ kind }, 0);
  for (const outcome of WEBHOOK_OUTCOMES) attempts.zero({ outcome });

  return {
    completed: () => completed.inc(),
    failed: (code) => failed.inc({ code }),
    retried: (code) => retried.inc({ code }),
    step: (step, durationMs) => steps.observe({ step }, durationMs / 1000),
    webhookAttempt: (outcome, durationMs) => attempts.observe({ outcome }, durationMs / 1000),
    webhookDead: () => dead.inc(),
    webhookEndpointDisabled: () => disabled.inc(),
    derivativeMade: () => derivativesMade.inc(),
    derivativeFailed: (code, again) => derivativesFailed.inc({ code, again: String(again) }),
    derivativeStep: (step, durationMs) => derivativeSteps.observe({ step }, durationMs / 1000),
    repaired: (kind, count) => repairs.inc({ kind }, count),
    swept: (kind, count) => swept.inc({ kind }, count),
    watch: (name, read) => {
      // Once more for the same name: the later one is the one that runs.
      registry.removeSingleMetric(`tintype_worker_${name}`);
      new Gauge({
        name: `tintype_worker_${name}`,
        help: WATCHED[name],
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    totals: async () => {
      const tries = (await attempts.get()).values.filter(({ metricName }) => metricName?.endsWith('_count'));
      return {
        completed: sum((await completed.get()).values),
        failed: sum((await failed.get()).values),
        webhookAttempts: sum(tries),
        webhookFailures: sum(tries.filter(({ labels }) => labels.outcome !== 'delivered')),
      };
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function sum(values: { value: number }[]): number {
  return values.reduce((total, { value }) => total + value, 0);
}
