// Rules about buckets.
import { conditionValues, permissionsOf } from '../policies.ts';
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, isAbout, listOf, one, type Stack } from '../stack.ts';

/** The resource of a kind that speaks of this bucket. @throws Error where there is none, or several */
function about(stack: Stack, kind: string, bucket: Recorded): Recorded {
  const found = all(stack, kind).filter(({ inputs }) => isAbout(stack, inputs.bucket, bucket));
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${bucket.name} has ${found.length} of ${kind}`);
  return first;
}

const images = (stack: Stack) => one(stack, 's3:Bucket', '-images');
const BUCKET = 's3:Bucket';
const CLOSED = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'];

export const BUCKETS: Rule[] = [
  each(BUCKET, 'every bucket is closed to the public in all four ways', (bucket, stack) => {
    const { inputs } = about(stack, 's3:BucketPublicAccessBlock', bucket);
    return CLOSED.map((way) => differs(way, inputs[way], true));
  }),
  each(BUCKET, 'who owns the bucket owns all that is in it', (bucket, stack) => {
    const { inputs } = about(stack, 's3:BucketOwnershipControls', bucket);
    return differs('ownership', at(inputs, 'rule.objectOwnership'), 'BucketOwnerEnforced');
  }),
  each(BUCKET, 'every bucket speaks over TLS alone', (bucket, stack) => {
    const policy = about(stack, 's3:BucketPolicy', bucket);
    const denied = permissionsOf(stack).find(
      ({ resource, effect, condition, actions, principal }) =>
        resource === policy &&
        effect === 'Deny' &&
        actions.includes('s3:*') &&
        principal === '*' &&
        conditionValues(condition, 'aws:SecureTransport').includes('false'),
    );
    if (denied === undefined) return 'it does not';
    const whole = denied.resources.some((arn) => isAbout(stack, arn, bucket));
    return whole && denied.resources.some((arn) => arn.endsWith('/*'))
      ? undefined
      : 'not for all that is in it';
  }),
  each(BUCKET, 'half an upload goes after a day', (bucket, stack) => {
    const { inputs } = about(stack, 's3:BucketLifecycleConfiguration', bucket);
    const days = listOf(inputs.rules)
      .filter((rule) => at(rule, 'status') === 'Enabled')
      .map((rule) => at(rule, 'abortIncompleteMultipartUpload.daysAfterInitiation'));
    return days.includes(1) ? undefined : 'it stays, and costs';
  }),
  {
    name: 'what was overwritten or deleted of pictures can be brought back for thirty days, and then goes',
    *check(stack) {
      const versioning = about(stack, 's3:BucketVersioning', images(stack));
      if (at(versioning.inputs, 'versioningConfiguration.status') !== 'Enabled') yield 'it can not';
      const { inputs } = about(stack, 's3:BucketLifecycleConfiguration', images(stack));
      const days = listOf(inputs.rules).map((rule) => at(rule, 'noncurrentVersionExpiration.noncurrentDays'));
      if (!days.includes(30)) yield 'it stays';
      const markers = listOf(inputs.rules).map((rule) => at(rule, 'expiration.expiredObjectDeleteMarker'));
      if (!markers.includes(true)) yield 'its marks stay';
    },
  },
  {
    name: 'no rule throws a picture away that is in use',
    *check(stack) {
      const { inputs } = about(stack, 's3:BucketLifecycleConfiguration', images(stack));
      for (const rule of listOf(inputs.rules))
        if (at(rule, 'expiration.days') !== undefined || at(rule, 'expiration.date') !== undefined)
          yield String(at(rule, 'id'));
    },
  },
  {
    name: 'logs of requests go when other logs go',
    *check(stack) {
      const { inputs } = about(stack, 's3:BucketLifecycleConfiguration', one(stack, BUCKET, '-logs'));
      const days = listOf(inputs.rules).map((rule) => at(rule, 'expiration.days'));
      if (!days.includes(stack.settings.logs.retentionDays)) yield 'they stay';
    },
  },
  each(BUCKET, 'what lies in a bucket is encrypted, pictures with the key of one’s own', (bucket, stack) => {
    const { inputs } = about(stack, 's3:BucketServerSideEncryptionConfiguration', bucket);
    const rule = listOf(inputs.rules)[0];
    const by = 'applyServerSideEncryptionByDefault';
    if (bucket.name.endsWith('-logs') || !stack.settings.ownKey)
      return differs('its cipher', at(rule, `${by}.sseAlgorithm`), 'AES256');
    const isOurs = isAbout(stack, at(rule, `${by}.kmsMasterKeyId`), one(stack, 'kms:Key'));
    return [
      !isOurs && 'it is encrypted with another key',
      differs('its cipher', at(rule, `${by}.sseAlgorithm`), 'aws:kms'),
      differs('a key of the bucket', at(rule, 'bucketKeyEnabled'), true),
    ];
  }),
  each(
    BUCKET,
    'a protected bucket stays, another one goes with all that is in it',
    ({ inputs, protect }, { settings }) => [
      differs('forceDestroy', inputs.forceDestroy ?? false, !settings.protect),
      differs('protect', protect, settings.protect),
    ],
  ),
  {
    name: 'of pictures, CloudFront reads what was made of them, for distributions of this account alone',
    *check(stack) {
      const policy = about(stack, 's3:BucketPolicy', images(stack));
      const granted = permissionsOf(stack).filter(
        ({ resource, effect }) => resource === policy && effect === 'Allow',
      );
      if (granted.length !== (stack.settings.cdn.enabled ? 1 : 0)) yield `${granted.length} are let in`;
      for (const { actions, resources, principal, condition } of granted) {
        if (at(principal, 'Service') !== 'cloudfront.amazonaws.com') yield 'others read as well';
        if (actions.join() !== 's3:GetObject') yield `it may ${actions.join()}`;
        if (!resources.every((arn) => arn.endsWith('/*/derived/*'))) yield `it reads ${resources.join()}`;
        const account = stack.place.accountId;
        if (!conditionValues(condition, 'aws:SourceAccount').includes(account)) yield 'for any account';
      }
    },
  },
  {
    name: 'who writes into the bucket of logs writes for this account alone',
    *check(stack) {
      const policy = about(stack, 's3:BucketPolicy', one(stack, BUCKET, '-logs'));
      const granted = permissionsOf(stack).filter(
        ({ resource, effect }) => resource === policy && effect === 'Allow',
      );
      if (granted.length === 0) yield 'nobody does';
      for (const { sid, actions, resources, condition } of granted) {
        const { accountId } = stack.place;
        const isBound =
          resources.every((arn) => arn.endsWith(`/AWSLogs/${accountId}/*`)) ||
          conditionValues(condition, 'aws:SourceAccount').includes(accountId);
        if (!isBound) yield `${sid} is for any account`;
        if (actions.some((action) => !['s3:PutObject', 's3:GetBucketAcl'].includes(action)))
          yield `${sid} may ${actions.join()}`;
      }
    },
  },
  {
    name: 'the bucket’s policy waits until the bucket is closed',
    *check(stack) {
      for (const policy of all(stack, 's3:BucketPolicy')) {
        const bucket =
          behind(stack, policy.inputs.bucket) ??
          all(stack, BUCKET).find((each) => isAbout(stack, policy.inputs.bucket, each));
        if (bucket === undefined) yield `${policy.name} is of no bucket`;
        else if (!policy.dependencies.includes(about(stack, 's3:BucketPublicAccessBlock', bucket).urn))
          yield policy.name;
      }
    },
  },
  {
    name: 'browsers may send files from the service’s own pages alone',
    *check(stack) {
      const { domain } = stack.settings;
      const rules = all(stack, 's3:BucketCorsConfiguration').flatMap(({ inputs }) =>
        listOf(inputs.corsRules),
      );
      if (rules.length !== (domain === undefined ? 0 : 1)) yield `${rules.length} rules`;
      for (const rule of rules) {
        const wrong = differs('origins', at(rule, 'allowedOrigins'), [`https://${domain?.name}`]);
        if (wrong !== undefined) yield wrong;
        if (listOf(at(rule, 'allowedMethods')).join() !== 'PUT') yield 'they may do more than put';
      }
    },
  },
];
