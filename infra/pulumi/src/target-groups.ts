// Where the load balancer finds the api's tasks, and how it tells that one can serve.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from './settings.ts';

/** At most so long a task that stops may finish what it was asked: uploads over slow lines take their time. The task's own patience is 120 s, too. */
const DEREGISTRATION_SECONDS = 120;

interface Place {
  settings: Settings;
  vpcId: pulumi.Output<string>;
  options: pulumi.CustomResourceOptions;
}

export interface TargetGroups {
  /** Has the tasks of the first version. */
  primary: aws.lb.TargetGroup;
  /** Has those of the next, where two versions stand side by side. */
  alternate: aws.lb.TargetGroup | undefined;
}

export function makeTargetGroups(place: Place): TargetGroups {
  return {
    primary: makeTargetGroup(place, 'a'),
    alternate: place.settings.api.deployment === 'ROLLING' ? undefined : makeTargetGroup(place, 'b'),
  };
}

function makeTargetGroup({ settings, vpcId, options }: Place, which: 'a' | 'b'): aws.lb.TargetGroup {
  // AWS takes 32 characters, with the random ones that Pulumi adds.
  const name = `${settings.name}-${which}`;
  return new aws.lb.TargetGroup(
    name,
    {
      ...{ vpcId, port: 3000, protocol: 'HTTP', targetType: 'ip' },
      deregistrationDelay: DEREGISTRATION_SECONDS,
      // One upload keeps a task busier than a hundred questions: by turns would not be fair.
      loadBalancingAlgorithmType: 'least_outstanding_requests',
      healthCheck: {
        ...{ path: '/readyz', matcher: '200', interval: 10, timeout: 5 },
        ...{ healthyThreshold: 2, unhealthyThreshold: 3 },
      },
      tags: { Name: name },
    },
    options,
  );
}
