// When somebody is to be woken: each alarm with its measures, its threshold and what silence means. Knows no resource.
import { maxConnections, memoryBytes } from './database-limits.ts';
import {
  balancerMetric,
  cacheMetrics,
  databaseMetric,
  hasInsights,
  insightsMetric,
  type Metric,
  SERVICES,
  serviceMetric,
  targetMetrics,
  tintypeMetric,
  type Watched,
} from './watched.ts';
import type { WorkerMetric } from './worker-metrics.ts';

export interface AlarmRow {
  /** Of letters, digits and dashes. */
  name: string;
  /** What has happened and what it means, for who reads the mail. */
  says: string;
  /** By the names that `expression` calls them. */
  metrics: Record<string, Metric>;
  /** Needed for more than one metric. */
  expression?: string;
  /** Rings above it, or below it where it says so. */
  threshold: number;
  below?: true;
  periodSeconds: number;
  /** Rings when so many of the last `of` periods are beyond the threshold. */
  periods: number;
  of: number;
  /**
   * What no data means. notBreaching: nothing happened, all is well; breaching: it should have been told, so it is ill; ignore: as it was.
   */
  silence: 'notBreaching' | 'breaching' | 'ignore';
}

const MINUTE = 60;
const FIVE_MINUTES = 300;

/** Three of the last three periods of five minutes: what goes by itself wakes nobody. */
const LASTING = { periodSeconds: FIVE_MINUTES, periods: 3, of: 3 };
const AT_ONCE = { periodSeconds: FIVE_MINUTES, periods: 1, of: 1 };

export function alarmTable(watched: Watched): AlarmRow[] {
  return [
    ...ofTraffic(watched),
    ...ofJobs(watched),
    ...ofDatabase(watched),
    ...ofCache(watched),
    ...ofTasks(watched),
  ];
}

function ofTraffic(watched: Watched): AlarmRow[] {
  const requests = balancerMetric(watched, 'RequestCount', 'Sum');
  const healthy = targetMetrics(watched, 'HealthyHostCount', 'Minimum');
  return [
    {
      ...{ name: 'balancer-5xx', threshold: 10, silence: 'notBreaching', ...AT_ONCE },
      says: 'The load balancer itself answered more than 10 requests in 5 minutes by 5xx: no api task was there, or none answered.',
      metrics: { errors: balancerMetric(watched, 'HTTPCode_ELB_5XX_Count', 'Sum') },
    },
    {
      ...{
        name: 'api-5xx',
        threshold: 1,
        silence: 'notBreaching',
        periodSeconds: FIVE_MINUTES,
        periods: 2,
        of: 3,
      },
      says: 'The api answered more than 1 % of requests by 5xx. Fewer than 5 in 5 minutes do not count.',
      metrics: { errors: balancerMetric(watched, 'HTTPCode_Target_5XX_Count', 'Sum'), requests },
      expression: 'IF(errors >= 5, 100 * errors / requests, 0)',
    },
    {
      ...{ name: 'api-p99', threshold: 10, silence: 'notBreaching', ...LASTING },
      says: 'One of 100 answers takes more than 10 s. Requests that wait for their job count too: look at the queue first.',
      metrics: { slow: balancerMetric(watched, 'TargetResponseTime', 'p99'), requests },
      // One slow upload among a handful of requests is the client's network.
      expression: 'IF(requests >= 100, slow, 0)',
    },
    ...targetMetrics(watched, 'UnHealthyHostCount', 'Maximum').map(
      (unhealthy, group): AlarmRow => ({
        ...{ name: numbered('api-unhealthy', group), threshold: 0, silence: 'notBreaching' },
        ...{ periodSeconds: MINUTE, periods: 5, of: 5 },
        says: 'An api task has failed its health check for 5 minutes: it does not reach PostgreSQL, or hangs.',
        metrics: { unhealthy },
      }),
    ),
    {
      ...{ name: 'api-none-healthy', threshold: 1, below: true, periodSeconds: MINUTE, periods: 3, of: 3 },
      says: 'No api task is healthy: the service is away.',
      metrics: byName('healthy', healthy),
      expression: healthy.map((_, group) => `FILL(healthy${group}, 0)`).join(' + '),
      silence: 'breaching',
    },
  ];
}

