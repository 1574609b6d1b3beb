// Rules about CloudFront: who reads what through it, and for how long it is kept.
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, listOf, textsOf } from '../stack.ts';

const DISTRIBUTION = 'cloudfront:Distribution';

const behavioursOf = ({ inputs }: Recorded) => [
  inputs.defaultCacheBehavior,
  ...listOf(inputs.orderedCacheBehaviors),
];

export const CDN: Rule[] = [
  {
    name: 'CloudFront is there where it was asked for',
    *check(stack) {
      const found = all(stack, DISTRIBUTION).length;
      if (found !== (stack.settings.cdn.enabled ? 1 : 0)) yield `${found} times`;
      if (
        (stack.outputs.cdnUrl !== undefined && stack.outputs.cdnUrl !== null) !== stack.settings.cdn.enabled
      )
        yield 'and says so wrongly';
    },
  },
  each(
    ...([
      DISTRIBUTION,
      'readers speak TLS with CloudFront, and it with the api where there is a domain',
    ] as const),
    (distribution, { settings }) => {
      const policies = behavioursOf(distribution).map((behaviour) =>
        String(at(behaviour, 'viewerProtocolPolicy')),
      );
      const own = listOf(distribution.inputs.origins).find(
        (origin) => at(origin, 'customOriginConfig') !== undefined,
      );
      const certificate = distribution.inputs.viewerCertificate;
      const isDefault = at(certificate, 'cloudfrontDefaultCertificate') === true;
      return [
        policies.includes('allow-all') && 'pictures come in the clear',
        differs(
          'the way to the api',
          at(own, 'customOriginConfig.originProtocolPolicy'),
          settings.domain === undefined ? 'http-only' : 'https-only',
        ),
        !isDefault &&
          !/^TLSv1\.2_20(21|25)|^TLSv1\.3/.test(String(at(certificate, 'minimumProtocolVersion'))) &&
          'old TLS will do',
        !['http2and3', 'http2'].includes(String(distribution.inputs.httpVersion)) && 'by HTTP/1.1 alone',
      ];
    },
    ({ cdn }) => cdn.enabled,
  ),
  each(
    ...([
      DISTRIBUTION,
      'what was made of pictures is read from the bucket by CloudFront alone, by signed addresses',
    ] as const),
    (distribution, stack) => {
      const origin = listOf(distribution.inputs.origins).find(
        (each) => at(each, 'originAccessControlId') !== undefined,
      );
      const access = behind(stack, at(origin, 'originAccessControlId'));
      const derived = listOf(distribution.inputs.orderedCacheBehaviors).find((each) =>
        String(at(each, 'pathPattern')).includes('derived'),
      );
      return [
        differs(
          'signing',
          [access?.inputs.originAccessControlOriginType, access?.inputs.signingBehavior],
          ['s3', 'always'],
        ),
        at(derived, 'targetOriginId') !== at(origin, 'originId') && 'they come from elsewhere',
        listOf(at(derived, 'trustedKeyGroups')).length === 0 && 'whoever knows the path can read them',
        behavioursOf(distribution).some(
          (each) => each !== derived && at(each, 'targetOriginId') === at(origin, 'originId'),
        ) && 'other paths lead into the bucket',
      ];
    },
    ({ cdn }) => cdn.publicKey !== undefined,
  ),
  each(
    ...([DISTRIBUTION, 'what comes from the bucket does nothing in a browser'] as const),
    (distribution, stack) => {
      const derived = listOf(distribution.inputs.orderedCacheBehaviors).find((each) =>
        String(at(each, 'pathPattern')).includes('derived'),
      );
      const headers = behind(stack, at(derived, 'responseHeadersPolicyId'))?.inputs;
      const csp = at(headers, 'securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy');
      return [
        differs('Content-Security-Policy', csp, "default-src 'none'; sandbox"),
        at(headers, 'securityHeadersConfig.contentTypeOptions.override') !== true && 'no nosniff',
        !listOf(at(headers, 'customHeadersConfig.items')).some((each) => at(each, 'value') === 'inline') &&
          'no Content-Disposition',
      ];
    },
    ({ cdn }) => cdn.publicKey !== undefined,
  ),
  each(
    ...([DISTRIBUTION, 'without a key of ours no path leads into the bucket'] as const),
    (distribution) => {
      const derived = behavioursOf(distribution).filter((each) =>
        String(at(each, 'pathPattern') ?? '').includes('derived'),
      );
      return derived.length > 0 && 'one does';
    },
    ({ cdn }) => cdn.enabled && cdn.publicKey === undefined,
  ),
  each(
    ...([DISTRIBUTION, 'what the api answers is not kept unless it says so, and for whom'] as const),
    ({ inputs }) => {
      const ours = listOf(inputs.orderedCacheBehaviors).filter(
        (each) => !String(at(each, 'pathPattern')).includes('derived'),
      );
      return [
        at(inputs, 'defaultCacheBehavior.cachePolicyId') !== '4135ea2d-6df8-44a3-9df3-4b5a84be39ad' &&
          'answers are kept',
        textsOf(at(inputs, 'defaultCacheBehavior.allowedMethods')).length !== 7 && 'not every method passes',
        ours.length === 0 && 'no picture is kept either',
      ];
    },
    ({ cdn }) => cdn.enabled,
  ),
  {
    name: 'what is kept is kept for whom it was answered: the credential is part of the key',
    when: ({ cdn }) => cdn.enabled,
    *check(stack) {
      const policies = all(stack, 'cloudfront:CachePolicy');
      if (policies.length === 0) yield 'there is no policy of ours';
      for (const { name, inputs } of policies) {
        const key = 'parametersInCacheKeyAndForwardedToOrigin';
        const headers = textsOf(at(inputs, `${key}.headersConfig.headers.items`)).map((header) =>
          header.toLowerCase(),
        );
        for (const header of ['accept', 'authorization', 'x-api-key'])
          if (!headers.includes(header)) yield `${name} lacks ${header}`;
        if (at(inputs, `${key}.queryStringsConfig.queryStringBehavior`) !== 'all')
          yield `${name} mixes addresses`;
        if (Number(inputs.minTtl ?? 0) !== 0 || Number(inputs.defaultTtl ?? 0) !== 0)
          yield `${name} keeps what must not be kept`;
      }
    },
  },
];
