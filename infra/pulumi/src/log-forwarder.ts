// Brings lines from the groups of logs to the stream: CloudWatch packs many lines into one record, and OpenSearch takes one a record.
// Knows no line: the function that unpacks them is forward-logs.ts.
import path from 'node:path';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { LogSearchArgs } from './log-search.ts';
import { assumeRoleBy, policyDocument } from './policy-document.ts';

interface LogForwarderArgs extends Pick<LogSearchArgs, 'settings' | 'cluster' | 'key'> {
  streamName: pulumi.Output<string>;
  streamArn: pulumi.Output<string>;
}

const MEMORY_MB = 256;
const TIMEOUT_SECONDS = 60;

export function forwardLogs(args: LogForwarderArgs, options: pulumi.CustomResourceOptions): void {
  const { settings, cluster } = args;
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const forwarder = makeFunction(args, options);
  for (const [process, group] of Object.entries(cluster.logGroups)) {
    const lines = pulumi.interpolate`${group.arn}:*`;
    const permission = new aws.lambda.Permission(
      `${settings.name}-forward-${process}`,
      {
        ...{ action: 'lambda:InvokeFunction', function: forwarder.name, principal: 'logs.amazonaws.com' },
        ...{ sourceArn: lines, sourceAccount: accountId },
      },
      options,
    );
    new aws.cloudwatch.LogSubscriptionFilter(
      `${settings.name}-forward-${process}`,
      { logGroup: group.name, destinationArn: forwarder.arn, filterPattern: '' },
      { ...options, dependsOn: [permission] },
    );
  }
}

function makeFunction(
  { settings, key, streamName, streamArn }: LogForwarderArgs,
  options: pulumi.CustomResourceOptions,
): aws.lambda.Function {
  const logs = new aws.cloudwatch.LogGroup(
    `${settings.name}-forward-logs`,
    {
      retentionInDays: settings.logs.retentionDays,
      ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }),
    },
    options,
  );
  const role = new aws.iam.Role(
    `${settings.name}-forward-logs`,
    {
      description: 'The function that unpacks lines of logs',
      assumeRolePolicy: assumeRoleBy('lambda.amazonaws.com'),
    },
    options,
  );
  const policy = new aws.iam.RolePolicy(
    `${settings.name}-forward-logs`,
    {
      role: role.id,
      policy: policyDocument([
        { Sid: 'Stream', Action: ['firehose:PutRecordBatch'], Resource: [streamArn] },
        {
          ...{ Sid: 'OwnLog', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
          Resource: [pulumi.interpolate`${logs.arn}:*`],
        },
      ]),
    },
    options,
  );
  // Seen from where Pulumi runs the program, as it is the same on every machine.
  const program = path.relative(process.cwd(), path.join(import.meta.dirname, 'forward-logs.js'));
  return new aws.lambda.Function(
    `${settings.name}-forward-logs`,
    {
      ...{ description: 'Unpacks lines of logs', role: role.arn, architectures: ['arm64'] },
      ...{ runtime: 'nodejs22.x', handler: 'index.handler' },
      ...{ memorySize: MEMORY_MB, timeout: TIMEOUT_SECONDS },
      code: new pulumi.asset.AssetArchive({ 'index.mjs': new pulumi.asset.FileAsset(program) }),
      environment: { variables: { STREAM: streamName } },
      loggingConfig: { logFormat: 'JSON', logGroup: logs.name },
    },
    { ...options, dependsOn: [policy] },
  );
}
