// What is refused at the edge, by choice: known bad addresses, known attacks, too many requests. Knows the two edges, and no rule.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { LoadBalancer } from './load-balancer.ts';
import type { Settings } from './settings.ts';
import { type Exemption, rulesOf, visible, withHeader } from './waf-rules.ts';

export interface WafArgs {
  settings: Settings;
  loadBalancer: Pick<LoadBalancer, 'arn' | 'proxyCidrs'>;
}

/** CloudFront says by it that a request has passed its rules. */
export const EDGE_HEADER = 'x-tintype-edge';

export class Waf extends pulumi.ComponentResource {
  readonly balancerAclArn: pulumi.Output<string> | undefined;
  readonly cdnAclArn: pulumi.Output<string> | undefined;
  /** What CloudFront says in EDGE_HEADER: known to it and to the rules at the load balancer alone. */
  readonly edgeSecret: pulumi.Output<string> | undefined;

  constructor(name: string, { settings, loadBalancer }: WafArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Waf', name, {}, options);
    const parent = { parent: this };
    if (settings.waf.enabled) {
      // Readers come to the load balancer by few addresses of CloudFront and API Gateway: they are counted there, by their own.
      const exempt: Exemption[] = [];
      if (settings.cdn.enabled) {
        this.edgeSecret = makeEdgeSecret(settings, parent);
        exempt.push(withHeader(EDGE_HEADER, this.edgeSecret));
        this.cdnAclArn = makeAcl(settings, { scope: 'CLOUDFRONT', exempt: [] }, parent).arn;
      }
      if (settings.gateway.enabled) exempt.push(fromGateway(settings, loadBalancer.proxyCidrs, parent));
      const acl = makeAcl(settings, { scope: 'REGIONAL', exempt }, parent);
      this.balancerAclArn = acl.arn;
      new aws.wafv2.WebAclAssociation(
        `${settings.name}-waf`,
        { resourceArn: loadBalancer.arn, webAclArn: acl.arn },
        parent,
      );
    }
    this.registerOutputs({ balancerAclArn: this.balancerAclArn });
  }
}

function makeEdgeSecret({ name }: Settings, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
  return new random.RandomPassword(`${name}-edge`, { length: 40, special: false }, options).result;
}

/** The link of API Gateway lives in the load balancer's own networks, where nobody else does who speaks to it from there. */
function fromGateway(
  { name }: Settings,
  addresses: string[],
  options: pulumi.CustomResourceOptions,
): Exemption {
  const { arn } = new aws.wafv2.IpSet(
    `${name}-link`,
    { scope: 'REGIONAL', ipAddressVersion: 'IPV4', addresses, tags: { Name: `${name}-link` } },
    options,
  );
  return { ipSetReferenceStatement: { arn } };
}

function makeAcl(
  { name, waf }: Settings,
  { scope, exempt }: { scope: 'REGIONAL' | 'CLOUDFRONT'; exempt: Exemption[] },
  options: pulumi.CustomResourceOptions,
): aws.wafv2.WebAcl {
  const label = `${name}-${scope === 'CLOUDFRONT' ? 'cdn' : 'balancer'}`;
  return new aws.wafv2.WebAcl(
    label,
    {
      ...{ scope, defaultAction: { allow: {} }, visibilityConfig: visible(label) },
      rules: rulesOf(waf.requestsPerAddress, exempt),
      // What CloudFront needs is at home there, wherever the stack lives.
      ...(scope === 'CLOUDFRONT' ? { region: 'us-east-1' } : {}),
      tags: { Name: label },
    },
    options,
  );
}
