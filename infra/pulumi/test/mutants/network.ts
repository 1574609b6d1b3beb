// Mistakes in the network: addresses, routes, endpoints, doors.
import { type Mutant, on } from '../mutant.ts';

export const IN_NETWORK: readonly Mutant[] = [
  // Seen on the smallest stack.
  ...on('small', [
    {
      name: 'subnets give out public addresses',
      file: 'subnets.js',
      find: 'mapPublicIpOnLaunch: false',
      replace: 'mapPublicIpOnLaunch: true',
    },
    {
      name: 'all subnets of a kind have the same addresses',
      file: 'cidrs.js',
      find: '(first + zone) * 2 ** sizeBits',
      replace: 'first * 2 ** sizeBits',
    },
    {
      name: 'all subnets lie in one zone',
      file: 'subnets.js',
      find: 'zoneOf(all, zone)',
      replace: 'zoneOf(all, 0)',
    },
    {
      ...{ name: 'the database can reach the internet', file: 'routes.js' },
      ...{
        find: "makeTable(place, 'isolated', [])",
        replace: "makeTable(place, 'isolated', [{ cidrBlock: EVERYWHERE, gatewayId: internet.id }])",
      },
    },
    {
      name: 'names do not lead to endpoints',
      file: 'network.js',
      find: 'enableDnsHostnames: true',
      replace: 'enableDnsHostnames: false',
    },
    {
      name: 'the api is open to the world',
      file: 'security-groups.js',
      find: 'this.#openToWorld(balancer, port)',
      replace: 'this.#openToWorld(api, port)',
    },
    {
      name: 'the balancer reaches the workers',
      file: 'security-groups.js',
      find: 'this.#connect(balancer, api, API);',
      replace: 'this.#connect(balancer, api, API); this.#connect(balancer, worker, API);',
    },
    {
      name: 'the database is behind another port',
      file: 'security-groups.js',
      find: 'const POSTGRESQL = 5432',
      replace: 'const POSTGRESQL = 5433',
    },
    {
      name: 'workers may send mail',
      file: 'security-groups.js',
      find: '[HTTP, HTTPS, 8080, 8443]',
      replace: '[HTTP, HTTPS, 8080, 8443, 25]',
    },
    {
      name: 'doors are for all protocols',
      file: 'security-groups.js',
      find: "ipProtocol: 'tcp'",
      replace: "ipProtocol: '-1'",
    },
  ]),
  {
    name: 'one NAT gateway instead of one a zone',
    file: 'routes.js',
    find: "egress === 'nat' ?",
    replace: 'true ?',
  },
  {
    name: 'every zone gets out by the first one',
    file: 'routes.js',
    find: 'nats[zone] ?? nats[0]',
    replace: 'nats[0]',
  },
  {
    name: 'pictures go by NAT gateways',
    file: 'network.js',
    find: "vpcEndpointType: 'Gateway', routeTableIds,",
    replace: "vpcEndpointType: 'Gateway', routeTableIds: routeTableIds.slice(0, 1),",
  },
  {
    name: 'tasks get public addresses',
    file: 'network.js',
    find: "egress === 'public' ? subnetIds.public : subnetIds.private",
    replace: 'subnetIds.public',
  },
  {
    name: 'secrets can not be read without the internet',
    file: 'endpoints.js',
    find: "'secretsmanager', ",
    replace: '',
    profiles: ['endpoints'],
  },
  {
    name: 'endpoints have no name',
    file: 'endpoints.js',
    find: 'privateDnsEnabled: true',
    replace: 'privateDnsEnabled: false',
    profiles: ['endpoints'],
  },
  {
    name: 'endpoints cost where nobody asked for them',
    file: 'endpoints.js',
    find: 'if (settings.network.interfaceEndpoints)',
    replace: 'if (true)',
    profiles: ['small'],
  },
  {
    name: 'only refused connections are logged',
    file: 'flow-log.js',
    find: "trafficType: 'ALL'",
    replace: "trafficType: 'REJECT'",
  },
  {
    name: 'the balancer answers at a third port',
    file: 'security-groups.js',
    find: '[HTTP, HTTPS])',
    replace: '[HTTP, HTTPS, 8080])',
  },
  {
    name: 'tasks without a way out are let out',
    file: 'security-groups.js',
    find: "settings.network.egress === 'endpoints'",
    replace: "settings.network.egress === 'none'",
    profiles: ['endpoints'],
  },
];
