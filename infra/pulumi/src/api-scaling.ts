// How many api tasks there are: by requests of each and by their processors. Knows no task.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { LoadBalancer } from './load-balancer.ts';
import { type ScaledService, scale } from './scaling.ts';
import type { Settings } from './settings.ts';

const CPU_PERCENT = 60;
const COOLDOWN = { scaleOutCooldown: 30, scaleInCooldown: 300 };

export interface ApiScaling {
  settings: Pick<Settings, 'name' | 'api'>;
  service: ScaledService;
  loadBalancer: Pick<LoadBalancer, 'arnSuffix' | 'targetGroupArnSuffix' | 'alternateTargetGroupArnSuffix'>;
}

export function scaleApi({ settings, service, loadBalancer }: ApiScaling, parent: pulumi.Resource) {
  const { minTasks, maxTasks, requestsPerTask } = settings.api;
  const { target, where } = scale(`${settings.name}-api`, { service, minTasks, maxTasks }, parent);
  new aws.appautoscaling.Policy(
    `${settings.name}-api-requests`,
    {
      ...where,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        ...{ ...COOLDOWN, targetValue: requestsPerTask },
        ...requestsPerTarget(loadBalancer),
      },
    },
    { parent },
  );
  new aws.appautoscaling.Policy(
    `${settings.name}-api-cpu`,
    {
      ...where,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        ...{ ...COOLDOWN, targetValue: CPU_PERCENT },
        predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    },
    { parent },
  );
  return target;
}

type Specification = Pick<
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfiguration,
  'predefinedMetricSpecification' | 'customizedMetricSpecification'
>;

/** With two target groups the traffic is now in the one, now in the other; AWS's own metric knows one. */
function requestsPerTarget(balancer: ApiScaling['loadBalancer']): Specification {
  const { arnSuffix, targetGroupArnSuffix, alternateTargetGroupArnSuffix } = balancer;
  if (alternateTargetGroupArnSuffix === undefined) {
    const resourceLabel = pulumi.interpolate`${arnSuffix}/${targetGroupArnSuffix}`;
    return {
      predefinedMetricSpecification: { predefinedMetricType: 'ALBRequestCountPerTarget', resourceLabel },
    };
  }
  const requestsOf = (id: string, targetGroup: pulumi.Output<string>) => ({
    id,
    returnData: false,
    metricStat: {
      stat: 'Sum',
      metric: {
        ...{ namespace: 'AWS/ApplicationELB', metricName: 'RequestCountPerTarget' },
        dimensions: [
          { name: 'LoadBalancer', value: arnSuffix },
          { name: 'TargetGroup', value: targetGroup },
        ],
      },
    },
  });
  return {
    customizedMetricSpecification: {
      metrics: [
        requestsOf('blue', targetGroupArnSuffix),
        requestsOf('green', alternateTargetGroupArnSuffix),
        {
          id: 'requests',
          expression: 'FILL(blue, 0) + FILL(green, 0)',
          label: 'Requests of one task a minute',
          returnData: true,
        },
      ],
    },
  };
}
