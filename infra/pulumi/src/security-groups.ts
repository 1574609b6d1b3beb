// Who may speak to whom, by port. Groups name groups, so that no address has to be known. From everywhere only the load balancer is reached.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Network } from './network.ts';
import type { Settings } from './settings.ts';

export interface SecurityGroupsArgs {
  settings: Settings;
  network: Pick<Network, 'vpcId' | 's3PrefixListId'>;
}

const API = 3000;
const POSTGRESQL = 5432;
const VALKEY = 6379;
const HTTP = 80;
const HTTPS = 443;
/** Webhooks and images to fetch may be at other ports that are common for the web. */
const WEB = [HTTP, HTTPS, 8080, 8443];
const EVERYWHERE = '0.0.0.0/0';

interface Group {
  name: string;
  id: pulumi.Output<string>;
}
interface Others {
  name: string;
  cidrIpv4?: string;
  prefixListId?: pulumi.Output<string>;
}

export class SecurityGroups extends pulumi.ComponentResource {
  readonly balancerId: pulumi.Output<string>;
  readonly apiId: pulumi.Output<string>;
  readonly workerId: pulumi.Output<string>;
  readonly databaseId: pulumi.Output<string>;
  readonly cacheId: pulumi.Output<string>;
  readonly endpointsId: pulumi.Output<string>;
  readonly gatewayLinkId: pulumi.Output<string>;
  readonly #stack: string;

  constructor(
    name: string,
    { settings, network }: SecurityGroupsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('tintype:index:SecurityGroups', name, {}, options);
    this.#stack = settings.name;
    const make = (what: string, description: string) => this.#makeGroup(network.vpcId, what, description);
    const balancer = make('balancer', 'Load balancer: reached from everywhere.');
    const api = make('api', 'API: reached by the load balancer.');
    const worker = make('worker', 'Workers and one-off tasks: reached by nobody.');
    const database = make('database', 'PostgreSQL: reached by tasks, reaches nobody.');
    const cache = make('cache', 'Valkey: reached by tasks, reaches nobody.');
    const endpoints = make('endpoints', 'Endpoints of AWS services: reached by tasks, reach nobody.');
    const gatewayLink = make('gateway-link', 'API Gateway: reaches the load balancer.');

    // Without a certificate nothing listens at the one, with it the other only sends there.
    for (const port of settings.domain === undefined ? [HTTP] : [HTTP, HTTPS])
      this.#openToWorld(balancer, port);
    this.#connect(balancer, api, API);
    const balancerPort = settings.domain === undefined ? HTTP : HTTPS;
    if (settings.gateway.enabled) this.#connect(gatewayLink, balancer, balancerPort);
    for (const task of [api, worker]) {
      this.#connect(task, database, POSTGRESQL);
      this.#connect(task, cache, VALKEY);
      if (settings.network.interfaceEndpoints) this.#connect(task, endpoints, HTTPS);
    }
    if (settings.network.egress === 'endpoints') {
      const s3 = { name: 's3', prefixListId: network.s3PrefixListId };
      for (const task of [api, worker]) this.#letOut(task, s3, HTTPS);
    } else {
      const world = { name: 'world', cidrIpv4: EVERYWHERE };
      this.#letOut(api, world, HTTPS);
      for (const port of WEB) this.#letOut(worker, world, port);
    }
    this.balancerId = balancer.id;
    this.apiId = api.id;
    this.workerId = worker.id;
    this.databaseId = database.id;
    this.cacheId = cache.id;
    this.endpointsId = endpoints.id;
    this.gatewayLinkId = gatewayLink.id;
    this.registerOutputs({});
  }

  #makeGroup(vpcId: pulumi.Output<string>, what: string, description: string): Group {
    const name = `${this.#stack}-${what}`;
    const { id } = new aws.ec2.SecurityGroup(
      name,
      { vpcId, description, tags: { Name: name } },
      { parent: this },
    );
    return { name: what, id };
  }

  #openToWorld(group: Group, port: number): void {
    new aws.vpc.SecurityGroupIngressRule(
      `${this.#stack}-${group.name}-from-world-${port}`,
      { ...tcp(port), ...said('everybody', group.name), securityGroupId: group.id, cidrIpv4: EVERYWHERE },
      { parent: this },
    );
  }

  /** Both halves: `from` may go out to `to`, and `to` lets it in. */
  #connect(from: Group, to: Group, port: number): void {
    new aws.vpc.SecurityGroupEgressRule(
      `${this.#stack}-${from.name}-to-${to.name}`,
      {
        ...tcp(port),
        ...said(from.name, to.name),
        securityGroupId: from.id,
        referencedSecurityGroupId: to.id,
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${this.#stack}-${to.name}-from-${from.name}`,
      {
        ...tcp(port),
        ...said(from.name, to.name),
        securityGroupId: to.id,
        referencedSecurityGroupId: from.id,
      },
      { parent: this },
    );
  }

  #letOut(from: Group, { name, ...to }: Others, port: number): void {
    new aws.vpc.SecurityGroupEgressRule(
      `${this.#stack}-${from.name}-to-${name}-${port}`,
      { ...tcp(port), ...said(from.name, name), securityGroupId: from.id, ...to },
      { parent: this },
    );
  }
}

const said = (from: string, to: string) => ({ description: `${from} to ${to}` });
const tcp = (port: number) => ({ ipProtocol: 'tcp', fromPort: port, toPort: port });
