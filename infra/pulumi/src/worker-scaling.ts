// How many worker tasks there are: by the jobs that wait for each, and by how long the oldest waits. Knows no task.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { type Scaled, type ScaledService, scale } from './scaling.ts';
import type { Settings } from './settings.ts';
import { METRICS_PERIOD_SECONDS, METRICS_SECONDS, workerMetric } from './worker-metrics.ts';

/** In slowly: what is scaled in too early is started again a minute later, and pulls an image of its own. */
const COOLDOWN = { scaleOutCooldown: 60, scaleInCooldown: 300 };

export interface WorkerScaling {
  settings: Pick<Settings, 'name' | 'worker'>;
  service: ScaledService;
}

export function scaleWorker({ settings, service }: WorkerScaling, parent: pulumi.Resource) {
  const { minTasks, maxTasks, latencySeconds } = settings.worker;
  const scaled = scale(`${settings.name}-worker`, { service, minTasks, maxTasks }, parent);
  followBacklog(settings, scaled, parent);
  hurry(settings.name, latencySeconds, scaled, parent);
  return scaled.target;
}

/**
 * Waiting jobs of each task, kept at what one task does within the latency that is wanted. Every worker tells all waiting jobs, so often a minute:
 * how many told it is how many run.
 */
function followBacklog(
  { name, worker }: WorkerScaling['settings'],
  { where }: Scaled,
  parent: pulumi.Resource,
) {
  const { namespace, metricName, dimensions } = workerMetric('WaitingJobs', name);
  const metric = {
    ...{ namespace, metricName },
    dimensions: Object.entries(dimensions).map(([key, value]) => ({ name: key, value })),
  };
  const linesPerTask = METRICS_PERIOD_SECONDS / METRICS_SECONDS;
  new aws.appautoscaling.Policy(
    `${name}-worker-backlog`,
    {
      ...where,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        ...COOLDOWN,
        targetValue: worker.latencySeconds / worker.meanJobSeconds,
        customizedMetricSpecification: {
          metrics: [
            { id: 'waiting', metricStat: { metric, stat: 'Average' }, returnData: false },
            { id: 'lines', metricStat: { metric, stat: 'SampleCount' }, returnData: false },
            {
              id: 'backlog',
              expression: `waiting * ${linesPerTask} / lines`,
              label: 'Waiting jobs of one worker task',
              returnData: true,
            },
          ],
        },
      },
    },
    { parent },
  );
}

/** A job that waits longer than it may calls for more workers within a minute; target tracking takes three. */
function hurry(name: string, latencySeconds: number, { where }: Scaled, parent: pulumi.Resource) {
  const policy = new aws.appautoscaling.Policy(
    `${name}-worker-hurry`,
    {
      ...where,
      policyType: 'StepScaling',
      stepScalingPolicyConfiguration: {
        adjustmentType: 'PercentChangeInCapacity',
        minAdjustmentMagnitude: 1,
        metricAggregationType: 'Maximum',
        cooldown: 60,
        stepAdjustments: [
          {
            metricIntervalLowerBound: '0',
            metricIntervalUpperBound: String(latencySeconds * 3),
            scalingAdjustment: 25,
          },
          { metricIntervalLowerBound: String(latencySeconds * 3), scalingAdjustment: 100 },
        ],
      },
    },
    { parent },
  );
  new aws.cloudwatch.MetricAlarm(
    `${name}-worker-hurry`,
    {
      alarmDescription: `A job waits longer than ${latencySeconds} s: more workers are started. Nobody needs to do anything.`,
      ...workerMetric('OldestJobSeconds', name),
      statistic: 'Maximum',
      period: METRICS_PERIOD_SECONDS,
      evaluationPeriods: 1,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: latencySeconds,
      treatMissingData: 'notBreaching',
      alarmActions: [policy.arn],
    },
    { parent },
  );
}
