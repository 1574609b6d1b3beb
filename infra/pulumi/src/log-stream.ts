// The stream that writes lines of logs to OpenSearch, and what OpenSearch refuses to the bucket of logs. Knows not where lines come from.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { LogSearchArgs } from './log-search.ts';
import { assumeRoleBy, policyDocument, type Statement } from './policy-document.ts';

interface LogStreamArgs extends Pick<LogSearchArgs, 'settings' | 'buckets' | 'key'> {
  domain: aws.opensearch.Domain;
  subnetIds: pulumi.Output<string>[];
  securityGroupId: pulumi.Output<string>;
}

export interface LogStream {
  name: pulumi.Output<string>;
  arn: pulumi.Output<string>;
  /** Whom OpenSearch must let in. */
  roleArn: pulumi.Output<string>;
}

const BUFFER_SECONDS = 60;
const BUFFER_MB = 5;
const RETRY_SECONDS = 3600;

/** Of the bucket: lines that could not be written. */
const REFUSED = 'log-search/';

export function makeLogStream(args: LogStreamArgs, options: pulumi.CustomResourceOptions): LogStream {
  const { settings, buckets, key, domain } = args;
  const errors = new aws.cloudwatch.LogGroup(
    `${settings.name}-log-stream`,
    {
      retentionInDays: settings.logs.retentionDays,
      ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }),
    },
    options,
  );
  // Firehose writes into streams of a log that are there, and makes none.
  const errorsOf = (destination: string) => ({
    ...{ enabled: true, logGroupName: errors.name },
    logStreamName: new aws.cloudwatch.LogStream(
      `${settings.name}-to-${destination}`,
      { logGroupName: errors.name },
      options,
    ).name,
  });
  const role = new aws.iam.Role(
    `${settings.name}-log-stream`,
    {
      description: 'Firehose, which writes logs to OpenSearch',
      // As AWS documents it: Firehose is not known to say for whom it takes a role. Who hands it to a stream must be let to.
      assumeRolePolicy: assumeRoleBy('firehose.amazonaws.com'),
    },
    options,
  );
  const policy = new aws.iam.RolePolicy(
    `${settings.name}-log-stream`,
    { role: role.id, policy: policyDocument(statementsOf(args, errors, options)) },
    options,
  );
  const stream = new aws.kinesis.FirehoseDeliveryStream(
    `${settings.name}-logs`,
    {
      destination: 'opensearch',
      serverSideEncryption: {
        enabled: true,
        ...(key.arn === undefined
          ? { keyType: 'AWS_OWNED_CMK' }
          : { keyType: 'CUSTOMER_MANAGED_CMK', keyArn: key.arn }),
      },
      opensearchConfiguration: {
        ...{ domainArn: domain.arn, roleArn: role.arn },
        ...{ indexName: 'logs', indexRotationPeriod: 'OneDay' },
        ...{ bufferingInterval: BUFFER_SECONDS, bufferingSize: BUFFER_MB, retryDuration: RETRY_SECONDS },
        cloudwatchLoggingOptions: errorsOf('opensearch'),
        s3BackupMode: 'FailedDocumentsOnly',
        s3Configuration: {
          ...{ bucketArn: buckets.logsArn, roleArn: role.arn, prefix: REFUSED, compressionFormat: 'GZIP' },
          cloudwatchLoggingOptions: errorsOf('s3'),
        },
        vpcConfig: {
          ...{ roleArn: role.arn, subnetIds: args.subnetIds, securityGroupIds: [args.securityGroupId] },
        },
      },
    },
    { ...options, dependsOn: [policy] },
  );
  return { name: stream.name, arn: stream.arn, roleArn: role.arn };
}

function statementsOf(
  { buckets, domain, subnetIds, securityGroupId }: LogStreamArgs,
  errors: aws.cloudwatch.LogGroup,
  options: pulumi.InvokeOptions,
): Statement[] {
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const { partition } = aws.getPartitionOutput({}, options);
  const { region } = aws.getRegionOutput({}, options);
  const ec2 = (what: pulumi.Input<string>) =>
    pulumi.interpolate`arn:${partition}:ec2:${region}:${accountId}:${what}`;
  const interfaces = ec2('network-interface/*');
  return [
    {
      ...{ Sid: 'Domain', Resource: [domain.arn, pulumi.interpolate`${domain.arn}/*`] },
      Action: [
        ...['es:DescribeDomain', 'es:DescribeDomains', 'es:DescribeDomainConfig'],
        ...['es:ESHttpGet', 'es:ESHttpPost', 'es:ESHttpPut'],
      ],
    },
    {
      Sid: 'RefusedLines',
      Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      Resource: [pulumi.interpolate`${buckets.logsArn}/${REFUSED}*`],
    },
    {
      ...{ Sid: 'Bucket', Resource: [buckets.logsArn] },
      Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
    },
    {
      ...{ Sid: 'Errors', Action: ['logs:PutLogEvents'], Resource: [pulumi.interpolate`${errors.arn}:*`] },
    },
    {
      // What only looks can not be confined to one network.
      ...{ Sid: 'LookAtNetwork', Resource: ['*'] },
      Action: [
        ...['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets'],
        ...['ec2:DescribeVpcAttribute', 'ec2:DescribeVpcs'],
      ],
    },
    {
      ...{ Sid: 'OwnInterfaces', Action: ['ec2:CreateNetworkInterface'] },
      Resource: [
        ...subnetIds.map((id) => ec2(pulumi.interpolate`subnet/${id}`)),
        ...[ec2(pulumi.interpolate`security-group/${securityGroupId}`), interfaces],
      ],
    },
    {
      ...{ Sid: 'OfOwnInterfaces', Resource: [interfaces] },
      Action: ['ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface'],
    },
  ];
}
