// Doors to AWS's own services that do not lead over the internet, by choice. Knows which services tasks call, and not why they do.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Network } from './network.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

export interface EndpointsArgs {
  settings: Settings;
  network: Pick<Network, 'vpcId' | 'privateSubnetIds'>;
  securityGroups: Pick<SecurityGroups, 'endpointsId'>;
}

/** To pull an image (its layers come from S3), to write logs, to read secrets, to be somebody. */
const SERVICES = ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'sts'];

export class Endpoints extends pulumi.ComponentResource {
  constructor(
    name: string,
    { settings, network, securityGroups }: EndpointsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('tintype:index:Endpoints', name, {}, options);
    if (settings.network.interfaceEndpoints) {
      const { region } = aws.getRegionOutput({}, { parent: this });
      for (const service of SERVICES) {
        const label = `${settings.name}-${service.replace('.', '-')}`;
        new aws.ec2.VpcEndpoint(
          label,
          {
            ...{ vpcId: network.vpcId, subnetIds: network.privateSubnetIds, vpcEndpointType: 'Interface' },
            serviceName: pulumi.interpolate`com.amazonaws.${region}.${service}`,
            // The service's usual name leads here, inside of the VPC.
            ...{ privateDnsEnabled: true, securityGroupIds: [securityGroups.endpointsId] },
            tags: { Name: label },
          },
          { parent: this },
        );
      }
    }
    this.registerOutputs({});
  }
}
