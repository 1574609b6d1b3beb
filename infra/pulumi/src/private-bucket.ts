// A bucket that no policy and no list can open to the world, spoken to over TLS alone. Knows nothing of what lies in it.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { policyDocument, type Statement } from './policy-document.ts';

interface PrivateBucketArgs {
  /** Undefined: S3 encrypts with a key of its own. */
  keyArn: pulumi.Output<string> | undefined;
  versioned: boolean;
  protect: boolean;
  lifecycle: aws.types.input.s3.BucketLifecycleConfigurationRule[];
  /** What the bucket's policy says beside that TLS is a must. */
  statements: (arn: pulumi.Output<string>) => Statement[];
}

export interface PrivateBucket {
  /** Known once the policy is in force: AWS tries whether it may write logs the moment it is told to. */
  name: pulumi.Output<string>;
  arn: pulumi.Output<string>;
  /** Of the region's own endpoint. */
  domain: pulumi.Output<string>;
}

export function makePrivateBucket(
  name: string,
  { keyArn, versioned, protect, lifecycle, statements }: PrivateBucketArgs,
  options: pulumi.CustomResourceOptions,
): PrivateBucket {
  const made = new aws.s3.Bucket(
    name,
    { forceDestroy: !protect, tags: { Name: name } },
    { ...options, protect },
  );
  const bucket = made.bucket;
  const closed = new aws.s3.BucketPublicAccessBlock(
    `${name}-closed`,
    {
      ...{ bucket, blockPublicAcls: true, blockPublicPolicy: true },
      ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
    },
    options,
  );
  new aws.s3.BucketOwnershipControls(
    `${name}-owner`,
    { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
    options,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    { bucket, rules: [encryptedBy(keyArn)] },
    options,
  );
  const versioning = new aws.s3.BucketVersioning(
    `${name}-versioning`,
    // A bucket that never had versions can only be said to have none, not to have suspended them.
    { bucket, versioningConfiguration: { status: versioned ? 'Enabled' : 'Disabled' } },
    options,
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    { bucket, rules: lifecycle },
    { ...options, dependsOn: [versioning] },
  );
  const policy = new aws.s3.BucketPolicy(
    `${name}-policy`,
    { bucket, policy: policyDocument([overTlsAlone(made.arn), ...statements(made.arn)]) },
    // S3 refuses two changes at once of who may do what.
    { ...options, dependsOn: [closed] },
  );
  return { name: policy.bucket, arn: made.arn, domain: made.bucketRegionalDomainName };
}

function encryptedBy(
  keyArn: pulumi.Output<string> | undefined,
): aws.types.input.s3.BucketServerSideEncryptionConfigurationRule {
  if (keyArn === undefined) return { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } };
  // One data key serves many objects for a while: else every picture is a paid request to KMS.
  return {
    applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
    bucketKeyEnabled: true,
  };
}

function overTlsAlone(arn: pulumi.Output<string>): Statement {
  return {
    ...{ Sid: 'OverTlsAlone', Effect: 'Deny', Principal: '*', Action: ['s3:*'] },
    Resource: [arn, pulumi.interpolate`${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
  };
}
