// CloudFront before the API and before the pictures in the bucket, which it alone may read, and of which it lets none out without the API's signature.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Buckets } from './buckets.ts';
import { API_ORIGIN, makeBehaviors, PICTURES_ORIGIN } from './cdn-behaviors.ts';
import { logRequests } from './cdn-log.ts';
import { certify, lead } from './domain.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Settings } from './settings.ts';
import { EDGE_HEADER, type Waf } from './waf.ts';

export interface CdnArgs {
  settings: Settings;
  buckets: Pick<Buckets, 'imagesDomain' | 'logsArn' | 'logsName'>;
  loadBalancer: Pick<LoadBalancer, 'dnsName' | 'url' | 'idleSeconds'>;
  waf: Pick<Waf, 'cdnAclArn' | 'edgeSecret'>;
}

/** CloudFront waits no longer for the first byte, or for the next. */
const LONGEST_WAIT_SECONDS = 120;

export class Cdn extends pulumi.ComponentResource {
  /** Under a domain of one's own: https://cdn.DOMAIN. */
  readonly url: pulumi.Output<string>;
  readonly domainName: pulumi.Output<string>;
  readonly distributionArn: pulumi.Output<string>;
  readonly keyGroupId: pulumi.Output<string> | undefined;
  /** CDN_KEY_ID of the api. */
  readonly publicKeyId: pulumi.Output<string> | undefined;

  constructor(name: string, args: CdnArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Cdn', name, {}, options);
    const { settings, buckets, waf } = args;
    const parent = { parent: this };
    const key = makeKey(settings, parent);
    this.publicKeyId = key?.id;
    this.keyGroupId = key === undefined ? undefined : makeKeyGroup(settings, key, parent).id;
    const own = ownName(settings);
    const { standard, ordered } = makeBehaviors(settings, this.keyGroupId, parent);
    const distribution = new aws.cloudfront.Distribution(
      `${settings.name}-cdn`,
      {
        ...{ enabled: true, isIpv6Enabled: true, httpVersion: 'http2and3', comment: settings.name },
        // The cheapest has North America and Europe.
        priceClass: settings.profile === 'prod' ? 'PriceClass_All' : 'PriceClass_100',
        origins: [apiOrigin(args), ...(key === undefined ? [] : [picturesOrigin(args, parent)])],
        ...{ defaultCacheBehavior: standard, orderedCacheBehaviors: ordered },
        restrictions: { geoRestriction: { restrictionType: 'none' } },
        ...(own === undefined ? {} : { aliases: [own.domainName] }),
        viewerCertificate:
          own === undefined
            ? { cloudfrontDefaultCertificate: true }
            : {
                ...{ acmCertificateArn: certify({ ...own, region: 'us-east-1' }, parent) },
                ...{ sslSupportMethod: 'sni-only', minimumProtocolVersion: 'TLSv1.2_2021' },
              },
        ...(waf.cdnAclArn === undefined ? {} : { webAclId: waf.cdnAclArn }),
        tags: { Name: `${settings.name}-cdn` },
      },
      parent,
    );
    logRequests({ settings, distributionArn: distribution.arn, ...buckets }, parent);
    this.domainName = distribution.domainName;
    this.distributionArn = distribution.arn;
    const to = { dnsName: distribution.domainName, zoneId: distribution.hostedZoneId };
    this.url =
      own === undefined
        ? pulumi.interpolate`https://${distribution.domainName}`
        : lead({ ...own, to, hasIpv6: true }, parent);
    this.registerOutputs({ url: this.url });
  }
}

/** The name itself is the load balancer's: programs that upload, log in or wait long speak to it. */
function ownName({ name, domain }: Settings) {
  return domain === undefined
    ? undefined
    : { label: `${name}-cdn`, domainName: `cdn.${domain.name}`, zoneId: domain.zoneId };
}

function makeKey(
  { name, cdn }: Settings,
  options: pulumi.CustomResourceOptions,
): aws.cloudfront.PublicKey | undefined {
  if (cdn.publicKey === undefined) return undefined;
  // AWS gives it back with one line's end: without it every preview would show a change.
  return new aws.cloudfront.PublicKey(
    `${name}-key`,
    { encodedKey: `${cdn.publicKey.trim()}\n`, comment: name },
    options,
  );
}

function makeKeyGroup(
  { name }: Settings,
  key: aws.cloudfront.PublicKey,
  options: pulumi.CustomResourceOptions,
): aws.cloudfront.KeyGroup {
  return new aws.cloudfront.KeyGroup(`${name}-keys`, { items: [key.id], comment: name }, options);
}

type Origin = aws.types.input.cloudfront.DistributionOrigin;

function apiOrigin({ settings: { domain }, loadBalancer, waf }: CdnArgs): Origin {
  // Once the name leads there: before, CloudFront would ask nobody.
  const named = domain === undefined ? undefined : loadBalancer.url.apply(() => domain.name);
  return {
    ...{ originId: API_ORIGIN, domainName: named ?? loadBalancer.dnsName },
    customOriginConfig: {
      ...{ httpPort: 80, httpsPort: 443, originSslProtocols: ['TLSv1.2'] },
      originProtocolPolicy: named === undefined ? 'http-only' : 'https-only',
      originReadTimeout: Math.min(loadBalancer.idleSeconds, LONGEST_WAIT_SECONDS),
      // Less than the load balancer keeps a silent connection.
      originKeepaliveTimeout: 30,
    },
    ...(waf.edgeSecret === undefined
      ? {}
      : { customHeaders: [{ name: EDGE_HEADER, value: waf.edgeSecret }] }),
  };
}

function picturesOrigin(
  { settings: { name }, buckets }: CdnArgs,
  options: pulumi.CustomResourceOptions,
): Origin {
  const { id } = new aws.cloudfront.OriginAccessControl(
    `${name}-pictures`,
    {
      ...{ originAccessControlOriginType: 's3', signingBehavior: 'always', signingProtocol: 'sigv4' },
      description: `${name}: CloudFront to the pictures`,
    },
    options,
  );
  return { originId: PICTURES_ORIGIN, domainName: buckets.imagesDomain, originAccessControlId: id };
}
