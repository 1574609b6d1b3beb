// Where tasks run, and where their lines go. Knows no task.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EncryptionKey } from './encryption-key.ts';
import type { Settings } from './settings.ts';

export interface ClusterArgs {
  settings: Pick<Settings, 'name' | 'profile' | 'logs'>;
  key: Pick<EncryptionKey, 'arn'>;
}

export const PROCESSES = ['api', 'worker', 'migrate'] as const;
export type Process = (typeof PROCESSES)[number];

export interface LogGroup {
  name: pulumi.Output<string>;
  arn: pulumi.Output<string>;
}

export class Cluster extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly logGroups: Record<Process, LogGroup>;
  /** What must be there before a task is started. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, { settings, key }: ClusterArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Cluster', name, {}, options);
    const mine = { parent: this };
    const isProd = settings.profile === 'prod';

    const logGroup = (suffix: string, more: aws.cloudwatch.LogGroupArgs = {}) =>
      new aws.cloudwatch.LogGroup(
        `${settings.name}-${suffix}`,
        {
          retentionInDays: settings.logs.retentionDays,
          ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }),
          ...more,
        },
        mine,
      );
    this.logGroups = { api: logGroup('api'), worker: logGroup('worker'), migrate: logGroup('migrate') };

    const cluster = new aws.ecs.Cluster(
      `${settings.name}-cluster`,
      { settings: [{ name: 'containerInsights', value: isProd ? 'enhanced' : 'disabled' }] },
      mine,
    );
    this.arn = cluster.arn;
    this.name = cluster.name;
    const capacityProviders = new aws.ecs.ClusterCapacityProviders(
      `${settings.name}-capacity`,
      { clusterName: cluster.name, capacityProviders: ['FARGATE', 'FARGATE_SPOT'] },
      mine,
    );
    // Container Insights would make this group itself, to be kept for ever and to outlive the stack.
    const insights = isProd
      ? [
          logGroup('insights', {
            name: pulumi.interpolate`/aws/ecs/containerinsights/${cluster.name}/performance`,
          }),
        ]
      : [];
    this.ready = [capacityProviders, ...insights];
    this.registerOutputs({ name: this.name });
  }
}
