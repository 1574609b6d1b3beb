// Logs to search in, by choice: an OpenSearch domain inside of the network, and the stream that fills it. Knows no line of a log.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { Buckets } from './buckets.ts';
import type { Cluster } from './cluster.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { forwardLogs } from './log-forwarder.ts';
import { makeLogStream } from './log-stream.ts';
import type { Network } from './network.ts';
import { policyDocument } from './policy-document.ts';
import type { Settings } from './settings.ts';

export interface LogSearchArgs {
  settings: Settings;
  network: Pick<Network, 'vpcId' | 'cidr' | 'isolatedSubnetIds'>;
  cluster: Pick<Cluster, 'logGroups'>;
  buckets: Pick<Buckets, 'logsArn' | 'logsName'>;
  key: Pick<EncryptionKey, 'arn'>;
}

export class LogSearch extends pulumi.ComponentResource {
  /** Of the dashboards: within the network, for requests that IAM signed. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: LogSearchArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:LogSearch', name, {}, options);
    const { settings, network, key } = args;
    const parent = { parent: this };
    const groups = makeSecurityGroups(args, parent);
    // A second node, in another zone, where one may not be missed.
    const nodes = settings.profile === 'prod' ? 2 : 1;
    const subnetIds = network.isolatedSubnetIds.slice(0, nodes);
    const suffix = new random.RandomId(`${settings.name}-search`, { byteLength: 4 }, parent);
    const domain = new aws.opensearch.Domain(
      `${settings.name}-search`,
      {
        // 28 letters at most, fewer than Pulumi's own names may have.
        domainName: pulumi.interpolate`${settings.name.slice(0, 19)}-${suffix.hex}`,
        engineVersion: 'OpenSearch_2.19',
        clusterConfig: {
          ...{ instanceType: settings.logSearch.instanceType, instanceCount: nodes },
          ...{ zoneAwarenessEnabled: nodes > 1 },
          ...(nodes > 1 ? { zoneAwarenessConfig: { availabilityZoneCount: nodes } } : {}),
        },
        ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: settings.logSearch.storageGib },
        encryptAtRest: { enabled: true, ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }) },
        nodeToNodeEncryption: { enabled: true },
        domainEndpointOptions: {
          ...{ enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
        },
        vpcOptions: { subnetIds, securityGroupIds: [groups.domainId] },
        tags: { Name: `${settings.name}-search` },
      },
      // It takes AWS up to an hour to make one.
      { ...parent, customTimeouts: { create: '90m', update: '180m', delete: '90m' } },
    );
    const stream = makeLogStream({ ...args, domain, subnetIds, securityGroupId: groups.streamId }, parent);
    new aws.opensearch.DomainPolicy(
      `${settings.name}-search`,
      { domainName: domain.domainName, accessPolicies: accessTo(domain, stream.roleArn, parent) },
      parent,
    );
    forwardLogs({ ...args, streamName: stream.name, streamArn: stream.arn }, parent);
    this.url = pulumi.interpolate`https://${domain.endpoint}/_dashboards/`;
    this.registerOutputs({ url: this.url });
  }
}

/** The stream writes; people of the account read, whom their own policies let. Nobody comes without a signature. */
function accessTo(
  domain: aws.opensearch.Domain,
  streamRoleArn: pulumi.Output<string>,
  options: pulumi.InvokeOptions,
): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const { partition } = aws.getPartitionOutput({}, options);
  const everything = [pulumi.interpolate`${domain.arn}/*`];
  return policyDocument([
    {
      ...{ Sid: 'Stream', Principal: { AWS: streamRoleArn }, Resource: everything },
      Action: ['es:ESHttpGet', 'es:ESHttpPost', 'es:ESHttpPut'],
    },
    {
      Sid: 'Readers',
      Principal: { AWS: pulumi.interpolate`arn:${partition}:iam::${accountId}:root` },
      ...{ Action: ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost'], Resource: everything },
    },
  ]);
}

function makeSecurityGroups({ settings, network }: LogSearchArgs, options: pulumi.CustomResourceOptions) {
  const group = (what: string, description: string) =>
    new aws.ec2.SecurityGroup(
      `${settings.name}-${what}`,
      { vpcId: network.vpcId, description, tags: { Name: `${settings.name}-${what}` } },
      options,
    );
  const domain = group('search', 'OpenSearch');
  const stream = group('log-stream', 'Firehose, which writes to OpenSearch');
  const https = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };
  new aws.vpc.SecurityGroupIngressRule(
    `${settings.name}-search-from-stream`,
    {
      ...{ securityGroupId: domain.id, referencedSecurityGroupId: stream.id, ...https },
      description: 'Lines of logs from Firehose',
    },
    options,
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${settings.name}-search-from-network`,
    {
      ...{ securityGroupId: domain.id, cidrIpv4: network.cidr, ...https },
      description: 'Readers, who have come into the network',
    },
    options,
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${settings.name}-stream-to-search`,
    {
      ...{ securityGroupId: stream.id, referencedSecurityGroupId: domain.id, ...https },
      description: 'Lines of logs to OpenSearch',
    },
    options,
  );
  return { domainId: domain.id, streamId: stream.id };
}
