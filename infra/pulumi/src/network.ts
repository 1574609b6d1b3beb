// The VPC: three kinds of subnets in each zone, and the ways between them and the world. Knows nobody who lives there.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { subnetCidrs } from './cidrs.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { logFlows } from './flow-log.ts';
import { makeRoutes } from './routes.ts';
import type { Settings } from './settings.ts';
import { makeSubnets } from './subnets.ts';

export interface NetworkArgs {
  settings: Settings;
  key: Pick<EncryptionKey, 'arn'>;
}

export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: pulumi.Output<string>;
  /** The addresses of the load balancer are of these networks. */
  readonly publicCidrs: string[];
  readonly publicSubnetIds: pulumi.Output<string>[];
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly isolatedSubnetIds: pulumi.Output<string>[];
  readonly routeTableIds: pulumi.Output<string>[];
  readonly taskSubnetIds: pulumi.Output<string>[];
  readonly tasksHavePublicAddresses: boolean;
  /** S3's own addresses in this region, as rules of security groups name them. */
  readonly s3PrefixListId: pulumi.Output<string>;

  constructor(name: string, { settings, key }: NetworkArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Network', name, {}, options);
    const parent = { parent: this };
    const { cidr, zones, egress, flowLogs } = settings.network;
    const vpc = new aws.ec2.Vpc(
      `${settings.name}-vpc`,
      {
        ...{ cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true },
        tags: { Name: settings.name },
      },
      parent,
    );
    // The group that AWS makes with every VPC lets its members speak to each other. Without rules it lets nobody do anything.
    new aws.ec2.DefaultSecurityGroup(
      `${settings.name}-default`,
      { vpcId: vpc.id, tags: { Name: `${settings.name}-default` } },
      parent,
    );
    const place = { settings, vpcId: vpc.id, options: parent };
    const { tableIds, subnetIds } = makeRoutes(place, makeSubnets(settings, vpc.id, parent));
    this.vpcId = vpc.id;
    this.cidr = vpc.cidrBlock;
    this.publicCidrs = subnetCidrs(cidr, 'public', zones);
    this.publicSubnetIds = subnetIds.public;
    this.privateSubnetIds = subnetIds.private;
    this.isolatedSubnetIds = subnetIds.isolated;
    this.routeTableIds = tableIds;
    this.tasksHavePublicAddresses = egress === 'public';
    this.taskSubnetIds = egress === 'public' ? subnetIds.public : subnetIds.private;
    this.s3PrefixListId = makeWayToS3(place, tableIds).prefixListId;
    if (flowLogs) logFlows({ settings, vpcId: vpc.id, keyArn: key.arn }, parent);
    this.registerOutputs({ vpcId: this.vpcId });
  }
}

/** Pictures pass neither NAT gateways, which cost by the byte, nor the internet. It costs nothing itself. */
function makeWayToS3(
  { settings, vpcId, options }: Parameters<typeof makeRoutes>[0],
  routeTableIds: pulumi.Output<string>[],
): aws.ec2.VpcEndpoint {
  const { region } = aws.getRegionOutput({}, options);
  const name = `${settings.name}-s3`;
  const serviceName = pulumi.interpolate`com.amazonaws.${region}.s3`;
  return new aws.ec2.VpcEndpoint(
    name,
    { vpcId, serviceName, vpcEndpointType: 'Gateway', routeTableIds, tags: { Name: name } },
    options,
  );
}
