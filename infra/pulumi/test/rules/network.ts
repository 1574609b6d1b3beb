// Rules about addresses, subnets and routes.
import type { Settings } from '../../src/settings.ts';
import { blockOf, contains, overlap } from '../cidr.ts';
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, isAbout, listOf, one, type Stack, textsOf } from '../stack.ts';

const WORLD = ['0.0.0.0/0', '::/0'];

type Tier = 'public' | 'private' | 'isolated';

interface Way {
  /** Where all other addresses lie: internet gateway or NAT; undefined: nowhere. */
  out: Recorded | undefined;
  table: Recorded;
}

function wayOf(stack: Stack, subnet: Recorded): Way {
  const association = all(stack, 'ec2:RouteTableAssociation').find((each) =>
    isAbout(stack, each.inputs.subnetId, subnet),
  );
  const table = behind(stack, association?.inputs.routeTableId);
  if (table === undefined) throw new Error(`${subnet.name} has no route table`);
  const routes = [
    ...all(stack, 'ec2:Route').filter((each) => isAbout(stack, each.inputs.routeTableId, table)),
  ].map(({ inputs }) => inputs);
  const inline = listOf(table.inputs.routes);
  const out = [...routes, ...inline].find((route) =>
    WORLD.includes(
      String(
        at(route, 'destinationCidrBlock') ?? at(route, 'cidrBlock') ?? at(route, 'destinationIpv6CidrBlock'),
      ),
    ),
  );
  return { table, out: behind(stack, at(out, 'gatewayId') ?? at(out, 'natGatewayId')) };
}

/** By what the name says; rules hold the routes against it. */
function tierOf({ name }: Recorded): Tier {
  const tier = (['public', 'private', 'isolated'] as const).find((each) => name.includes(`-${each}`));
  if (tier === undefined) throw new Error(`${name} is of no tier`);
  return tier;
}

const subnetsOf = (stack: Stack, tier: Tier) =>
  all(stack, 'ec2:Subnet').filter((subnet) => tierOf(subnet) === tier);

const NAT_GATEWAYS: Record<Settings['network']['egress'], (zones: number) => number> = {
  public: () => 0,
  nat: () => 1,
  'nat-per-zone': (zones) => zones,
  endpoints: () => 0,
};

const INTERFACES = ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'sts'];

