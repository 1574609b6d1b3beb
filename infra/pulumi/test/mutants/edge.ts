// Mistakes in what the world meets first.
import { type Mutant, on } from '../mutant.ts';

export const AT_THE_EDGE: readonly Mutant[] = [
  // Seen on the smallest stack.
  ...on('small', [
    {
      name: 'invalid headers pass',
      file: 'load-balancer.js',
      find: 'dropInvalidHeaderFields: true',
      replace: 'dropInvalidHeaderFields: false',
    },
    {
      name: 'requests hide behind each other',
      file: 'load-balancer.js',
      find: "desyncMitigationMode: 'defensive'",
      replace: "desyncMitigationMode: 'monitor'",
    },
    {
      name: 'the balancer hangs up before the answer',
      file: 'load-balancer.js',
      find: 'WAIT_SECONDS) + 5',
      replace: 'WAIT_SECONDS) - 5',
    },
    {
      name: 'the balancer outwaits the api',
      file: 'load-balancer.js',
      find: 'WAIT_SECONDS) + 5',
      replace: 'WAIT_SECONDS) + 500',
    },
    {
      name: 'requests are not logged',
      file: 'load-balancer.js',
      find: "prefix: 'load-balancer', enabled: true",
      replace: "prefix: 'load-balancer', enabled: false",
    },
    {
      name: 'the balancer is private',
      file: 'load-balancer.js',
      find: 'internal: false',
      replace: 'internal: true',
    },
    {
      name: 'targets are asked whether they live, not whether they are ready',
      file: 'target-groups.js',
      find: "path: '/readyz'",
      replace: "path: '/healthz'",
    },
    {
      name: 'uploads are cut off by a deployment',
      file: 'target-groups.js',
      find: 'DEREGISTRATION_SECONDS = 120',
      replace: 'DEREGISTRATION_SECONDS = 5',
    },
  ]),
  {
    name: 'the balancer can be deleted by mistake',
    file: 'load-balancer.js',
    find: 'enableDeletionProtection: settings.protect',
    replace: 'enableDeletionProtection: false',
  },
  {
    name: 'a small stack can not be destroyed',
    file: 'load-balancer.js',
    find: 'enableDeletionProtection: settings.protect',
    replace: 'enableDeletionProtection: true',
    profiles: ['small'],
  },
  {
    name: 'old TLS will do',
    file: 'listeners.js',
    find: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    replace: 'ELBSecurityPolicy-2016-08',
  },
  {
    name: 'plain HTTP is redirected for now',
    file: 'listeners.js',
    find: "statusCode: 'HTTP_301'",
    replace: "statusCode: 'HTTP_302'",
  },
  {
    name: 'an update moves traffic back',
    file: 'listeners.js',
    find: "ignoreChanges: ['actions']",
    replace: 'ignoreChanges: []',
  },
  {
    name: 'the certificate is proved by mail',
    file: 'domain.js',
    find: "validationMethod: 'DNS'",
    replace: "validationMethod: 'EMAIL'",
  },
  {
    name: 'too many requests are counted, and let in',
    file: 'waf-rules.js',
    find: 'action: { block: { customResponse: { responseCode: 429 } } }',
    replace: 'action: { count: {} }',
  },
  {
    name: 'uploads are refused for their size',
    file: 'waf-rules.js',
    find: "    'SizeRestrictions_BODY',\n",
    replace: '',
  },
  {
    name: 'known attacks are counted, and let in',
    file: 'waf-rules.js',
    find: 'overrideAction: { none: {} }',
    replace: 'overrideAction: { count: {} }',
  },
  {
    name: 'WAF stands before nothing',
    file: 'waf.js',
    find: 'resourceArn: loadBalancer.arn',
    replace: 'resourceArn: acl.arn',
  },
  {
    name: 'the rules of CloudFront are at home in the stack’s region',
    file: 'waf.js',
    find: "{ region: 'us-east-1' }",
    replace: '{}',
  },
  {
    name: 'readers may speak old TLS',
    file: 'cdn.js',
    find: "minimumProtocolVersion: 'TLSv1.2_2021'",
    replace: "minimumProtocolVersion: 'TLSv1'",
  },
  {
    name: 'CloudFront speaks to the api in the clear',
    file: 'cdn.js',
    find: "'http-only' : 'https-only'",
    replace: "'http-only' : 'http-only'",
  },
  {
    name: 'CloudFront does not sign for the bucket',
    file: 'cdn.js',
    find: "signingBehavior: 'always'",
    replace: "signingBehavior: 'never'",
  },
  {
    name: 'whoever knows a path reads the picture',
    file: 'cdn-behaviors.js',
    find: 'trustedKeyGroups: [keyGroupId]',
    replace: 'trustedKeyGroups: []',
  },
  {
    name: 'what comes from the bucket may run scripts',
    file: 'cdn-behaviors.js',
    find: "default-src 'none'; sandbox",
    replace: 'default-src *',
  },
  {
    name: 'one reader gets what another one may see',
    file: 'cdn-behaviors.js',
    find: "'Authorization', ",
    replace: '',
  },
  {
    name: 'answers of the api are kept',
    file: 'cdn-behaviors.js',
    find: 'cachePolicyId: CACHING_DISABLED',
    replace: 'cachePolicyId: CACHING_OPTIMIZED',
  },
  {
    name: 'API Gateway asks for no key',
    file: 'gateway.js',
    find: 'apiKeyRequired: true',
    replace: 'apiKeyRequired: false',
  },
  {
    name: 'API Gateway goes by the internet',
    file: 'gateway.js',
    find: "connectionType: 'VPC_LINK'",
    replace: "connectionType: 'INTERNET'",
  },
  {
    name: 'a plan counts wrongly',
    file: 'gateway.js',
    find: 'limit: gateway.requestsPerMonth',
    replace: 'limit: gateway.burst',
  },
  {
    name: 'there is no second factor',
    file: 'sign-in.js',
    find: "mfaConfiguration: 'OPTIONAL'",
    replace: "mfaConfiguration: 'OFF'",
  },
];
