// What of the stack is watched, and what CloudWatch calls each measure of it. Knows no threshold.
import type * as pulumi from '@pulumi/pulumi';
import type { ApiService } from './api-service.ts';
import type { Cache } from './cache.ts';
import type { Cluster } from './cluster.ts';
import type { Database } from './database.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Settings } from './settings.ts';
import { type WorkerMetric, workerMetric } from './worker-metrics.ts';
import type { WorkerService } from './worker-service.ts';

export interface Watched {
  settings: Settings;
  loadBalancer: Pick<LoadBalancer, 'arnSuffix' | 'targetGroupArnSuffix' | 'alternateTargetGroupArnSuffix'>;
  cluster: Pick<Cluster, 'name' | 'arn'>;
  api: Pick<ApiService, 'serviceName'>;
  worker: Pick<WorkerService, 'serviceName'>;
  database: Pick<Database, 'identifier'>;
  cache: Pick<Cache, 'memberClusters'>;
  key: Pick<EncryptionKey, 'arn'>;
}

/** A measure and what is taken of it in each period: Sum, Average, Maximum, Minimum, SampleCount, p99. */
export interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, pulumi.Input<string>>;
  stat: string;
}

/** Written by each worker as lines of its log. */
export function tintypeMetric({ settings }: Watched, name: WorkerMetric, stat: string): Metric {
  const { metricName, ...metric } = workerMetric(name, settings.name);
  return { ...metric, name: metricName, stat };
}

/** Of the load balancer as a whole: both versions while one takes over from the other. */
export function balancerMetric({ loadBalancer }: Watched, name: string, stat: string): Metric {
  return {
    namespace: 'AWS/ApplicationELB',
    name,
    dimensions: { LoadBalancer: loadBalancer.arnSuffix },
    stat,
  };
}

/** One for each target group: two where versions take over at once. */
export function targetMetrics({ loadBalancer }: Watched, name: string, stat: string): Metric[] {
  const { arnSuffix, targetGroupArnSuffix, alternateTargetGroupArnSuffix } = loadBalancer;
  const alternate = alternateTargetGroupArnSuffix === undefined ? [] : [alternateTargetGroupArnSuffix];
  return [targetGroupArnSuffix, ...alternate].map((group) => ({
    ...{ namespace: 'AWS/ApplicationELB', name, stat },
    dimensions: { LoadBalancer: arnSuffix, TargetGroup: group },
  }));
}

export const SERVICES = ['api', 'worker'] as const;
export type Service = (typeof SERVICES)[number];

export function serviceMetric(watched: Watched, service: Service, name: string, stat: string): Metric {
  const dimensions = { ClusterName: watched.cluster.name, ServiceName: watched[service].serviceName };
  return { namespace: 'AWS/ECS', name, dimensions, stat };
}

/** Of Container Insights: there with the profile `prod` alone. */
export function insightsMetric(watched: Watched, service: Service, name: string, stat: string): Metric {
  return { ...serviceMetric(watched, service, name, stat), namespace: 'ECS/ContainerInsights' };
}

export function hasInsights({ settings }: Watched): boolean {
  return settings.profile === 'prod';
}

export function databaseMetric({ database }: Watched, name: string, stat: string): Metric {
  return { namespace: 'AWS/RDS', name, dimensions: { DBInstanceIdentifier: database.identifier }, stat };
}

/** One for each node: the primary and its replicas. */
export function cacheMetrics({ settings, cache }: Watched, name: string, stat: string): Metric[] {
  return Array.from({ length: settings.cache.replicas + 1 }, (_, node) => ({
    ...{ namespace: 'AWS/ElastiCache', name, stat },
    dimensions: { CacheClusterId: cache.memberClusters.apply((nodes) => nodes[node] ?? '') },
  }));
}