export const NETWORK: Rule[] = [
  each('ec2:Vpc', 'the VPC has the configured addresses, and names in DNS', ({ inputs }, { settings }) => [
    differs('cidrBlock', inputs.cidrBlock, settings.network.cidr),
    differs('enableDnsSupport', inputs.enableDnsSupport, true),
    differs('enableDnsHostnames', inputs.enableDnsHostnames, true),
  ]),
  each('ec2:Subnet', 'subnets lie inside of the VPC', ({ inputs }, { settings }) =>
    contains(blockOf(settings.network.cidr), blockOf(String(inputs.cidrBlock)))
      ? undefined
      : `${String(inputs.cidrBlock)} is not in ${settings.network.cidr}`,
  ),
  {
    name: 'no two subnets share an address',
    *check(stack) {
      const subnets = all(stack, 'ec2:Subnet');
      for (const [index, one] of subnets.entries())
        for (const other of subnets.slice(index + 1))
          if (overlap(blockOf(String(one.inputs.cidrBlock)), blockOf(String(other.inputs.cidrBlock))))
            yield `${one.name} and ${other.name}`;
    },
  },
  {
    name: 'public and isolated subnets are in every zone, and so are private ones where they are needed',
    *check(stack) {
      const { zones } = stack.settings.network;
      for (const tier of ['public', 'private', 'isolated'] as const) {
        const subnets = subnetsOf(stack, tier);
        const found = new Set(subnets.map(({ inputs }) => inputs.availabilityZone)).size;
        if (tier === 'private' && subnets.length === 0 && stack.settings.network.egress === 'public')
          continue;
        if (found !== zones || subnets.length !== zones)
          yield `${tier}: ${subnets.length} subnets in ${found} zones`;
      }
    },
  },
  each('ec2:Subnet', 'a subnet says by its routes what it says by its name', (subnet, stack) => {
    const { out } = wayOf(stack, subnet);
    const { egress } = stack.settings.network;
    const wanted = {
      public: 'aws:ec2/internetGateway:InternetGateway',
      private: egress.startsWith('nat') ? 'aws:ec2/natGateway:NatGateway' : undefined,
      isolated: undefined,
    }[tierOf(subnet)];
    return differs('its way out', out?.type, wanted);
  }),
  each('ec2:Subnet', 'no subnet gives out public addresses by itself', ({ inputs }) =>
    differs('mapPublicIpOnLaunch', inputs.mapPublicIpOnLaunch ?? false, false),
  ),
  {
    name: 'there are as many NAT gateways as were asked for, each with an address of its own in a public subnet',
    *check(stack) {
      const { egress, zones } = stack.settings.network;
      const gateways = all(stack, 'ec2:NatGateway');
      const wanted = NAT_GATEWAYS[egress](zones);
      if (gateways.length !== wanted) yield `${gateways.length} and not ${wanted}`;
      const addresses = new Set(gateways.map(({ inputs }) => inputs.allocationId));
      if (addresses.size !== gateways.length) yield 'two share an address';
      for (const { name, inputs } of gateways) {
        const subnet = behind(stack, inputs.subnetId);
        if (subnet === undefined || tierOf(subnet) !== 'public') yield `${name} is in no public subnet`;
      }
    },
  },
  {
    name: 'with a NAT gateway a zone, no zone needs another one to get out',
    when: ({ network }) => network.egress === 'nat-per-zone',
    *check(stack) {
      for (const subnet of subnetsOf(stack, 'private')) {
        const { out } = wayOf(stack, subnet);
        const zone = behind(stack, out?.inputs.subnetId)?.inputs.availabilityZone;
        if (zone !== subnet.inputs.availabilityZone) yield `${subnet.name} gets out in ${String(zone)}`;
      }
    },
  },
  {
    name: 'objects never leave by the internet: every subnet of tasks has the S3 gateway endpoint',
    *check(stack) {
      const endpoint = all(stack, 'ec2:VpcEndpoint').find(({ inputs }) =>
        String(inputs.serviceName).endsWith('.s3'),
      );
      if (endpoint === undefined) return yield 'there is none';
      if ((endpoint.inputs.vpcEndpointType ?? 'Gateway') !== 'Gateway') yield 'it costs by the hour';
      const tables = [
        ...textsOf(endpoint.inputs.routeTableIds),
        ...all(stack, 'ec2:VpcEndpointRouteTableAssociation').map(({ inputs }) =>
          String(inputs.routeTableId),
        ),
      ];
      const tier = stack.settings.network.egress === 'public' ? 'public' : 'private';
      for (const subnet of subnetsOf(stack, tier))
        if (!tables.some((table) => isAbout(stack, table, wayOf(stack, subnet).table))) yield subnet.name;
    },
  },
  {
    name: 'interface endpoints are there where they are asked for, with names in DNS, and nowhere else',
    *check(stack) {
      const found = all(stack, 'ec2:VpcEndpoint').filter(
        ({ inputs }) => inputs.vpcEndpointType === 'Interface',
      );
      const services = found.map(({ inputs }) => String(inputs.serviceName));
      if (!stack.settings.network.interfaceEndpoints) {
        if (found.length > 0) yield `not asked for: ${services.join()}`;
        return;
      }
      for (const wanted of INTERFACES)
        if (!services.includes(`com.amazonaws.${stack.place.region}.${wanted}`)) yield `none for ${wanted}`;
      for (const { name, inputs } of found) {
        if (inputs.privateDnsEnabled !== true) yield `${name} has no name`;
        if (listOf(inputs.securityGroupIds).length === 0) yield `${name} is in the default group`;
        if (listOf(inputs.subnetIds).length !== stack.settings.network.zones)
          yield `${name} is not in every zone`;
      }
    },
  },
  {
    name: 'connections are logged where it is asked for, all of them',
    *check(stack) {
      const logs = all(stack, 'ec2:FlowLog');
      if (logs.length !== (stack.settings.network.flowLogs ? 1 : 0)) yield `${logs.length} flow logs`;
      for (const { inputs } of logs)
        if (inputs.trafficType !== 'ALL') yield `of ${String(inputs.trafficType)} alone`;
    },
  },
  {
    name: "nothing works in the VPC's own security group",
    *check(stack) {
      const { inputs } = one(stack, 'ec2:DefaultSecurityGroup');
      if (listOf(inputs.ingress).length + listOf(inputs.egress).length > 0) yield 'it lets something through';
    },
  },
];
