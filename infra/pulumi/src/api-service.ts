// The api: its task, its service behind the load balancer, and how many there are.
import type * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { scaleApi } from './api-scaling.ts';
import type { Cluster } from './cluster.ts';
import { createFargateService, type FargateSurroundings } from './fargate-service.ts';
import type { Images } from './images.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Roles } from './roles.ts';
import { planRollout, type Rollout } from './rollout.ts';
import type { Secrets } from './secrets.ts';
import type { SecurityGroups } from './security-groups.ts';
import { API_PORT, type ApiSurroundings, apiEnvironment, connectionSecrets } from './service-environment.ts';
import { createTaskDefinition } from './task-definition.ts';

export interface ApiServiceArgs extends ApiSurroundings, FargateSurroundings {
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
    const { settings, securityGroups, loadBalancer } = args;
    return createFargateService(
      `${settings.name}-api`,
      {
        taskDefinition: this.defineTask(args),
        securityGroupId: securityGroups.apiId,
        tasks: settings.api.minTasks,
        own: {
          capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
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
          alarms: { enable: true, rollback: true, alarmNames: [rollout.alarm.name] },
        },
        needs: [...loadBalancer.listeners, ...rollout.needs],
        rolloutMinutes: ROLLOUT_MINUTES + rollout.minutes,
      },
      args,
      this,
    );
  }
}
