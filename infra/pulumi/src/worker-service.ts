// The workers: their task, their service, and how many there are.
import type * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Buckets } from './buckets.ts';
import type { Cluster } from './cluster.ts';
import { createFargateService, type FargateSurroundings } from './fargate-service.ts';
import type { Images } from './images.ts';
import type { Roles } from './roles.ts';
import type { Secrets } from './secrets.ts';
import type { SecurityGroups } from './security-groups.ts';
import { connectionSecrets, WORKER_PORT, workerEnvironment } from './service-environment.ts';
import type { Settings } from './settings.ts';
import { createTaskDefinition } from './task-definition.ts';
import { scaleWorker } from './worker-scaling.ts';

export interface WorkerServiceArgs extends FargateSurroundings {
  settings: Settings;
  securityGroups: Pick<SecurityGroups, 'workerId'>;
  cluster: Pick<Cluster, 'arn' | 'name' | 'logGroups' | 'ready'>;
  roles: Pick<Roles, 'executionRoleArn' | 'workerTaskRoleArn' | 'policies'>;
  images: Pick<Images, 'workerRef'>;
  secrets: Pick<Secrets, 'pinned'>;
  buckets: Pick<Buckets, 'imagesName'>;
}

const ROLLOUT_MINUTES = 30;

export class WorkerService extends pulumi.ComponentResource {
  readonly serviceName: pulumi.Output<string>;
  readonly scalableTarget: aws.appautoscaling.Target;

  constructor(name: string, args: WorkerServiceArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:WorkerService', name, {}, options);
    const service = this.createService(args);
    this.serviceName = service.name;
    const { settings, cluster } = args;
    const scaled = { clusterName: cluster.name, serviceName: service.name };
    this.scalableTarget = scaleWorker({ settings, service: scaled }, this);
    this.registerOutputs({ serviceName: this.serviceName });
  }

  private defineTask(args: WorkerServiceArgs): aws.ecs.TaskDefinition {
    const { settings, cluster, roles, images, secrets } = args;
    return createTaskDefinition(
      {
        settings,
        process: 'worker',
        image: images.workerRef,
        ...{ cpu: settings.worker.cpu, memoryMib: settings.worker.memoryMib },
        executionRoleArn: roles.executionRoleArn,
        taskRoleArn: roles.workerTaskRoleArn,
        policies: roles.policies,
        logGroup: cluster.logGroups.worker,
        environment: workerEnvironment(args, this),
        secrets: connectionSecrets(secrets),
        healthCheck: ['CMD', 'node', '/opt/tintype/healthy.mjs', `http://127.0.0.1:${WORKER_PORT}/healthz`],
      },
      { parent: this },
    );
  }

  private createService(args: WorkerServiceArgs): aws.ecs.Service {
    const { settings, securityGroups } = args;
    return createFargateService(
      `${settings.name}-worker`,
      {
        taskDefinition: this.defineTask(args),
        securityGroupId: securityGroups.workerId,
        tasks: settings.worker.minTasks,
        own: {
          capacityProviderStrategies: capacityOf(settings.worker),
          deploymentConfiguration: { strategy: 'ROLLING' },
        },
        needs: [],
        rolloutMinutes: ROLLOUT_MINUTES,
      },
      args,
      this,
    );
  }
}

/** Where AWS wants its interruptible capacity back, one worker of several is left. */
function capacityOf({ spot, minTasks }: Settings['worker']) {
  if (!spot) return [{ capacityProvider: 'FARGATE', weight: 1 }];
  const kept = minTasks > 1 ? [{ capacityProvider: 'FARGATE', base: 1, weight: 0 }] : [];
  return [...kept, { capacityProvider: 'FARGATE_SPOT', weight: 1 }];
}
