// Rules about who may speak to whom.
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, behind, listOf, one, type Stack } from '../stack.ts';

const WORLD = ['0.0.0.0/0', '::/0'];
const INGRESS = 'vpc:SecurityGroupIngressRule';
const EGRESS = 'vpc:SecurityGroupEgressRule';

/** What a door leads from or to, and by which ports: `api:3000`, `0.0.0.0/0:443`. */
function doorsOf(stack: Stack, group: Recorded, kind: string): string[] {
  return all(stack, kind)
    .filter(({ inputs }) => behind(stack, inputs.securityGroupId) === group)
    .map(({ inputs }) => `${otherSide(stack, inputs)}:${portsOf(inputs)}`)
    .sort();
}

function otherSide(stack: Stack, inputs: Recorded['inputs']): string {
  const other = behind(stack, inputs.referencedSecurityGroupId);
  if (other !== undefined) return roleOf(stack, other);
  if (inputs.prefixListId !== undefined) return 'list';
  const block = String(inputs.cidrIpv4 ?? inputs.cidrIpv6 ?? '?');
  return block === stack.settings.network.cidr ? 'vpc' : block;
}

const portsOf = ({ ipProtocol, fromPort, toPort }: Recorded['inputs']): string =>
  ipProtocol === 'tcp' && fromPort === toPort
    ? String(fromPort)
    : `${String(ipProtocol)}/${String(fromPort)}-${String(toPort)}`;

const ROLES = ['balancer', 'api', 'worker', 'database', 'cache', 'endpoints', 'link'];

/** By the end of its name. */
function roleOf(stack: Stack, { name }: Recorded): string {
  const rest = name.slice(stack.settings.name.length + 1);
  return ROLES.find((role) => rest.includes(role)) ?? rest;
}

const groupOf = (stack: Stack, role: string): Recorded => {
  const found = all(stack, 'ec2:SecurityGroup').filter((group) => roleOf(stack, group) === role);
  const [group] = found;
  if (group === undefined || found.length > 1) throw new Error(`${found.length} groups are of ${role}`);
  return group;
};

function* unlike(found: string[], allowed: string[], needed: string[]): Generator<string> {
  for (const door of found) if (!allowed.includes(door)) yield `it has ${door}`;
  for (const door of needed) if (!found.includes(door)) yield `it lacks ${door}`;
}

/** A rule about all doors of a group: those that must be there, and those that may. */
const doors = (role: string, kind: string, name: string, needed: string[], allowed: string[] = []): Rule => ({
  name,
  check: (stack) => unlike(doorsOf(stack, groupOf(stack, role), kind), [...needed, ...allowed], needed),
});

const USERS = ['api', 'worker'];
const STORES = ['database:5432', 'cache:6379'];
const OUT = ['0.0.0.0/0:443', '::/0:443', 'list:443', 'endpoints:443', 'vpc:443'];
const NAMES = ['vpc:53', 'vpc:udp/53-53'];

