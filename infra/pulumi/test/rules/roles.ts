// Rules about who may do what: each role's actions are known here, and each wildcard has a reason.
import { conditionValues, type Permission, permissionsOf } from '../policies.ts';
import { each, type Rule } from '../rule.ts';
import { all, at, behind, type Stack, textsOf } from '../stack.ts';

const PULL = [
  'ecr:GetAuthorizationToken',
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer',
];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const START = [...PULL, ...LOG, 'secretsmanager:GetSecretValue', 'kms:Decrypt'];
const STORE = [
  ...['s3:ListBucket', 's3:ListBucketMultipartUploads', 's3:GetObject', 's3:PutObject'],
  ...['s3:DeleteObject', 's3:AbortMultipartUpload', 'kms:Decrypt', 'kms:GenerateDataKey'],
];
const PROTECT = ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'];

/** By the end of its name: what a role may do. Who needs more has to say so here. */
const ALLOWED: Record<string, string[]> = {
  execution: START,
  'migrate-start': START,
  api: STORE,
  worker: [...STORE, ...PROTECT],
  migrate: [],
  traffic: [],
  flows: [...LOG, 'logs:DescribeLogGroups', 'logs:DescribeLogStreams', 'logs:CreateLogGroup'],
  'forward-logs': ['firehose:PutRecordBatch', ...LOG],
  'log-stream': [
    ...[
      's3:AbortMultipartUpload',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      's3:PutObject',
    ],
    ...[
      'es:DescribeDomain',
      'es:DescribeDomains',
      'es:DescribeDomainConfig',
      'es:ESHttpPost',
      'es:ESHttpPut',
      'es:ESHttpGet',
    ],
    ...[
      'ec2:DescribeVpcs',
      'ec2:DescribeVpcAttribute',
      'ec2:DescribeSubnets',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeNetworkInterfaces',
    ],
    ...['ec2:CreateNetworkInterface', 'ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface'],
    ...['logs:PutLogEvents', 'kms:Decrypt', 'kms:GenerateDataKey'],
  ],
};

/** What stands in the trust of a role: the service that takes it. */
const TAKEN_BY: Record<string, string> = {
  ...{
    execution: 'ecs-tasks',
    'migrate-start': 'ecs-tasks',
    api: 'ecs-tasks',
    worker: 'ecs-tasks',
    migrate: 'ecs-tasks',
  },
  ...{ traffic: 'ecs', flows: 'vpc-flow-logs', 'forward-logs': 'lambda', 'log-stream': 'firehose' },
};

/** Actions with a wildcard, and why. */
const WILD_ACTIONS: Record<string, string> = {
  'kms:*': 'AWS’s own pattern: the account’s policies decide about its key',
  's3:*': 'denied, not allowed',
  'kms:ReEncrypt*': 'from and to: CloudWatch Logs wants both',
  'kms:GenerateDataKey*': 'with and without its plain text',
};

/** Everything about pictures is only ever denied, and everything about a key only ever said by the key itself. */
function isReasonable(action: string, { effect, role }: Permission): boolean {
  if (action === 's3:*') return effect === 'Deny';
  if (action === 'kms:*') return role === undefined;
  return WILD_ACTIONS[action] !== undefined;
}

/** AWS knows no narrower resource for them, or the document itself belongs to one. */
const WILD_RESOURCES = [/^ecr:GetAuthorizationToken$/, /^kms:/, /^ec2:Describe/, /^logs:DescribeLogGroups$/];

/** AWS does not tell that these say for whom they take a role; who hands them one must be let to. */
const SILENT = ['lambda.amazonaws.com', 'firehose.amazonaws.com', 'ecs.amazonaws.com'];

/** Firehose makes them in subnets of the stack, and nobody knows their names before. */
const INTERFACES = /:network-interface\/\*$/;

const allowed = (stack: Stack): Permission[] =>
  permissionsOf(stack).filter(({ effect, isTrust }) => effect === 'Allow' && !isTrust);

const writtenBy = (stack: Stack, role: string): string[] =>
  allowed(stack)
    .filter((permission) => permission.role === role && permission.actions.includes('s3:PutObject'))
    .flatMap(({ resources }) => resources);

const shortOf = (stack: Stack, role: string): string => role.slice(stack.settings.name.length + 1);

const tell = ({ resource, sid }: Permission): string => `${resource.name} ${sid}`;

