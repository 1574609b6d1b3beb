// The key of one's own that everything stored is encrypted with, by choice. Knows which AWS services must use it by themselves.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { policyDocument, type Statement } from './policy-document.ts';
import type { Settings } from './settings.ts';

interface EncryptionKeyArgs {
  settings: Settings;
}

export class EncryptionKey extends pulumi.ComponentResource {
  /** Undefined: AWS's own keys encrypt. */
  readonly arn: pulumi.Output<string> | undefined;

  constructor(name: string, { settings }: EncryptionKeyArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:EncryptionKey', name, {}, options);
    const parent = { parent: this };
    if (settings.ownKey) {
      const key = new aws.kms.Key(
        `${settings.name}-key`,
        {
          description: `${settings.name}: pictures, database, queue, secrets, logs and images of containers`,
          enableKeyRotation: true,
          deletionWindowInDays: settings.protect ? 30 : 7,
          policy: policyDocument(statementsOf(settings, parent)),
          tags: { Name: `${settings.name}-key` },
        },
        { ...parent, protect: settings.protect },
      );
      new aws.kms.Alias(
        `${settings.name}-alias`,
        { namePrefix: `alias/${settings.name}-`, targetKeyId: key.keyId },
        parent,
      );
      this.arn = key.arn;
    }
    this.registerOutputs({ arn: this.arn });
  }
}

/** In a key's policy, `*` is this key alone. */
const THIS_KEY = ['*'];

function statementsOf({ cdn }: Settings, parent: pulumi.InvokeOptions): Statement[] {
  const { accountId } = aws.getCallerIdentityOutput({}, parent);
  const { partition } = aws.getPartitionOutput({}, parent);
  const { region } = aws.getRegionOutput({}, parent);
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': accountId } };
  const statements: Statement[] = [
    {
      // AWS's own pattern: the policies of the account's roles decide. Without it nobody could ever change or delete the key.
      ...{ Sid: 'RolesOfTheAccount', Action: ['kms:*'], Resource: THIS_KEY },
      Principal: { AWS: pulumi.interpolate`arn:${partition}:iam::${accountId}:root` },
    },
    {
      ...{ Sid: 'Logs', Action: [...USE, 'kms:DescribeKey'], Resource: THIS_KEY },
      Principal: { Service: pulumi.interpolate`logs.${region}.amazonaws.com` },
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': pulumi.interpolate`arn:${partition}:logs:${region}:${accountId}:*`,
        },
      },
    },
    {
      // They write to the topic of the alarms, which is encrypted.
      ...{ Sid: 'Alarms', Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: THIS_KEY },
      Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
      Condition: ofThisAccount,
    },
    {
      // EventBridge does not say on whose behalf it writes to a topic: with a condition it would never be heard.
      ...{ Sid: 'StoppedTasks', Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: THIS_KEY },
      Principal: { Service: 'events.amazonaws.com' },
    },
  ];
  if (cdn.enabled) {
    // The distribution needs the bucket, and the bucket the key: one distribution can not be named here, those of the account can.
    const distributions = pulumi.interpolate`arn:${partition}:cloudfront::${accountId}:distribution/*`;
    statements.push({
      ...{ Sid: 'Pictures', Action: ['kms:Decrypt'], Resource: THIS_KEY },
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { ArnLike: { 'aws:SourceArn': distributions } },
    });
  }
  return statements;
}

const USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];