export const SECURITY: Rule[] = [
  {
    name: "from anywhere, only the load balancer's 80 and 443 can be reached",
    *check(stack) {
      const balancer = groupOf(stack, 'balancer');
      const open = all(stack, INGRESS).filter(({ inputs }) =>
        WORLD.includes(String(inputs.cidrIpv4 ?? inputs.cidrIpv6)),
      );
      if (open.length === 0) yield 'nothing can be reached';
      for (const { name, inputs } of open)
        if (behind(stack, inputs.securityGroupId) !== balancer || !['80', '443'].includes(portsOf(inputs)))
          yield name;
    },
  },
  each(
    ['ec2:SecurityGroup', INGRESS, EGRESS],
    'every group and every door says what it is for',
    ({ inputs }) => (String(inputs.description ?? '').length > 3 ? undefined : 'it has no description'),
  ),
  each('ec2:SecurityGroup', 'doors are resources of their own, none is hidden in a group', ({ inputs }) =>
    listOf(inputs.ingress).length + listOf(inputs.egress).length > 0 ? 'it has some inside' : undefined,
  ),
  {
    name: 'no door is in an older way of writing, which these rules do not read',
    *check(stack) {
      for (const { name } of all(stack, 'ec2:SecurityGroupRule')) yield name;
    },
  },
  each([INGRESS, EGRESS], 'every door is for one port of one protocol', ({ inputs }) =>
    inputs.ipProtocol === '-1' || inputs.fromPort !== inputs.toPort || inputs.fromPort === undefined
      ? portsOf(inputs)
      : undefined,
  ),
  each(
    INGRESS,
    'inside, doors open for groups, not for addresses, save for who reads logs from within',
    ({ name, inputs }, { settings }) => {
      if (name === `${settings.name}-search-from-network`)
        return differs('addresses', inputs.cidrIpv4, settings.network.cidr);
      const block = inputs.cidrIpv4 ?? inputs.cidrIpv6;
      return block === undefined || WORLD.includes(String(block))
        ? undefined
        : `it opens for ${String(block)}`;
    },
  ),
  doors('worker', INGRESS, 'nobody reaches a worker', []),
  doors('api', INGRESS, 'only the load balancer reaches the api, on its one port', ['balancer:3000']),
  doors(
    ...(['database', INGRESS, 'only tasks reach the database'] as const),
    USERS.map((user) => `${user}:5432`),
  ),
  doors(
    ...(['cache', INGRESS, 'only tasks reach the queue'] as const),
    USERS.map((user) => `${user}:6379`),
  ),
  doors('database', EGRESS, 'the database reaches nobody', []),
  doors('cache', EGRESS, 'the queue reaches nobody', []),
  doors('balancer', EGRESS, 'the load balancer reaches the api alone', ['api:3000']),
  {
    name: 'the load balancer answers on 80, and with a domain on 443',
    check: (stack) => {
      const ports = stack.settings.domain === undefined ? [80] : [80, 443];
      const wanted = ports.map((port) => `0.0.0.0/0:${port}`);
      return unlike(
        doorsOf(stack, groupOf(stack, 'balancer'), INGRESS),
        [...wanted, ...ports.flatMap((port) => [`::/0:${port}`, `link:${port}`])],
        wanted,
      );
    },
  },
  {
    name: 'the api reaches its stores, and the world over TLS alone',
    check: (stack) =>
      unlike(doorsOf(stack, groupOf(stack, 'api'), EGRESS), [...STORES, ...OUT, ...NAMES], STORES),
  },
  {
    name: 'the worker reaches its stores, and what webhooks and pictures lie behind',
    check: (stack) => {
      const web = ['80', '8080', '8443'].flatMap((port) => WORLD.map((block) => `${block}:${port}`));
      const needed = stack.settings.network.egress === 'endpoints' ? STORES : [...STORES, '0.0.0.0/0:443'];
      return unlike(
        doorsOf(stack, groupOf(stack, 'worker'), EGRESS),
        [...STORES, ...OUT, ...NAMES, ...web],
        needed,
      );
    },
  },
  {
    name: 'where there is no way out, no group has one either',
    when: ({ network }) => network.egress === 'endpoints',
    *check(stack) {
      for (const role of USERS)
        for (const door of doorsOf(stack, groupOf(stack, role), EGRESS))
          if (WORLD.some((block) => door.startsWith(`${block}:`))) yield `${role} has ${door}`;
    },
  },
  {
    name: 'endpoints are reached by tasks alone, over TLS',
    when: ({ network }) => network.interfaceEndpoints,
    check: (stack) => {
      const needed = USERS.map((user) => `${user}:443`);
      return unlike(doorsOf(stack, groupOf(stack, 'endpoints'), INGRESS), needed, needed);
    },
  },
  {
    name: 'every group belongs to the VPC',
    *check(stack) {
      const vpc = one(stack, 'ec2:Vpc');
      for (const { name, inputs } of all(stack, 'ec2:SecurityGroup'))
        if (behind(stack, inputs.vpcId) !== vpc) yield differs(name, inputs.vpcId, vpc.name) ?? name;
    },
  },
];
