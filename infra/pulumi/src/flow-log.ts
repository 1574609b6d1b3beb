// A log of who connected to whom in the VPC: addresses, ports and bytes, no content.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { assumeRoleBy, policyDocument } from './policy-document.ts';
import type { Settings } from './settings.ts';

export interface FlowLogArgs {
  settings: Settings;
  vpcId: pulumi.Output<string>;
  /** Undefined: AWS's own key. */
  keyArn: pulumi.Output<string> | undefined;
}

export function logFlows(
  { settings: { name, logs }, vpcId, keyArn }: FlowLogArgs,
  options: pulumi.CustomResourceOptions & pulumi.InvokeOptions,
): void {
  const group = new aws.cloudwatch.LogGroup(
    `${name}-flows`,
    { retentionInDays: logs.retentionDays, ...(keyArn === undefined ? {} : { kmsKeyId: keyArn }) },
    options,
  );
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const role = new aws.iam.Role(
    `${name}-flows`,
    {
      assumeRolePolicy: assumeRoleBy('vpc-flow-logs.amazonaws.com', {
        StringEquals: { 'aws:SourceAccount': accountId },
      }),
      tags: { Name: `${name}-flows` },
    },
    options,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-flows`,
    {
      role: role.id,
      policy: policyDocument([
        {
          Sid: 'Write',
          Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
          Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
        },
      ]),
    },
    options,
  );
  new aws.ec2.FlowLog(
    `${name}-flows`,
    {
      ...{ vpcId, trafficType: 'ALL', logDestinationType: 'cloud-watch-logs', logDestination: group.arn },
      ...{ iamRoleArn: role.arn, maxAggregationInterval: 600, tags: { Name: `${name}-flows` } },
    },
    { ...options, dependsOn: [policy] },
  );
}
