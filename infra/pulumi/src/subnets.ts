// The subnets of all kinds, one in each zone. Knows no route.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { KINDS, type Kind, subnetCidrs } from './cidrs.ts';
import type { Settings } from './settings.ts';

export type Subnets = Record<Kind, aws.ec2.Subnet[]>;

export function makeSubnets(
  { name, network: { cidr, zones } }: Settings,
  vpcId: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions & pulumi.InvokeOptions,
): Subnets {
  // Local zones and such, which one has to opt in to, have no load balancers and databases.
  const filters = [{ name: 'opt-in-status', values: ['opt-in-not-required'] }];
  const { names } = aws.getAvailabilityZonesOutput({ state: 'available', filters }, options);
  const make = (kind: Kind) =>
    subnetCidrs(cidr, kind, zones).map(
      (cidrBlock, zone) =>
        new aws.ec2.Subnet(
          `${name}-${kind}-${zone}`,
          {
            ...{ vpcId, cidrBlock, availabilityZone: names.apply((all) => zoneOf(all, zone)) },
            // Who shall have a public address asks for it: nobody gets one by being put here.
            mapPublicIpOnLaunch: false,
            tags: { Name: `${name}-${kind}-${zone}` },
          },
          options,
        ),
    );
  return Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Subnets;
}

function zoneOf(names: string[], zone: number): string {
  const name = names[zone];
  if (name === undefined) throw new Error(`zones: this region has ${names.length}.`);
  return name;
}
