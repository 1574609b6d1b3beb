// Tells when the stack costs more than was meant. Knows no price.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Alarms } from './alarms.ts';
import type { Settings } from './settings.ts';

interface BudgetArgs {
  settings: Settings;
  alarms: Pick<Alarms, 'topicArn'>;
}

/** In percent of the budget: what was spent, and what the month will have cost if it goes on like this. */
const TOLD = [
  { threshold: 80, notificationType: 'ACTUAL' },
  { threshold: 100, notificationType: 'ACTUAL' },
  { threshold: 100, notificationType: 'FORECASTED' },
];

export class Budget extends pulumi.ComponentResource {
  constructor(name: string, { settings, alarms }: BudgetArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Budget', name, {}, options);
    new aws.budgets.Budget(
      `${settings.name}-budget`,
      {
        ...{ budgetType: 'COST', timeUnit: 'MONTHLY' },
        ...{ limitAmount: String(settings.monthlyBudgetUsd ?? 0), limitUnit: 'USD' },
        // Costs carry the tag once it is activated as a cost allocation tag in the account's billing, and 24 hours have gone by.
        costFilters: [{ name: 'TagKeyValue', values: [`user:Stack$${settings.name}`] }],
        notifications: TOLD.map((told) => ({
          ...{ ...told, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
          subscriberSnsTopicArns: [alarms.topicArn],
        })),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
