// What is on the dashboard: rows of graphs, from who comes in to what it stands on. Knows no coordinates.
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

export interface Graph {
  title: string;
  /** Of the axis. */
  unit: string;
  /** By the name in the legend. */
  lines: Record<string, Metric>;
}

export interface Row {
  title: string;
  graphs: Graph[];
}

export function dashboardRows(watched: Watched): Row[] {
  return [traffic(watched), jobs(watched), database(watched), cache(watched), tasks(watched)];
}

function traffic(watched: Watched): Row {
  const sum = (name: string) => balancerMetric(watched, name, 'Sum');
  const time = (stat: string) => balancerMetric(watched, 'TargetResponseTime', stat);
  return {
    title: 'Traffic',
    graphs: [
      { title: 'Requests', unit: 'in a minute', lines: { requests: sum('RequestCount') } },
      {
        ...{ title: 'Answers that are errors', unit: 'in a minute' },
        lines: {
          'api 4xx': sum('HTTPCode_Target_4XX_Count'),
          'api 5xx': sum('HTTPCode_Target_5XX_Count'),
          'balancer 5xx': sum('HTTPCode_ELB_5XX_Count'),
        },
      },
      { title: 'Time to answer', unit: 's', lines: { p50: time('p50'), p90: time('p90'), p99: time('p99') } },
      {
        ...{ title: 'Api tasks', unit: 'tasks' },
        lines: {
          ...numbered('healthy', targetMetrics(watched, 'HealthyHostCount', 'Minimum')),
          ...numbered('unhealthy', targetMetrics(watched, 'UnHealthyHostCount', 'Maximum')),
        },
      },
    ],
  };
}

function jobs(watched: Watched): Row {
  return {
    title: 'Jobs and webhooks',
    graphs: [
      {
        ...{ title: 'Waiting', unit: 'jobs' },
        lines: { waiting: tintypeMetric(watched, 'WaitingJobs', 'Average') },
      },
      {
        ...{ title: 'Oldest that waits', unit: 's' },
        lines: { oldest: tintypeMetric(watched, 'OldestJobSeconds', 'Maximum') },
      },
      {
        ...{ title: 'Done', unit: 'in a minute' },
        lines: {
          completed: tintypeMetric(watched, 'CompletedJobs', 'Sum'),
          failed: tintypeMetric(watched, 'FailedJobs', 'Sum'),
        },
      },
      {
        ...{ title: 'Webhooks', unit: 'in a minute' },
        lines: {
          attempts: tintypeMetric(watched, 'WebhookAttempts', 'Sum'),
          failures: tintypeMetric(watched, 'WebhookFailures', 'Sum'),
          dead: tintypeMetric(watched, 'DeadDeliveries', 'Maximum'),
        },
      },
    ],
  };
}

function database(watched: Watched): Row {
  const graph = (title: string, unit: string, stat: string, ...names: string[]): Graph => ({
    ...{ title, unit },
    lines: Object.fromEntries(names.map((name) => [name, databaseMetric(watched, name, stat)])),
  });
  return {
    title: 'PostgreSQL',
    graphs: [
      graph('Processors', '%', 'Average', 'CPUUtilization'),
      graph('Connections', 'connections', 'Maximum', 'DatabaseConnections'),
      graph('Free', 'bytes', 'Minimum', 'FreeStorageSpace', 'FreeableMemory'),
      graph('Reads and writes', 'in a second', 'Average', 'ReadIOPS', 'WriteIOPS'),
    ],
  };
}

function cache(watched: Watched): Row {
  const graph = (title: string, unit: string, stat: string, metric: string): Graph => ({
    ...{ title, unit, lines: numbered('node', cacheMetrics(watched, metric, stat)) },
  });
  return {
    title: 'Valkey',
    graphs: [
      graph('Memory', '%', 'Maximum', 'DatabaseMemoryUsagePercentage'),
      graph('Processor', '%', 'Average', 'EngineCPUUtilization'),
      graph('Connections', 'connections', 'Maximum', 'CurrConnections'),
      graph('Evictions', 'in a minute', 'Sum', 'Evictions'),
    ],
  };
}

function tasks(watched: Watched): Row {
  const graph = (
    title: string,
    unit: string,
    lineOf: (service: (typeof SERVICES)[number]) => Metric,
  ): Graph => ({
    ...{ title, unit, lines: Object.fromEntries(SERVICES.map((service) => [service, lineOf(service)])) },
  });
  const always = [
    graph('Processors', '%', (service) => serviceMetric(watched, service, 'CPUUtilization', 'Average')),
    graph('Memory', '%', (service) => serviceMetric(watched, service, 'MemoryUtilization', 'Maximum')),
  ];
  if (!hasInsights(watched)) return { title: 'Tasks', graphs: always };
  return {
    title: 'Tasks',
    graphs: [
      ...always,
      graph('Running', 'tasks', (service) => insightsMetric(watched, service, 'RunningTaskCount', 'Average')),
      graph('Wanted', 'tasks', (service) => insightsMetric(watched, service, 'DesiredTaskCount', 'Average')),
    ],
  };
}

/** A single one needs no number. */
function numbered(name: string, metrics: Metric[]): Record<string, Metric> {
  if (metrics.length === 1 && metrics[0] !== undefined) return { [name]: metrics[0] };
  return Object.fromEntries(metrics.map((metric, nth) => [`${name} ${nth + 1}`, metric]));
}
