// The api: its task, its service behind the load balancer, and how many there are.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { scaleApi } from './api-scaling.ts';
import type { Cluster } from './cluster.ts';
import type { Images } from './images.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Migration } from './migration.ts';
import type { Network } from './network.ts';
import type { Roles } from './roles.ts';
import { planRollout, type Rollout } from './rollout.ts';
import type { Secrets } from './secrets.ts';
import type { SecurityGroups } from './security-groups.ts';
import { API_PORT, type ApiSurroundings, apiEnvironment, connectionSecrets } from './service-environment.ts';
import { createTaskDefinition } from './task-definition.ts';

export interface ApiServiceArgs extends ApiSurroundings {
  network: Pick<Network, 'taskSubnetIds' | 'tasksHavePublicAddresses'>;
  securityGroups: Pick<SecurityGroups, 'apiId'>;
  cluster: Pick<Cluster, 'arn' | 'name' | 'logGroups' | 'ready'>;
  roles: Pick<Roles, 'executionRoleArn' | 'apiTaskRoleArn' | 'policies'>;
  images: Pick<Images, 'apiRef'>;
  secrets: Pick<Secrets, 'pinned'>;
  loadBalancer: ApiSurroundings['loadBalancer'] &
    Pick<
      LoadBalancer,
      | 'arnSuffix'
      | 'listeners'
      | 'targetGroupArn'
      | 'targetGroupArnSuffix'
      | 'alternateTargetGroupArn'
      | 'alternateTargetGroupArnSuffix'
      | 'productionRuleArn'
    >;
  migration: Pick<Migration, 'done'>;
}

/** A task that is started is not asked how it is for so long, in seconds. */
const GRACE_SECONDS = 60;
const ROLLOUT_MINUTES = 30;

export class ApiService extends pulumi.ComponentResource {
  readonly serviceName: pulumi.Output<string>;
  readonly scalableTarget: aws.appautoscaling.Target;

  constructor(name: string, args: ApiServiceArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:ApiService', name, {}, options);
    const service = this.createService(args, planRollout(args, this));
    this.serviceName = service.name;
    const { settings, cluster, loadBalancer } = args;
    const scaled = { clusterName: cluster.name, serviceName: service.name };
    this.scalableTarget = scaleApi({ settings, loadBalancer, service: scaled }, this);
    this.registerOutputs({ serviceName: this.serviceName });
  }

  private defineTask(args: ApiServiceArgs): aws.ecs.TaskDefinition {
    const { settings, cluster, roles, images, secrets, cdn } = args;
    const { cdnPrivateKey } = secrets.pinned;
    return createTaskDefinition(
      {
        settings,
        process: 'api',
        image: images.apiRef,
        ...{ cpu: settings.api.cpu, memoryMib: settings.api.memoryMib },
        executionRoleArn: roles.executionRoleArn,
        taskRoleArn: roles.apiTaskRoleArn,
        policies: roles.policies,
        logGroup: cluster.logGroups.api,
        environment: apiEnvironment(args, this),
        secrets: {
          ...connectionSecrets(secrets),
          ...(cdn?.publicKeyId === undefined || cdnPrivateKey === undefined
            ? {}
            : { CDN_PRIVATE_KEY: cdnPrivateKey }),
        },
        port: API_PORT,
        // Whether it lives: not /readyz, by which a database that is away for a while would end every task. The balancer asks that.
        healthCheck: ['CMD', 'node', '/opt/tintype/healthy.mjs', `http://127.0.0.1:${API_PORT}/healthz`],
      },
      { parent: this },
    );
  }

  private createService(args: ApiServiceArgs, rollout: Rollout): aws.ecs.Service {
    const { settings, network, securityGroups, cluster, loadBalancer, migration } = args;
    const minutes = `${ROLLOUT_MINUTES + rollout.minutes}m`;
    return new aws.ecs.Service(
      `${settings.name}-api`,
      {
        cluster: cluster.arn,
        taskDefinition: this.defineTask(args).arn,
        desiredCount: settings.api.minTasks,
        capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
        networkConfiguration: {
          subnets: network.taskSubnetIds,
          securityGroups: [securityGroups.apiId],
          assignPublicIp: network.tasksHavePublicAddresses,
        },
        loadBalancers: [
          {
            containerName: 'api',
            containerPort: API_PORT,
            targetGroupArn: loadBalancer.targetGroupArn,
            ...rollout.advanced,
          },
        ],
        healthCheckGracePeriodSeconds: GRACE_SECONDS,
        deploymentConfiguration: rollout.configuration,
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { enable: true, rollback: true, alarmNames: [rollout.alarm.name] },
        availabilityZoneRebalancing: 'ENABLED',
        enableEcsManagedTags: true,
        propagateTags: 'SERVICE',
        // Without it another capacity provider would be another service.
        forceNewDeployment: true,
        // What does not come up fails the update, not the day after.
        waitForSteadyState: true,
      },
      {
        parent: this,
        // Autoscaling moves it.
        ignoreChanges: ['desiredCount'],
        dependsOn: [...loadBalancer.listeners, ...cluster.ready, ...rollout.needs, migration.done],
        customTimeouts: { create: minutes, update: minutes, delete: '30m' },
      },
    );
  }
}