function ofJobs(watched: Watched): AlarmRow[] {
  const metric = (name: WorkerMetric, stat: string) => tintypeMetric(watched, name, stat);
  return [
    {
      ...{ name: 'oldest-job', threshold: watched.settings.worker.latencySeconds * 10, silence: 'ignore' },
      ...{ periodSeconds: MINUTE, periods: 5, of: 5 },
      says: 'A job has been waiting ten times as long as one may: more workers did not come, or do not help.',
      metrics: { oldest: metric('OldestJobSeconds', 'Maximum') },
    },
    {
      ...{ name: 'no-worker', threshold: 1, below: true, silence: 'breaching' },
      ...{ periodSeconds: MINUTE, periods: 5, of: 5 },
      says: 'No worker has told of itself for 5 minutes: jobs are taken in, and none is done.',
      metrics: { told: metric('WaitingJobs', 'SampleCount') },
    },
    {
      ...{ name: 'failed-jobs', threshold: 10, silence: 'notBreaching', ...LASTING },
      says: 'More than 10 % of jobs failed for 15 minutes. Fewer than 20 jobs in 5 minutes do not count.',
      metrics: { failed: metric('FailedJobs', 'Sum'), completed: metric('CompletedJobs', 'Sum') },
      expression: 'IF(failed + completed >= 20, 100 * failed / (failed + completed), 0)',
    },
    {
      ...{ name: 'dead-deliveries', threshold: 0, silence: 'ignore', ...AT_ONCE },
      says: 'A webhook was given up after all its attempts. It can be sent again once the receiver answers.',
      metrics: { dead: metric('DeadDeliveries', 'Maximum') },
    },
    {
      ...{ name: 'webhook-failures', threshold: 20, silence: 'notBreaching', ...LASTING },
      says: 'More than 20 % of attempts to send webhooks failed for 15 minutes. Fewer than 20 in 5 minutes do not count.',
      metrics: { failed: metric('WebhookFailures', 'Sum'), attempts: metric('WebhookAttempts', 'Sum') },
      expression: 'IF(attempts >= 20, 100 * failed / attempts, 0)',
    },
  ];
}

function ofDatabase(watched: Watched): AlarmRow[] {
  const { instanceClass, storageGib } = watched.settings.database;
  const connections = Math.floor(maxConnections(instanceClass) * 0.6);
  // RDS tells of a living instance every minute: silence is not its way of being well, but a restart has some of it.
  const row = { silence: 'ignore', ...LASTING } as const;
  return [
    {
      ...{ name: 'database-cpu', threshold: 80, ...row },
      says: 'PostgreSQL has used more than 80 % of its processors for 15 minutes.',
      metrics: { cpu: databaseMetric(watched, 'CPUUtilization', 'Average') },
    },
    {
      ...{ name: 'database-storage', threshold: (storageGib * 2 ** 30) / 10, below: true, ...row },
      says: 'Less than a tenth of the storage that PostgreSQL began with is free, and it has not grown by itself.',
      metrics: { free: databaseMetric(watched, 'FreeStorageSpace', 'Minimum') },
    },
    {
      ...{ name: 'database-connections', threshold: connections, ...row },
      says: `More than ${connections} connections to PostgreSQL: 60 % of what a ${instanceClass} takes.`,
      metrics: { connections: databaseMetric(watched, 'DatabaseConnections', 'Maximum') },
    },
    {
      ...{ name: 'database-memory', threshold: memoryBytes(instanceClass) / 20, below: true, ...row },
      says: `Less than 5 % of the memory of PostgreSQL's ${instanceClass} is free: it will swap.`,
      metrics: { free: databaseMetric(watched, 'FreeableMemory', 'Minimum') },
    },
  ];
}

function ofCache(watched: Watched): AlarmRow[] {
  const each = (metric: string, stat: string, row: Omit<AlarmRow, 'metrics'>) =>
    cacheMetrics(watched, metric, stat).map(
      (value, node): AlarmRow => ({ ...row, name: numbered(row.name, node), metrics: { value } }),
    );
  return [
    ...each('DatabaseMemoryUsagePercentage', 'Maximum', {
      ...{ name: 'cache-memory', threshold: 70, silence: 'ignore', ...AT_ONCE },
      says: 'Valkey has used more than 70 % of its memory. Full, it refuses new entries; PostgreSQL still has every job.',
    }),
    ...each('Evictions', 'Sum', {
      ...{ name: 'cache-evictions', threshold: 0, silence: 'notBreaching', ...AT_ONCE },
      says: 'Valkey threw entries away, which its policy noeviction forbids: somebody has changed it.',
    }),
    ...each('EngineCPUUtilization', 'Average', {
      ...{ name: 'cache-cpu', threshold: 80, silence: 'ignore', ...LASTING },
      says: 'Valkey, which works on one core, has used more than 80 % of it for 15 minutes.',
    }),
  ];
}

function ofTasks(watched: Watched): AlarmRow[] {
  const memory = SERVICES.map(
    (service): AlarmRow => ({
      ...{ name: `${service}-memory`, threshold: 90, silence: 'notBreaching', ...LASTING },
      says: `Tasks of the ${service} have used more than 90 % of their memory for 15 minutes: soon they are ended.`,
      metrics: { memory: serviceMetric(watched, service, 'MemoryUtilization', 'Maximum') },
    }),
  );
  if (!hasInsights(watched)) return memory;
  const missing = SERVICES.map(
    (service): AlarmRow => ({
      ...{ name: `${service}-tasks-missing`, threshold: 0, silence: 'notBreaching', ...LASTING },
      says: `Fewer tasks of the ${service} have been running for 15 minutes than there should be: they end, or none can be had.`,
      metrics: {
        desired: insightsMetric(watched, service, 'DesiredTaskCount', 'Average'),
        running: insightsMetric(watched, service, 'RunningTaskCount', 'Average'),
      },
      expression: 'desired - running',
    }),
  );
  return [...memory, ...missing];
}

function byName(name: string, metrics: Metric[]): Record<string, Metric> {
  return Object.fromEntries(metrics.map((metric, nth) => [`${name}${nth}`, metric]));
}

/** The first of its kind needs no number. */
function numbered(name: string, nth: number): string {
  return nth === 0 ? name : `${name}-${nth + 1}`;
}
