// Rules of the web ACLs: what is refused, what is only counted, and why. Knows not where they stand.
import type * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';

export type Rule = aws.types.input.wafv2.WebAclRule;
export type Exemption = aws.types.input.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatement;

/**
 * Bodies here are pictures, which are larger than what is looked at, and whose bytes and metadata (XMP is XML) look like an attack now and then. And not
 * every program says its name. These are counted, so that one sees them.
 */
const COUNTED = [
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'NoUserAgent_HEADER',
];

export const visible = (metricName: string) => ({
  ...{ metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true },
});

/** @param limit requests of one address in five minutes @param exempt whose requests are not counted */
export function rulesOf(limit: number, exempt: Exemption[]): Rule[] {
  return [
    managed(0, 'AWSManagedRulesAmazonIpReputationList'),
    {
      ...{
        name: 'TooManyRequests',
        priority: 1,
        action: { block: { customResponse: { responseCode: 429 } } },
      },
      statement: {
        rateBasedStatement: {
          ...{ limit, aggregateKeyType: 'IP', evaluationWindowSec: 300 },
          ...(exempt.length === 0
            ? {}
            : { scopeDownStatement: { notStatement: { statement: anyOf(exempt) } } }),
        },
      },
      visibilityConfig: visible('TooManyRequests'),
    },
    managed(2, 'AWSManagedRulesKnownBadInputsRuleSet'),
    managed(3, 'AWSManagedRulesCommonRuleSet', COUNTED),
  ];
}

function managed(priority: number, name: string, counted: string[] = []): Rule {
  const ruleActionOverrides = counted.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    ...{ name, priority, overrideAction: { none: {} }, visibilityConfig: visible(name) },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides } },
  };
}

/** Of one there is no choice: AWS refuses it. */
function anyOf(statements: Exemption[]): Exemption {
  const [first, ...others] = statements;
  return first !== undefined && others.length === 0 ? first : { orStatement: { statements } };
}

/** Requests with this header. */
export function withHeader(name: string, value: pulumi.Output<string>): Exemption {
  return {
    byteMatchStatement: {
      ...{ fieldToMatch: { singleHeader: { name } }, searchString: value, positionalConstraint: 'EXACTLY' },
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
}
