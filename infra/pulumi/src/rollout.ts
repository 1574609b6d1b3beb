// How a new version of the api takes over from the old one: at once, or by moving traffic, and back when it fails. Knows no task.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { LoadBalancer } from './load-balancer.ts';
import { assumeRoleBy } from './policy-document.ts';
import type { Settings } from './settings.ts';

type Balancer = Pick<
  LoadBalancer,
  'arnSuffix' | 'targetGroupArn' | 'alternateTargetGroupArn' | 'productionRuleArn'
>;

interface Args {
  settings: Pick<Settings, 'name' | 'api'>;
  loadBalancer: Balancer;
}

/** Of all traffic, what the new version is tried with first, and how long. */
const CANARY = { canaryPercent: 10, canaryBakeTimeInMinutes: '5' };
/** Five steps. */
const LINEAR = { stepPercent: 20, stepBakeTimeInMinutes: '3' };

export interface Rollout {
  configuration: aws.types.input.ecs.ServiceDeploymentConfiguration;
  advanced: { advancedConfiguration?: aws.types.input.ecs.ServiceLoadBalancerAdvancedConfiguration };
  alarm: aws.cloudwatch.MetricAlarm;
  /** The service may be made, and removed, only while these are there. */
  needs: pulumi.Resource[];
  /** How long it may take at most, all its pauses included. */
  minutes: number;
}

export function planRollout({ settings, loadBalancer }: Args, parent: pulumi.Resource): Rollout {
  const { deployment, bakeMinutes } = settings.api;
  const alarm = createAlarm(settings.name, loadBalancer, parent);
  if (deployment === 'ROLLING')
    return { configuration: { strategy: 'ROLLING' }, advanced: {}, alarm, needs: [], minutes: 0 };

  const { alternateTargetGroupArn, productionRuleArn } = loadBalancer;
  if (alternateTargetGroupArn === undefined || productionRuleArn === undefined)
    throw new Error(`deployment ${deployment}: the load balancer has no second target group.`);
  const { role, policy } = createTrafficRole(settings.name, parent);
  return {
    configuration: {
      strategy: deployment,
      bakeTimeInMinutes: String(bakeMinutes),
      ...(deployment === 'CANARY' ? { canaryConfiguration: CANARY } : {}),
      ...(deployment === 'LINEAR' ? { linearConfiguration: LINEAR } : {}),
    },
    advanced: {
      advancedConfiguration: {
        alternateTargetGroupArn,
        productionListenerRule: productionRuleArn,
        roleArn: role.arn,
      },
    },
    alarm,
    needs: [policy],
    minutes: bakeMinutes + 20,
  };
}

/** By which ECS moves traffic between the two target groups. Its trust is as AWS documents it: without conditions, which ECS may not meet. */
function createTrafficRole(name: string, parent: pulumi.Resource) {
  const { partition } = aws.getPartitionOutput({}, { parent });
  const role = new aws.iam.Role(
    `${name}-traffic`,
    { assumeRolePolicy: assumeRoleBy('ecs.amazonaws.com') },
    { parent },
  );
  const policy = new aws.iam.RolePolicyAttachment(
    `${name}-traffic`,
    {
      role: role.name,
      // AWS's own: what it says follows what ECS does.
      policyArn: pulumi.interpolate`arn:${partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers`,
    },
    { parent },
  );
  return { role, policy };
}

const FAILING_PERCENT = 5;
/** Of fewer requests a minute a share says nothing. */
const FEWEST_REQUESTS = 20;

/** Rolls back. It watches the balancer, and so both target groups. */
function createAlarm(name: string, { arnSuffix }: Balancer, parent: pulumi.Resource) {
  const sum = (id: string, metricName: string) => ({
    id,
    metric: {
      ...{ namespace: 'AWS/ApplicationELB', metricName, stat: 'Sum', period: 60 },
      dimensions: { LoadBalancer: arnSuffix },
    },
  });
  return new aws.cloudwatch.MetricAlarm(
    `${name}-rollout`,
    {
      alarmDescription: `More than ${FAILING_PERCENT} % of the requests fail: a version that is taking over is taken back.`,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: FAILING_PERCENT,
      evaluationPeriods: 2,
      treatMissingData: 'notBreaching',
      metricQueries: [
        sum('failed', 'HTTPCode_Target_5XX_Count'),
        sum('all', 'RequestCount'),
        {
          id: 'percent',
          expression: `IF(all >= ${FEWEST_REQUESTS}, 100 * FILL(failed, 0) / all, 0)`,
          label: 'Failed requests, in percent',
          returnData: true,
        },
      ],
    },
    { parent },
  );
}
