// Which AWS services may reach into the buckets by themselves. Roles of the account have their own policies.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Statement } from './policy-document.ts';
import type { Settings } from './settings.ts';

/** CloudFront reads what was made of pictures: never an original, nor what is on its way in. */
export function imagesStatements(
  arn: pulumi.Output<string>,
  { cdn }: Settings,
  options: pulumi.InvokeOptions,
): Statement[] {
  if (!cdn.enabled) return [];
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const { partition } = aws.getPartitionOutput({}, options);
  // The distribution needs the bucket's name, so the bucket can not name the one distribution: those of this account can read, no other.
  const distributions = pulumi.interpolate`arn:${partition}:cloudfront::${accountId}:distribution/*`;
  return [
    {
      ...{ Sid: 'DerivedByCloudFront', Principal: { Service: 'cloudfront.amazonaws.com' } },
      ...{ Action: ['s3:GetObject'], Resource: [pulumi.interpolate`${arn}/*/derived/*`] },
      Condition: {
        ArnLike: { 'aws:SourceArn': distributions },
        StringEquals: { 'aws:SourceAccount': accountId },
      },
    },
  ];
}

/** The load balancer and CloudFront write their logs, each for this account alone. */
export function logsStatements(
  arn: pulumi.Output<string>,
  { cdn }: Settings,
  options: pulumi.InvokeOptions,
): Statement[] {
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const { partition } = aws.getPartitionOutput({}, options);
  const statements: Statement[] = [
    {
      // Its paths name the account whose load balancer writes: none of another account can write here.
      ...{ Sid: 'LoadBalancer', Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' } },
      Action: ['s3:PutObject'],
      Resource: [pulumi.interpolate`${arn}/*/AWSLogs/${accountId}/*`],
    },
  ];
  if (cdn.enabled) {
    // CloudFront is at home in one region, whichever the stack lives in.
    const sources = pulumi.interpolate`arn:${partition}:logs:us-east-1:${accountId}:delivery-source:*`;
    statements.push({
      ...{ Sid: 'CloudFront', Principal: { Service: 'delivery.logs.amazonaws.com' } },
      ...{ Action: ['s3:PutObject'], Resource: [pulumi.interpolate`${arn}/*`] },
      Condition: {
        StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceAccount': accountId },
        ArnLike: { 'aws:SourceArn': sources },
      },
    });
  }
  return statements;
}
