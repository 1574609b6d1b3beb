// Rules about what is there by choice: API Gateway, Cognito, OpenSearch.
import { differs, each, type Rule } from '../rule.ts';
import { all, at, listOf, one, textsOf } from '../stack.ts';

export const CHOICES: Rule[] = [
  {
    name: 'API Gateway asks for its key, counts by plans, and can be seen at work',
    when: ({ gateway }) => gateway.enabled,
    *check(stack) {
      const { requestsPerSecond, burst, requestsPerMonth } = stack.settings.gateway;
      const methods = all(stack, 'apigateway:Method');
      if (methods.length === 0 || !methods.every(({ inputs }) => inputs.apiKeyRequired === true))
        yield 'without a key one is let in';
      const plan = one(stack, 'apigateway:UsagePlan').inputs;
      const wrong = differs(
        'plan',
        [
          at(plan, 'throttleSettings.rateLimit'),
          at(plan, 'throttleSettings.burstLimit'),
          at(plan, 'quotaSettings.limit'),
        ],
        [requestsPerSecond, burst, requestsPerMonth],
      );
      if (wrong !== undefined) yield wrong;
      if (all(stack, 'apigateway:UsagePlanKey').length === 0) yield 'no key is of the plan';
      if (at(one(stack, 'apigateway:MethodSettings').inputs, 'settings.metricsEnabled') !== true)
        yield 'it can not be seen';
      if (listOf(one(stack, 'apigateway:RestApi').inputs.binaryMediaTypes).length === 0)
        yield 'pictures are broken on the way';
      for (const { name, inputs } of all(stack, 'apigateway:Integration'))
        if (inputs.connectionType !== 'VPC_LINK') yield `${name} goes by the internet`;
    },
  },
  {
    name: 'what is not asked for is not there',
    *check(stack) {
      const { gateway, signIn, logSearch, monthlyBudgetUsd } = stack.settings;
      const parts: [isWanted: boolean, kinds: string][] = [
        [gateway.enabled, 'apigateway:RestApi'],
        [signIn, 'cognito:UserPool'],
        [logSearch.enabled, 'opensearch:Domain'],
        [monthlyBudgetUsd !== undefined, 'budgets:Budget'],
      ];
      for (const [isWanted, kind] of parts) {
        const found = all(stack, kind).length;
        if (found !== (isWanted ? 1 : 0)) yield `${kind}: ${found}`;
      }
    },
  },
  each(
    ...(['cognito:UserPool', 'people log in with a long password and a second factor if they like'] as const),
    ({ inputs, protect }, { settings }) => [
      Number(at(inputs, 'passwordPolicy.minimumLength')) < 12 && 'short passwords will do',
      !['OPTIONAL', 'ON'].includes(String(inputs.mfaConfiguration)) && 'there is no second factor',
      differs(
        'deletionProtection',
        inputs.deletionProtection ?? 'INACTIVE',
        settings.protect ? 'ACTIVE' : 'INACTIVE',
      ),
      differs('protect', protect, settings.protect),
    ],
    ({ signIn }) => signIn,
  ),
  each(
    ...([
      'cognito:UserPoolClient',
      'who logs in is not told whether others exist, and by no old way',
    ] as const),
    ({ inputs }) => [
      differs('preventUserExistenceErrors', inputs.preventUserExistenceErrors, 'ENABLED'),
      textsOf(inputs.allowedOauthFlows).includes('implicit') && 'tokens stand in addresses',
      differs('enableTokenRevocation', inputs.enableTokenRevocation ?? true, true),
    ],
    ({ signIn }) => signIn,
  ),
  each(
    ...([
      'opensearch:Domain',
      'the search for logs is private, encrypted, over TLS, and for named roles',
    ] as const),
    ({ inputs }, { settings }) => [
      differs('encryptAtRest', at(inputs, 'encryptAtRest.enabled'), true),
      differs('nodeToNodeEncryption', at(inputs, 'nodeToNodeEncryption.enabled'), true),
      differs('enforceHttps', at(inputs, 'domainEndpointOptions.enforceHttps'), true),
      listOf(at(inputs, 'vpcOptions.subnetIds')).length === 0 && 'it is public',
      differs('instanceType', at(inputs, 'clusterConfig.instanceType'), settings.logSearch.instanceType),
    ],
    ({ logSearch }) => logSearch.enabled,
  ),
  {
    name: 'logs of tasks stream to the search, and what does not arrive is kept',
    when: ({ logSearch }) => logSearch.enabled,
    *check(stack) {
      const filters = all(stack, 'cloudwatch:LogSubscriptionFilter').map(({ inputs }) =>
        String(inputs.logGroup),
      );
      for (const process of ['api', 'worker'])
        if (!filters.some((group) => group.includes(`${stack.settings.name}-${process}`)))
          yield `not of ${process}`;
      const { inputs } = one(stack, 'kinesis:FirehoseDeliveryStream');
      if (inputs.destination !== 'opensearch') yield `to ${String(inputs.destination)}`;
      if (at(inputs, 'opensearchConfiguration.s3Configuration.bucketArn') === undefined)
        yield 'what does not arrive is lost';
    },
  },
];
