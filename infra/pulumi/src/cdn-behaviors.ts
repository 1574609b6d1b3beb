// What CloudFront does by path: which requests it may answer by itself, and what makes two of them the same. Knows the API's paths, and no origin's address.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from './settings.ts';

export const API_ORIGIN = 'api';
export const PICTURES_ORIGIN = 'pictures';

/** AWS's own policies: their ids are the same in every account. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
/** All that the reader sent, but the name he called: the certificate of the origin is for its own. */
const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

const READ = ['GET', 'HEAD'];
const ALL = [...READ, 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];
/** How long browsers keep a picture of the bucket. */
const PICTURE_SECONDS = 3600;
const YEAR_SECONDS = 31_536_000;

type Behavior = aws.types.input.cloudfront.DistributionDefaultCacheBehavior;
type OrderedBehavior = aws.types.input.cloudfront.DistributionOrderedCacheBehavior;

export interface Behaviors {
  standard: Behavior;
  /** The first that matches counts. */
  ordered: OrderedBehavior[];
}

/** @param keyGroupId whose signatures open the bucket; undefined: nothing does */
export function makeBehaviors(
  settings: Settings,
  keyGroupId: pulumi.Output<string> | undefined,
  options: pulumi.CustomResourceOptions,
): Behaviors {
  const responseHeadersPolicyId = makeHeaders(settings, options).id;
  const api: Behavior = {
    ...{ targetOriginId: API_ORIGIN, allowedMethods: ALL, cachedMethods: READ, compress: true },
    // A key sent in the clear is lost by the time one is sent elsewhere: so plain HTTP is refused, not redirected.
    viewerProtocolPolicy: 'https-only',
    ...{ cachePolicyId: CACHING_DISABLED, originRequestPolicyId: ALL_VIEWER_EXCEPT_HOST },
    responseHeadersPolicyId,
  };
  const kept = { ...api, cachePolicyId: makeDeliveryPolicy(settings, options).id };
  const ordered: OrderedBehavior[] = ['/v1/images/*', '/v1/files/*'].map((pathPattern) => ({
    ...kept,
    pathPattern,
  }));
  if (keyGroupId !== undefined)
    ordered.push({
      // After the API's: a file there may have "derived" in its path.
      ...{
        pathPattern: '*/derived/*',
        targetOriginId: PICTURES_ORIGIN,
        allowedMethods: READ,
        cachedMethods: READ,
      },
      ...{ compress: false, viewerProtocolPolicy: 'redirect-to-https', cachePolicyId: CACHING_OPTIMIZED },
      ...{
        trustedKeyGroups: [keyGroupId],
        responseHeadersPolicyId: makePictureHeaders(settings, options).id,
      },
    });
  return { standard: api, ordered };
}

/** Kept as long as the API says and no second without its word; what one may see by a credential, nobody gets without it. */
function makeDeliveryPolicy(
  { name }: Settings,
  options: pulumi.CustomResourceOptions,
): aws.cloudfront.CachePolicy {
  return new aws.cloudfront.CachePolicy(
    `${name}-delivery`,
    {
      comment: `${name}: what the API lets be kept`,
      ...{ minTtl: 0, defaultTtl: 0, maxTtl: YEAR_SECONDS },
      parametersInCacheKeyAndForwardedToOrigin: {
        headersConfig: {
          headerBehavior: 'whitelist',
          headers: { items: ['Accept', 'Authorization', 'X-API-Key'] },
        },
        cookiesConfig: { cookieBehavior: 'whitelist', cookies: { items: ['__Host-tintype', 'tintype'] } },
        queryStringsConfig: { queryStringBehavior: 'all' },
        ...{ enableAcceptEncodingBrotli: true, enableAcceptEncodingGzip: true },
      },
    },
    options,
  );
}

function makeHeaders(
  { name }: Settings,
  options: pulumi.CustomResourceOptions,
): aws.cloudfront.ResponseHeadersPolicy {
  return new aws.cloudfront.ResponseHeadersPolicy(
    `${name}-headers`,
    {
      comment: `${name}: pictures are pictures, and TLS is a must`,
      securityHeadersConfig: SECURITY_HEADERS,
    },
    options,
  );
}

const SECURITY_HEADERS = {
  contentTypeOptions: { override: true },
  strictTransportSecurity: { accessControlMaxAgeSec: YEAR_SECONDS, override: true },
};

/** Objects have their type alone: what else the API says of a picture is said here. The address ends soon; a browser need not ask again before. */
function makePictureHeaders(
  { name }: Settings,
  options: pulumi.CustomResourceOptions,
): aws.cloudfront.ResponseHeadersPolicy {
  return new aws.cloudfront.ResponseHeadersPolicy(
    `${name}-pictures`,
    {
      comment: `${name}: what comes from the bucket is looked at, and does nothing`,
      securityHeadersConfig: {
        ...SECURITY_HEADERS,
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; sandbox", override: true },
      },
      customHeadersConfig: {
        items: [
          { header: 'Content-Disposition', value: 'inline', override: true },
          { header: 'Cache-Control', value: `private, max-age=${PICTURE_SECONDS}`, override: true },
        ],
      },
    },
    options,
  );
}
