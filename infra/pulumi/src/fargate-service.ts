// A service of Fargate as both of Tintype's are: it follows the migration, new tasks run beside the old ones, what does not come up is taken back, and
// autoscaling says how many there are. Knows no task.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { Cluster } from './cluster.ts';
import type { Migration } from './migration.ts';
import type { Network } from './network.ts';

export interface FargateSurroundings {
  network: Pick<Network, 'taskSubnetIds' | 'tasksHavePublicAddresses'>;
  cluster: Pick<Cluster, 'arn' | 'ready'>;
  migration: Pick<Migration, 'done'>;
}

export interface FargateService {
  taskDefinition: aws.ecs.TaskDefinition;
  securityGroupId: pulumi.Output<string>;
  /** To begin with. */
  tasks: number;
  /** What one service says and the other does not, or otherwise. */
  own: Pick<aws.ecs.ServiceArgs, 'capacityProviderStrategies' | 'deploymentConfiguration'> &
    Partial<aws.ecs.ServiceArgs>;
  /** What must be there first, beside the migration. */
  needs: pulumi.Resource[];
  /** Longest time until all tasks are new. */
  rolloutMinutes: number;
}

export function createFargateService(
  name: string,
  { taskDefinition, securityGroupId, tasks, own, needs, rolloutMinutes }: FargateService,
  { network, cluster, migration }: FargateSurroundings,
  parent: pulumi.Resource,
): aws.ecs.Service {
  const rollout = `${rolloutMinutes}m`;
  return new aws.ecs.Service(
    name,
    {
      cluster: cluster.arn,
      taskDefinition: taskDefinition.arn,
      desiredCount: tasks,
      networkConfiguration: {
        subnets: network.taskSubnetIds,
        securityGroups: [securityGroupId],
        assignPublicIp: network.tasksHavePublicAddresses,
      },
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: 'ENABLED',
      enableEcsManagedTags: true,
      propagateTags: 'SERVICE',
      // Without it another capacity provider would be another service.
      forceNewDeployment: true,
      // What does not come up fails the update, not the day after.
      waitForSteadyState: true,
      ...own,
    },
    {
      parent,
      // Autoscaling moves it.
      ignoreChanges: ['desiredCount'],
      dependsOn: [...needs, ...cluster.ready, migration.done],
      customTimeouts: { create: rollout, update: rollout, delete: '30m' },
    },
  );
}
