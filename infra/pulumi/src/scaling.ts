// A service whose number of tasks is moved by policies. Knows no policy.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface ScaledService {
  clusterName: pulumi.Output<string>;
  serviceName: pulumi.Output<string>;
}

export interface Bounds {
  service: ScaledService;
  minTasks: number;
  maxTasks: number;
}

export interface Scaled {
  target: aws.appautoscaling.Target;
  /** Where policies for it apply. */
  where: Pick<aws.appautoscaling.PolicyArgs, 'serviceNamespace'> & {
    resourceId: pulumi.Output<string>;
    scalableDimension: pulumi.Output<string>;
    serviceNamespace: pulumi.Output<string>;
  };
}

export function scale(
  name: string,
  { service, minTasks, maxTasks }: Bounds,
  parent: pulumi.Resource,
): Scaled {
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: pulumi.interpolate`service/${service.clusterName}/${service.serviceName}`,
      minCapacity: minTasks,
      maxCapacity: maxTasks,
    },
    { parent },
  );
  const { resourceId, scalableDimension, serviceNamespace } = target;
  return { target, where: { resourceId, scalableDimension, serviceNamespace } };
}
