// Rules about what the world meets first: balancer, names, certificates, WAF.
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, isAbout, listOf, one, type Stack, textsOf } from '../stack.ts';

const BALANCER = 'lb:LoadBalancer';
const DISTRIBUTION = 'cloudfront:Distribution';

const listenersOf = (stack: Stack, protocol: string): Recorded[] =>
  all(stack, 'lb:Listener').filter(({ inputs }) => (inputs.protocol ?? 'HTTP') === protocol);

/** Types of all actions of a listener, and of its rules. */
const actionsOf = (stack: Stack, listener: Recorded): string[] =>
  [
    listener,
    ...all(stack, 'lb:ListenerRule').filter(({ inputs }) => behind(stack, inputs.listenerArn) === listener),
  ]
    .flatMap(({ inputs }) => [...listOf(inputs.defaultActions), ...listOf(inputs.actions)])
    .map((action) => String(at(action, 'type')));

const rulesOf = (acl: Recorded) => listOf(acl.inputs.rules);

export const EDGE: Rule[] = [
  each(BALANCER, 'the balancer is public, in every public subnet, behind its group', ({ inputs }, stack) => {
    const subnets = textsOf(inputs.subnets).map((id) => behind(stack, id)?.name ?? id);
    return [
      differs('internal', inputs.internal ?? false, false),
      differs(
        'subnets',
        subnets.filter((name) => name.includes('-public')).length,
        stack.settings.network.zones,
      ),
      differs(
        'groups',
        textsOf(inputs.securityGroups).map((id) => behind(stack, id)?.name),
        [`${stack.settings.name}-balancer`],
      ),
    ];
  }),
  each(BALANCER, 'what two servers might read differently does not pass the balancer', ({ inputs }) => [
    differs('dropInvalidHeaderFields', inputs.dropInvalidHeaderFields, true),
    !['defensive', 'strictest'].includes(String(inputs.desyncMitigationMode)) &&
      'requests can hide behind each other',
    differs('xffHeaderProcessingMode', inputs.xffHeaderProcessingMode ?? 'append', 'append'),
  ]),
  each(
    BALANCER,
    'a protected balancer is not deleted by mistake, another one goes',
    ({ inputs }, { settings }) =>
      differs('enableDeletionProtection', inputs.enableDeletionProtection ?? false, settings.protect),
  ),
  each(
    BALANCER,
    'requests are logged to the bucket of logs, which lets the balancer write by then',
    (balancer, stack) => {
      const bucket = one(stack, 's3:Bucket', '-logs');
      const policies = all(stack, 's3:BucketPolicy').filter(({ inputs }) =>
        isAbout(stack, inputs.bucket, bucket),
      );
      return [
        differs('enabled', at(balancer.inputs, 'accessLogs.enabled'), true),
        !isAbout(stack, at(balancer.inputs, 'accessLogs.bucket'), bucket) && 'elsewhere',
        !policies.some(({ urn }) => balancer.dependencies.includes(urn)) && 'it may not write yet',
      ];
    },
  ),
  each(
    BALANCER,
    'the balancer outwaits the longest answer, and the api outwaits the balancer',
    ({ inputs }, { settings }) => {
      const idle = Number(inputs.idleTimeout);
      const wait = Number(settings.environment.MAX_WAIT_SECONDS ?? 60);
      const keptAlive = Number(settings.environment.KEEP_ALIVE_MS ?? 75_000) / 1000;
      return [
        idle <= wait && `${idle} s are no more than ${wait} s`,
        idle >= keptAlive && `${idle} s are no less than ${keptAlive} s`,
      ];
    },
  ),
  each(
    'lb:TargetGroup',
    'targets are tasks, asked whether they are ready, with time to end their uploads',
    ({ inputs }) => [
      differs('targetType', inputs.targetType, 'ip'),
      differs('port', [inputs.port, inputs.protocol], [3000, 'HTTP']),
      differs('path', at(inputs, 'healthCheck.path'), '/readyz'),
      !(Number(inputs.deregistrationDelay) >= 60 && Number(inputs.deregistrationDelay) <= 120) &&
        `they have ${String(inputs.deregistrationDelay)} s`,
    ],
  ),
  {
    name: 'with a domain, plain HTTP only sends to TLS',
    when: ({ domain }) => domain !== undefined,
    *check(stack) {
      const plain = listenersOf(stack, 'HTTP');
      if (plain.length !== 1) yield `${plain.length} listeners`;
      for (const listener of plain) {
        if (actionsOf(stack, listener).some((type) => type !== 'redirect')) yield 'it answers by itself';
        const redirect = at(listener.inputs, 'defaultActions.0.redirect');
        if (at(redirect, 'protocol') !== 'HTTPS' || !/^HTTP_30[18]$/.test(String(at(redirect, 'statusCode'))))
          yield 'it sends elsewhere';
      }
    },
  },
  {
    name: 'with a domain, the api is behind TLS 1.3 and a certificate that is valid',
    when: ({ domain }) => domain !== undefined,
    *check(stack) {
      const [listener, ...others] = listenersOf(stack, 'HTTPS');
      if (listener === undefined || others.length > 0) return yield 'there is not one listener';
      if (!/^ELBSecurityPolicy-TLS13-1-[23]-/.test(String(listener.inputs.sslPolicy)))
        yield String(listener.inputs.sslPolicy);
      if (!actionsOf(stack, listener).includes('forward')) yield 'it answers nothing';
      const waits = listener.dependencies.some((urn) => urn.includes('CertificateValidation'));
      if (!waits) yield 'it does not wait for the certificate';
    },
  },
  {
    name: 'without a domain, the api answers by plain HTTP',
    when: ({ domain }) => domain === undefined,
    *check(stack) {
      if (listenersOf(stack, 'HTTPS').length > 0) yield 'there is TLS without a certificate';
      if (!listenersOf(stack, 'HTTP').some((listener) => actionsOf(stack, listener).includes('forward')))
        yield 'nothing answers';
      if (all(stack, 'acm:Certificate', 'route53:Record').length > 0) yield 'there are names of nobody';
      if (!String(stack.outputs.url).startsWith('http://')) yield `at ${String(stack.outputs.url)}`;
    },
  },
  {
    name: 'the name leads to the service, and proves itself by DNS',
    when: ({ domain }) => domain !== undefined,
    *check(stack) {
      const { name, zoneId } = stack.settings.domain ?? { name: '', zoneId: '' };
      const records = all(stack, 'route53:Record');
      if (!records.every(({ inputs }) => inputs.zoneId === zoneId)) yield 'in another zone';
      const own = records.filter(({ inputs }) => inputs.name === name && listOf(inputs.aliases).length > 0);
      if (own.length === 0) yield 'it leads nowhere';
      if (!all(stack, 'acm:Certificate').every(({ inputs }) => inputs.validationMethod === 'DNS'))
        yield 'not by DNS';
      if (!records.some(({ inputs }) => String(inputs.name).startsWith('_validation.')))
        yield 'the proof is missing';
      if (stack.outputs.url !== `https://${name}`) yield `the service says ${String(stack.outputs.url)}`;
    },
  },
  {
    name: 'WAF stands before the balancer, and before CloudFront, where it was asked for',
    *check(stack) {
      const { waf, cdn } = stack.settings;
      const acls = all(stack, 'wafv2:WebAcl');
      if (acls.length !== (waf.enabled ? (cdn.enabled ? 2 : 1) : 0)) yield `there are ${acls.length}`;
      if (!waf.enabled) return;
      const { inputs } = one(stack, 'wafv2:WebAclAssociation');
      if (behind(stack, inputs.resourceArn) !== one(stack, BALANCER)) yield 'it stands before something else';
      if (behind(stack, inputs.webAclArn)?.inputs.scope !== 'REGIONAL')
        yield 'a worldwide one stands before the balancer';
      for (const acl of acls)
        if ((acl.inputs.scope === 'CLOUDFRONT') !== (acl.inputs.region === 'us-east-1'))
          yield `${acl.name} is at home in ${String(acl.inputs.region)}`;
      for (const distribution of all(stack, DISTRIBUTION))
        if (behind(stack, distribution.inputs.webAclId)?.inputs.scope !== 'CLOUDFRONT')
          yield 'nothing stands before CloudFront';
    },
  },
  each(
    ...([
      'wafv2:WebAcl',
      'WAF refuses bad addresses, known attacks and too many requests, and looks away from large bodies',
    ] as const),
    (acl, { settings }) => {
      const groups = rulesOf(acl).map((rule) => String(at(rule, 'statement.managedRuleGroupStatement.name')));
      const rate = rulesOf(acl).find((rule) => at(rule, 'statement.rateBasedStatement') !== undefined);
      const common = rulesOf(acl).find(
        (rule) => at(rule, 'statement.managedRuleGroupStatement.name') === 'AWSManagedRulesCommonRuleSet',
      );
      const counted = listOf(at(common, 'statement.managedRuleGroupStatement.ruleActionOverrides'))
        .filter((each) => at(each, 'actionToUse.count') !== undefined)
        .map((each) => at(each, 'name'));
      const wanted = [
        'AWSManagedRulesAmazonIpReputationList',
        'AWSManagedRulesKnownBadInputsRuleSet',
        'AWSManagedRulesCommonRuleSet',
      ];
      return [
        ...wanted.map((group) => !groups.includes(group) && `it lacks ${group}`),
        differs('limit', at(rate, 'statement.rateBasedStatement.limit'), settings.waf.requestsPerAddress),
        at(rate, 'action.block') === undefined && 'too many requests are let in',
        !counted.includes('SizeRestrictions_BODY') && 'uploads are refused',
        rulesOf(acl).some(
          (rule) =>
            at(rule, 'statement.managedRuleGroupStatement') !== undefined &&
            at(rule, 'overrideAction.none') === undefined,
        ) && 'a group only counts',
      ];
    },
    ({ waf }) => waf.enabled,
  ),
];
