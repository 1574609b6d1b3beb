// Where alarms are told: a topic that only what watches this account may write to, and by choice a mail. Knows no alarm.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { policyDocument } from './policy-document.ts';
import type { Watched } from './watched.ts';

/** @returns its ARN, known once it can be written to */
export function makeAlarmTopic(
  { settings, key }: Pick<Watched, 'settings' | 'key'>,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const topic = new aws.sns.Topic(
    `${settings.name}-alarms`,
    {
      displayName: `${settings.name} alarms`,
      // With AWS's own key for topics CloudWatch could not write: its policy can not be changed. Without a key SNS still encrypts its disks.
      ...(key.arn === undefined ? {} : { kmsMasterKeyId: key.arn }),
    },
    options,
  );
  const { accountId } = aws.getCallerIdentityOutput({}, options);
  const may = { Action: ['sns:Publish'], Resource: [topic.arn] };
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': accountId } };
  const policy = new aws.sns.TopicPolicy(
    `${settings.name}-alarms`,
    {
      arn: topic.arn,
      policy: policyDocument([
        {
          ...{ Sid: 'Alarms', ...may, Condition: ofThisAccount },
          Principal: { Service: 'cloudwatch.amazonaws.com' },
        },
        {
          ...{ Sid: 'Budgets', ...may, Condition: ofThisAccount },
          Principal: { Service: 'budgets.amazonaws.com' },
        },
        // EventBridge does not say on whose behalf it writes to a topic: with a condition it would never be heard.
        { ...{ Sid: 'StoppedTasks', ...may }, Principal: { Service: 'events.amazonaws.com' } },
      ]),
    },
    options,
  );
  const { email } = settings.alarms;
  if (email !== undefined)
    new aws.sns.TopicSubscription(
      `${settings.name}-alarms-email`,
      { topic: topic.arn, protocol: 'email', endpoint: email },
      options,
    );
  return policy.arn;
}
