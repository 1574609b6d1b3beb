// Who may do what: a role for each kind of task, and those by which ECS starts them. Knows what the application calls, and no task.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Buckets } from './buckets.ts';
import type { Cluster, LogGroup } from './cluster.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { Images } from './images.ts';
import { assumeRoleBy, policyDocument, type Statement } from './policy-document.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';

export interface RolesArgs {
  settings: Pick<Settings, 'name'>;
  cluster: Pick<Cluster, 'name' | 'logGroups'>;
  images: Pick<Images, 'repositoryArns'>;
  buckets: Pick<Buckets, 'imagesArn'>;
  secrets: Pick<Secrets, 'databaseUrlArn' | 'queueUrlArn' | 'cdnPrivateKeyArn' | 'masterSecretArn'>;
  key: Pick<EncryptionKey, 'arn'>;
}

export class Roles extends pulumi.ComponentResource {
  /** By which ECS pulls images, writes logs and reads secrets for api and worker. */
  readonly executionRoleArn: pulumi.Output<string>;
  /** The same for the migration, which alone sees the password of the database's administrator. */
  readonly migrateExecutionRoleArn: pulumi.Output<string>;
  readonly apiTaskRoleArn: pulumi.Output<string>;
  readonly workerTaskRoleArn: pulumi.Output<string>;
  /** May do nothing. */
  readonly migrateTaskRoleArn: pulumi.Output<string>;
  /** What must be attached before a task is started. */
  readonly policies: pulumi.Resource[] = [];

  constructor(name: string, args: RolesArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Roles', name, {}, options);
    const { settings, cluster, secrets } = args;
    const place = placeOf(this);
    const trust = trustTasks(place);

    const role = (suffix: string, statements: Statement[]): pulumi.Output<string> => {
      const made = new aws.iam.Role(
        `${settings.name}-${suffix}`,
        { assumeRolePolicy: trust },
        { parent: this },
      );
      if (statements.length === 0) return made.arn;
      this.policies.push(
        new aws.iam.RolePolicy(
          `${settings.name}-${suffix}`,
          { role: made.name, policy: policyDocument(statements) },
          { parent: this },
        ),
      );
      return made.arn;
    };

    const { databaseUrlArn, queueUrlArn, cdnPrivateKeyArn, masterSecretArn } = secrets;
    const { api, worker, migrate } = cluster.logGroups;
    const read = (arns: (pulumi.Output<string> | undefined)[]) => arns.flatMap((arn) => arn ?? []);
    this.executionRoleArn = role('execution', [
      ...mayStart([api, worker], args),
      ...mayRead(read([databaseUrlArn, queueUrlArn, cdnPrivateKeyArn]), args, place),
    ]);
    this.migrateExecutionRoleArn = role('migrate-start', [
      ...mayStart([migrate], args),
      ...mayRead([databaseUrlArn, queueUrlArn, masterSecretArn], args, place),
    ]);
    this.apiTaskRoleArn = role('api', [
      ...mayStore(['original', 'incoming'], args),
      ...mayUseKey(['kms:Decrypt', 'kms:GenerateDataKey'], 's3', args, place),
    ]);
    this.workerTaskRoleArn = role('worker', [
      ...mayStore(['original', 'derived'], args),
      ...mayUseKey(['kms:Decrypt', 'kms:GenerateDataKey'], 's3', args, place),
      mayProtectTasks(cluster.name, place),
    ]);
    this.migrateTaskRoleArn = role('migrate', []);
    this.registerOutputs({});
  }
}

interface Place {
  partition: pulumi.Output<string>;
  dnsSuffix: pulumi.Output<string>;
  region: pulumi.Output<string>;
  account: pulumi.Output<string>;
}

function placeOf(parent: pulumi.Resource): Place {
  const { partition, dnsSuffix } = aws.getPartitionOutput({}, { parent });
  return {
    partition,
    dnsSuffix,
    region: aws.getRegionOutput({}, { parent }).region,
    account: aws.getCallerIdentityOutput({}, { parent }).accountId,
  };
}

/** ECS takes a role for tasks of this account and region alone, whoever else asks it to. */
function trustTasks({ partition, region, account }: Place): pulumi.Output<string> {
  return assumeRoleBy('ecs-tasks.amazonaws.com', {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': pulumi.interpolate`arn:${partition}:ecs:${region}:${account}:*` },
  });
}

function mayStart(groups: LogGroup[], { images }: Pick<RolesArgs, 'images'>): Statement[] {
  const { repositoryArns } = images;
  const pull: Statement[] = [
    // AWS knows no narrower resource for this one.
    { Sid: 'LogInToRegistry', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
    {
      Sid: 'Pull',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: repositoryArns,
    },
  ];
  return [
    ...(repositoryArns.length === 0 ? [] : pull),
    {
      Sid: 'WriteLogs',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: groups.map(({ arn }) => pulumi.interpolate`${arn}:*`),
    },
  ];
}

function mayRead(secretArns: pulumi.Output<string>[], args: RolesArgs, place: Place): Statement[] {
  return [
    { Sid: 'ReadSecrets', Action: ['secretsmanager:GetSecretValue'], Resource: secretArns },
    ...mayUseKey(['kms:Decrypt'], 'secretsmanager', args, place),
  ];
}

/** By the service alone, never by itself. */
function mayUseKey(
  actions: string[],
  service: string,
  { key }: Pick<RolesArgs, 'key'>,
  { region, dnsSuffix }: Place,
): Statement[] {
  if (key.arn === undefined) return [];
  const viaService = pulumi.interpolate`${service}.${region}.${dnsSuffix}`;
  return [
    {
      Sid: 'UseKey',
      Action: actions,
      Resource: [key.arn],
      Condition: { StringEquals: { 'kms:ViaService': viaService } },
    },
  ];
}

/** What lies in the bucket: `TENANT/original/…`, `TENANT/derived/…`, `TENANT/incoming/…`, and files that somebody else puts there. */
const OWN = ['original', 'derived', 'incoming'];

/** @param written kinds of objects that it stores */
function mayStore(written: string[], { buckets }: Pick<RolesArgs, 'buckets'>): Statement[] {
  const objects = (kinds: string[]) =>
    kinds.map((kind) => pulumi.interpolate`${buckets.imagesArn}/*/${kind}/*`);
  return [
    {
      Sid: 'List',
      // Without s3:ListBucket what is missing is answered 403, as if it were forbidden.
      Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
      Resource: [buckets.imagesArn],
    },
    { Sid: 'Read', Action: ['s3:GetObject'], Resource: [pulumi.interpolate`${buckets.imagesArn}/*`] },
    // Multipart uploads and copies are writing, too.
    { Sid: 'Write', Action: ['s3:PutObject'], Resource: objects(written) },
    { Sid: 'Remove', Action: ['s3:DeleteObject', 's3:AbortMultipartUpload'], Resource: objects(OWN) },
  ];
}

function mayProtectTasks(cluster: pulumi.Output<string>, { partition, region, account }: Place): Statement {
  return {
    Sid: 'ProtectItself',
    Action: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
    Resource: [pulumi.interpolate`arn:${partition}:ecs:${region}:${account}:task/${cluster}/*`],
  };
}
