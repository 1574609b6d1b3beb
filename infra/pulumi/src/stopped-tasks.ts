// Tells of tasks that ended ill: with an exit code that is not 0, or before they began. Knows no service.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Watched } from './watched.ts';

export function tellOfStoppedTasks(
  { settings, cluster }: Pick<Watched, 'settings' | 'cluster'>,
  topicArn: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): void {
  const rule = new aws.cloudwatch.EventRule(
    `${settings.name}-stopped`,
    {
      description: 'Tasks that ended ill',
      eventPattern: pulumi.jsonStringify({
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: {
          clusterArn: [cluster.arn],
          lastStatus: ['STOPPED'],
          // A task that is told to end and does so says 0.
          $or: [{ containers: { exitCode: [{ 'anything-but': 0 }] } }, { stopCode: ['TaskFailedToStart'] }],
        },
      }),
    },
    options,
  );
  new aws.cloudwatch.EventTarget(
    `${settings.name}-stopped`,
    {
      ...{ rule: rule.name, arn: topicArn },
      inputTransformer: {
        inputPaths: { group: '$.detail.group', reason: '$.detail.stoppedReason', task: '$.detail.taskArn' },
        inputTemplate: `"A task of <group> in ${settings.name} ended ill: <reason> Its log is in CloudWatch. <task>"`,
      },
    },
    options,
  );
}
