// What the workers tell CloudWatch by lines of their log: names, how often, and under which dimension. Knows no alarm.

export const METRICS_NAMESPACE = 'Tintype';

/** Every worker tells all of them so often; CloudWatch adds up a minute. */
export const METRICS_SECONDS = 30;

export const METRICS_PERIOD_SECONDS = 60;

export type WorkerMetric =
  | 'WaitingJobs'
  | 'OldestJobSeconds'
  | 'DeadDeliveries'
  | 'CompletedJobs'
  | 'FailedJobs'
  | 'WebhookAttempts'
  | 'WebhookFailures';

/** @param stack name of the stack, by which two in one account are told apart */
export function workerMetric(metricName: WorkerMetric, stack: string) {
  return { namespace: METRICS_NAMESPACE, metricName, dimensions: { Stack: stack } };
}