export const ROLES: Rule[] = [
  {
    name: 'every role may do what is known of it, and nothing else',
    *check(stack) {
      for (const permission of allowed(stack)) {
        if (permission.role === undefined) continue;
        const known = ALLOWED[shortOf(stack, permission.role)];
        if (known === undefined) yield `nobody knows the role ${permission.role}`;
        for (const action of permission.actions)
          if (known !== undefined && !known.includes(action)) yield `${tell(permission)}: ${action}`;
      }
    },
  },
  {
    name: 'every role is known, and taken by the one service that it is for',
    *check(stack) {
      for (const { name, inputs } of all(stack, 'iam:Role')) {
        const service = TAKEN_BY[shortOf(stack, name)];
        if (service === undefined) yield `nobody knows ${name}`;
        const trust = permissionsOf(stack).filter(
          ({ resource, isTrust }) => isTrust && resource.name === name,
        );
        const found = trust.flatMap(({ principal }) => textsOf(at(principal, 'Service')));
        if (found.join() !== `${service}.amazonaws.com`) yield `${name} is taken by ${found.join()}`;
        if (textsOf(inputs.managedPolicyArns).length > 0) yield `${name} has policies that are not seen here`;
      }
    },
  },
  {
    name: 'a role is taken for this account alone',
    *check(stack) {
      for (const permission of permissionsOf(stack).filter(({ isTrust }) => isTrust)) {
        if (SILENT.includes(String(at(permission.principal, 'Service')))) continue;
        const accounts = conditionValues(permission.condition, 'aws:SourceAccount');
        if (accounts.join() !== stack.place.accountId) yield tell(permission);
      }
    },
  },
  {
    name: 'no action has a wildcard without a reason',
    *check(stack) {
      for (const permission of permissionsOf(stack))
        for (const action of permission.actions.filter((each) => each.includes('*')))
          if (!isReasonable(action, permission)) yield `${tell(permission)}: ${action}`;
    },
  },
  {
    name: 'no resource is everything, save where AWS knows nothing narrower',
    *check(stack) {
      for (const permission of allowed(stack)) {
        if (!permission.resources.includes('*')) continue;
        for (const action of permission.actions) {
          if (!WILD_RESOURCES.some((pattern) => pattern.test(action))) yield `${tell(permission)}: ${action}`;
          if (action.startsWith('kms:') && permission.role !== undefined)
            yield `${tell(permission)}: any key`;
        }
      }
    },
  },
  {
    name: 'no document says what is not meant, instead of what is',
    *check(stack) {
      for (const permission of permissionsOf(stack))
        if (permission.inverted.length > 0) yield tell(permission);
    },
  },
  {
    name: 'nobody hands on a role, or makes one',
    *check(stack) {
      for (const permission of allowed(stack))
        for (const action of permission.actions)
          if (/^(iam|sts|organizations):/.test(action)) yield `${tell(permission)}: ${action}`;
    },
  },
  {
    name: 'everybody is let in nowhere',
    *check(stack) {
      for (const permission of permissionsOf(stack))
        if (
          permission.effect === 'Allow' &&
          (permission.principal === '*' || at(permission.principal, 'AWS') === '*')
        )
          yield tell(permission);
    },
  },
  {
    name: 'a role reaches the bucket of pictures, the secrets and the logs of this stack alone',
    *check(stack) {
      for (const permission of allowed(stack)) {
        if (permission.role === undefined) continue;
        for (const arn of permission.resources)
          if (
            arn !== '*' &&
            !INTERFACES.test(arn) &&
            !arn.includes(stack.settings.name) &&
            !behind(stack, arn)
          )
            yield `${tell(permission)}: ${arn}`;
      }
    },
  },
  {
    name: 'the api never writes what is made of pictures, and the worker never what comes in',
    *check(stack) {
      for (const [role, never] of [
        ['api', 'derived'],
        ['worker', 'incoming'],
      ] as const)
        for (const arn of writtenBy(stack, `${stack.settings.name}-${role}`))
          if (arn.includes(`/${never}/`) || /bucket\/[^/]+\/\*$/.test(arn)) yield `${role}: ${arn}`;
    },
  },
  {
    name: 'who starts the services does not read the master’s password',
    *check(stack) {
      for (const permission of allowed(stack))
        if (
          permission.role === `${stack.settings.name}-execution` &&
          permission.resources.some((arn) => arn.includes('master-secret'))
        )
          yield tell(permission);
    },
  },
  {
    name: 'a key is used by the service that it is for, not by itself',
    when: ({ ownKey }) => ownKey,
    *check(stack) {
      const found = allowed(stack).filter(
        ({ role, actions }) => role !== undefined && actions.some((action) => action.startsWith('kms:')),
      );
      if (found.length === 0) yield 'nobody uses it';
      for (const permission of found)
        if (conditionValues(permission.condition, 'kms:ViaService').length === 0) yield tell(permission);
    },
  },
  each(
    'iam:Role',
    'a role has no policy that is not seen here',
    ({ inputs }) => inputs.inlinePolicies !== undefined && 'it has',
  ),
  {
    name: 'AWS’s own policies are attached where they are known',
    *check(stack) {
      for (const { name, inputs } of all(stack, 'iam:RolePolicyAttachment')) {
        const arn = String(inputs.policyArn);
        if (
          !arn.endsWith(':aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers') &&
          behind(stack, arn) === undefined
        )
          yield `${name}: ${arn}`;
      }
    },
  },
];
