// The load balancer, the only way in: by TLS under a name of one's own, or by plain HTTP for a demo. Knows nothing of tasks.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Buckets } from './buckets.ts';
import { certify, lead } from './domain.ts';
import { makeListeners } from './listeners.ts';
import type { Network } from './network.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';
import { makeTargetGroups } from './target-groups.ts';

export interface LoadBalancerArgs {
  settings: Settings;
  network: Pick<Network, 'vpcId' | 'publicSubnetIds' | 'publicCidrs'>;
  securityGroups: Pick<SecurityGroups, 'balancerId'>;
  buckets: Pick<Buckets, 'logsName'>;
}

/** What the API lets a request wait when nothing is said of it: MAX_WAIT_SECONDS. */
const WAIT_SECONDS = 60;

export class LoadBalancer extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly arnSuffix: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  readonly zoneId: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  /** The one with the api's traffic. */
  readonly listenerArn: pulumi.Output<string>;
  readonly listeners: aws.lb.Listener[];
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  /** Undefined: a deployment replaces task by task, in one group. */
  readonly alternateTargetGroupArn: pulumi.Output<string> | undefined;
  readonly alternateTargetGroupArnSuffix: pulumi.Output<string> | undefined;
  /** The rule whose weights a deployment with two versions moves. */
  readonly productionRuleArn: pulumi.Output<string> | undefined;
  readonly certificateArn: pulumi.Output<string> | undefined;
  /** How long a connection may be silent. The api must keep its own longer, or requests meet a closed door: KEEP_ALIVE_MS. */
  readonly idleSeconds: number;
  /** The networks that the load balancer's own addresses are of. */
  readonly proxyCidrs: string[];
  /**
   * TRUST_PROXY of the api. The load balancer appends to X-Forwarded-For the address it is spoken to from, and the api takes the last one that no
   * trusted proxy has: whatever a client writes there itself stands before it and changes nothing.
   * By API Gateway: its link lives in the same networks, so the address before the link's counts, which API Gateway wrote.
   * By CloudFront: the address of its edge counts, not the reader's. CloudFront's networks are not trusted, because everybody's distributions send from
   * them, and any of these could claim to come from whoever it likes. So limits by address (logging in) are an edge's there.
   */
  readonly trustedProxies: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:LoadBalancer', name, {}, options);
    const { settings, network } = args;
    const parent = { parent: this };
    this.idleSeconds = idleSecondsOf(settings);
    const balancer = makeBalancer(args, this.idleSeconds, parent);
    const targetGroups = makeTargetGroups({ settings, vpcId: network.vpcId, options: parent });
    const { primary, alternate } = targetGroups;
    const own =
      settings.domain === undefined
        ? undefined
        : { label: settings.name, domainName: settings.domain.name, zoneId: settings.domain.zoneId };
    this.certificateArn = own === undefined ? undefined : certify(own, parent);
    const { main, all, rule } = makeListeners(
      { settings, balancerArn: balancer.arn, certificateArn: this.certificateArn, targetGroups },
      parent,
    );
    this.arn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.dnsName = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    const to = { dnsName: balancer.dnsName, zoneId: balancer.zoneId };
    this.url =
      own === undefined
        ? pulumi.interpolate`http://${balancer.dnsName}`
        : lead({ ...own, to, hasIpv6: false }, parent);
    this.listenerArn = main.arn;
    this.listeners = all;
    this.targetGroupArn = primary.arn;
    this.targetGroupArnSuffix = primary.arnSuffix;
    this.alternateTargetGroupArn = alternate?.arn;
    this.alternateTargetGroupArnSuffix = alternate?.arnSuffix;
    this.productionRuleArn = alternate === undefined ? undefined : rule.arn;
    this.proxyCidrs = network.publicCidrs;
    this.trustedProxies = pulumi.output(network.publicCidrs.join(','));
    this.registerOutputs({ url: this.url });
  }
}

/** Longer than an answer may keep silence: `?wait=60` is answered after a minute, or earlier. Streams of events say something every 15 s. */
function idleSecondsOf({ environment }: Settings): number {
  return Number(environment.MAX_WAIT_SECONDS ?? WAIT_SECONDS) + 5;
}

function makeBalancer(
  { settings, network, securityGroups, buckets }: LoadBalancerArgs,
  idleTimeout: number,
  options: pulumi.CustomResourceOptions,
): aws.lb.LoadBalancer {
  // AWS takes 32 characters, with the random ones that Pulumi adds.
  const name = `${settings.name}-lb`;
  return new aws.lb.LoadBalancer(
    name,
    {
      ...{ loadBalancerType: 'application', internal: false, ipAddressType: 'ipv4', idleTimeout },
      ...{ subnets: network.publicSubnetIds, securityGroups: [securityGroups.balancerId] },
      // What two servers might read differently is refused, or read again: nobody smuggles a request behind another.
      ...{ dropInvalidHeaderFields: true, desyncMitigationMode: 'defensive' },
      ...{ xffHeaderProcessingMode: 'append', enableXffClientPort: false, enableHttp2: true },
      enableDeletionProtection: settings.protect,
      accessLogs: { bucket: buckets.logsName, prefix: 'load-balancer', enabled: true },
      tags: { Name: name },
    },
    options,
  );
}
