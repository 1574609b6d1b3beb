// The ways out of each subnet: by the internet gateway, by NAT gateways, or none. Knows no name of an AWS service.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Kind } from './cidrs.ts';
import type { Settings } from './settings.ts';
import type { Subnets } from './subnets.ts';

export interface Routes {
  tableIds: pulumi.Output<string>[];
  /** Known only once their way out is there: what is put into them may count on it. */
  subnetIds: Record<Kind, pulumi.Output<string>[]>;
}

interface Place {
  settings: Settings;
  vpcId: pulumi.Output<string>;
  options: pulumi.CustomResourceOptions;
}
type Ways = aws.types.input.ec2.RouteTableRoute[];

const EVERYWHERE = '0.0.0.0/0';

export function makeRoutes(place: Place, subnets: Subnets): Routes {
  const { settings, vpcId, options } = place;
  const { name } = settings;
  const internet = new aws.ec2.InternetGateway(`${name}-internet`, { vpcId, tags: { Name: name } }, options);
  const open = makeTable(place, 'public', [{ cidrBlock: EVERYWHERE, gatewayId: internet.id }]);
  const nats = makeNats(place, subnets.public, internet);
  // Each zone has a table of its own, whichever way out there is: to change the way moves no subnet.
  const closed = subnets.private.map((_, zone) => {
    const nat = nats[zone] ?? nats[0];
    const ways = nat === undefined ? [] : [{ cidrBlock: EVERYWHERE, natGatewayId: nat.id }];
    return makeTable(place, `private-${zone}`, ways);
  });
  const isolated = makeTable(place, 'isolated', []);
  const join = (kind: Kind, tableOf: (zone: number) => aws.ec2.RouteTable | undefined) =>
    subnets[kind].map((subnet, zone) => joinTable(place, { kind, zone, subnet, table: tableOf(zone) }));
  return {
    tableIds: [open, ...closed, isolated].map(({ id }) => id),
    subnetIds: {
      public: join('public', () => open),
      private: join('private', (zone) => closed[zone]),
      isolated: join('isolated', () => isolated),
    },
  };
}

function makeTable({ settings, vpcId, options }: Place, what: string, routes: Ways): aws.ec2.RouteTable {
  const name = `${settings.name}-${what}`;
  return new aws.ec2.RouteTable(name, { vpcId, routes, tags: { Name: name } }, options);
}

interface Joint {
  kind: Kind;
  zone: number;
  subnet: aws.ec2.Subnet;
  table: aws.ec2.RouteTable | undefined;
}

function joinTable(
  { settings, options }: Place,
  { kind, zone, subnet, table }: Joint,
): pulumi.Output<string> {
  if (table === undefined) throw new Error(`${kind} subnet ${zone} has no route table.`);
  const { id } = new aws.ec2.RouteTableAssociation(
    `${settings.name}-${kind}-${zone}`,
    { subnetId: subnet.id, routeTableId: table.id },
    options,
  );
  return pulumi.all([subnet.id, id]).apply(([subnetId]) => subnetId);
}

/** None, one, or one a zone; in the public subnets, each with an address that stays. */
function makeNats(
  { settings, options }: Place,
  publicSubnets: aws.ec2.Subnet[],
  internet: aws.ec2.InternetGateway,
): aws.ec2.NatGateway[] {
  const { egress } = settings.network;
  if (egress !== 'nat' && egress !== 'nat-per-zone') return [];
  const homes = egress === 'nat' ? publicSubnets.slice(0, 1) : publicSubnets;
  return homes.map((subnet, zone) => {
    const name = `${settings.name}-nat-${zone}`;
    const afterInternet = { ...options, dependsOn: [internet] };
    const address = new aws.ec2.Eip(name, { domain: 'vpc', tags: { Name: name } }, afterInternet);
    return new aws.ec2.NatGateway(
      name,
      { subnetId: subnet.id, allocationId: address.allocationId, tags: { Name: name } },
      afterInternet,
    );
  });
}
