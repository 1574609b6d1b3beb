// CloudFront's log of requests, into the bucket of logs. Knows the detour by CloudWatch's deliveries, which need no access list of the bucket.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from './settings.ts';

export interface CdnLogArgs {
  settings: Settings;
  distributionArn: pulumi.Output<string>;
  logsArn: pulumi.Output<string>;
  /** Known once the bucket lets deliveries in. */
  logsName: pulumi.Output<string>;
}

/** CloudFront is at home there, wherever the stack lives. */
const HOME = { region: 'us-east-1' };

export function logRequests(
  { settings: { name }, distributionArn, logsArn, logsName }: CdnLogArgs,
  options: pulumi.CustomResourceOptions,
): void {
  const label = `${name}-cdn`;
  const tags = { Name: label };
  const source = new aws.cloudwatch.LogDeliverySource(
    label,
    { ...HOME, logType: 'ACCESS_LOGS', resourceArn: distributionArn, tags },
    options,
  );
  const bucket = pulumi.all([logsArn, logsName]).apply(([arn]) => arn);
  const destination = new aws.cloudwatch.LogDeliveryDestination(
    label,
    {
      ...{ ...HOME, outputFormat: 'json', tags },
      deliveryDestinationConfiguration: { destinationResourceArn: pulumi.interpolate`${bucket}/cdn` },
    },
    options,
  );
  new aws.cloudwatch.LogDelivery(
    label,
    { ...HOME, deliverySourceName: source.name, deliveryDestinationArn: destination.arn, tags },
    options,
  );
}
