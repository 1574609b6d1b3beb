// Rules about all of a stack: providers, tags, names, and what must not stand anywhere.
import type { Recorded } from '../recorded.ts';
import { each, type Rule } from '../rule.ts';
import { all, at, kindOf, listOf, objectOf, one, type Stack, textsIn } from '../stack.ts';

const custom = (stack: Stack) => stack.resources.filter((resource) => resource.custom);
const isAws = ({ type }: Recorded) => type.startsWith('aws:');

/** Lost, it can't be made again. */
const HOLDS_DATA = [
  's3:Bucket',
  'rds:Instance',
  'elasticache:ReplicationGroup',
  'kms:Key',
  'secretsmanager:Secret',
  'cognito:UserPool',
];

/** The longest name that AWS takes; Pulumi adds eight characters to a logical one. */
const LONGEST: Record<string, number> = {
  ...{ 'lb:LoadBalancer': 32, 'lb:TargetGroup': 32, 'iam:Role': 64, 'iam:RolePolicy': 128, 's3:Bucket': 63 },
  ...{
    'rds:Instance': 63,
    'rds:SubnetGroup': 255,
    'rds:ParameterGroup': 255,
    'elasticache:ReplicationGroup': 40,
  },
  ...{
    'elasticache:SubnetGroup': 255,
    'elasticache:ParameterGroup': 255,
    'ecr:Repository': 256,
    'ecs:Cluster': 255,
  },
  ...{
    'ecs:Service': 255,
    'ecs:TaskDefinition': 255,
    'opensearch:Domain': 28,
    'wafv2:WebAcl': 128,
    'sns:Topic': 256,
  },
  ...{ 'cloudwatch:MetricAlarm': 255, 'cloudwatch:EventRule': 64, 'kinesis:FirehoseDeliveryStream': 64 },
  ...{ 'cloudfront:CachePolicy': 128, 'cloudfront:OriginAccessControl': 64, 'ec2:SecurityGroup': 255 },
  ...{ 'secretsmanager:Secret': 512, 'cognito:UserPool': 128, 'apigateway:RestApi': 1024, 'kms:Alias': 256 },
  ...{
    'cloudfront:PublicKey': 128,
    'cloudfront:KeyGroup': 128,
    'cloudfront:ResponseHeadersPolicy': 128,
    'budgets:Budget': 100,
  },
};

/** What a physical name is called. */
const NAMES = [
  'name',
  'bucket',
  'identifier',
  'replicationGroupId',
  'finalSnapshotIdentifier',
  'domainName',
  'dashboardName',
];

/** Names that are DNS's or a parent's, or unique within something that is the stack's. */
const OTHERS_NAMES = [
  'route53:Record',
  'acm:Certificate',
  's3:BucketPolicy',
  'cognito:UserGroup',
  'cloudwatch:LogStream',
  'apigateway:DomainName',
];

const RANDOM_CHARACTERS = 8;

export const WHOLE: Rule[] = [
  {
    name: 'everything of AWS is made by the stack’s own provider, which tags it',
    *check(stack) {
      const provider = stack.resources.find(({ type }) => type === 'pulumi:providers:aws');
      if (provider === undefined) return yield 'there is none';
      for (const resource of custom(stack).filter(isAws))
        if (resource.provider !== provider.urn) yield `${resource.name} by ${resource.provider}`;
      const tags = JSON.parse(String(provider.inputs.defaultTags)) as { tags: Record<string, string> };
      const wanted = { Project: 'tintype', Stack: stack.settings.name, ManagedBy: 'pulumi' };
      if (JSON.stringify(tags.tags) !== JSON.stringify(wanted)) yield JSON.stringify(tags.tags);
    },
  },
  {
    name: 'questions go to the stack’s own provider too',
    *check(stack) {
      const provider = stack.resources.find(({ type }) => type === 'pulumi:providers:aws');
      const wrong = stack.questions
        .filter((question) => question.provider !== provider?.urn)
        .map(({ token }) => token);
      for (const token of new Set(wrong)) yield token;
    },
  },
  {
    name: 'everything belongs to a component, and those to the stack',
    *check(stack) {
      const root = stack.resources.find(({ type }) => type === 'tintype:index:Stack');
      const components = new Set(
        stack.resources.filter((resource) => !resource.custom).map(({ urn }) => urn),
      );
      for (const { name, type, parent, urn } of stack.resources)
        if (urn !== root?.urn && !type.startsWith('pulumi:providers:') && !components.has(parent))
          yield `${type} ${name}`;
    },
  },
  {
    name: 'no two resources are one',
    *check(stack) {
      const seen = new Set<string>();
      for (const { urn } of stack.resources) if (seen.size === seen.add(urn).size) yield urn;
    },
  },
  each(
    HOLDS_DATA,
    'what holds data is protected where it was asked for, and only there',
    ({ protect }, { settings }) => protect !== settings.protect && (settings.protect ? 'it is not' : 'it is'),
  ),
  {
    name: 'nothing is protected, or left behind, that holds no data',
    *check(stack) {
      for (const resource of custom(stack)) {
        if (resource.protect && !HOLDS_DATA.includes(kindOf(resource)))
          yield `${kindOf(resource)} ${resource.name} is protected`;
        if (resource.retainOnDelete) yield `${kindOf(resource)} ${resource.name} is left behind`;
      }
    },
  },
  {
    name: 'names are not longer than AWS takes',
    *check(stack) {
      for (const resource of custom(stack).filter(isAws)) {
        const longest = LONGEST[kindOf(resource)];
        if (longest === undefined) continue;
        const own = NAMES.map((name) => resource.inputs[name]).find((value) => typeof value === 'string');
        const length = own === undefined ? resource.name.length + RANDOM_CHARACTERS : String(own).length;
        if (length > longest)
          yield `${kindOf(resource)} ${resource.name}: ${length} characters of ${longest}`;
      }
    },
  },
  {
    name: 'every name begins with the stack’s, so that two in one account do not meet',
    *check(stack) {
      for (const resource of custom(stack).filter((each) => !each.type.startsWith('pulumi:'))) {
        if (!resource.name.startsWith(stack.settings.name)) yield `${kindOf(resource)} ${resource.name}`;
        if (OTHERS_NAMES.includes(kindOf(resource))) continue;
        for (const name of NAMES) {
          const value = resource.inputs[name];
          if (typeof value === 'string' && !value.includes(stack.settings.name))
            yield `${kindOf(resource)} ${resource.name}: ${name} is ${value}`;
        }
      }
    },
  },
  {
    name: 'no value is one that was not known',
    *check(stack) {
      for (const resource of stack.resources)
        for (const [path, text] of textsIn(resource.inputs))
          if (/undefined|\[object |Calling \[to|NaN\b/.test(text))
            yield `${resource.name}: ${path} is ${text.slice(0, 80)}`;
    },
  },
  {
    name: 'tags that are given are not those of the provider',
    *check(stack) {
      for (const { name, inputs } of custom(stack).filter(isAws))
        for (const tag of Object.keys(objectOf(inputs.tags))) if (tag !== 'Name') yield `${name}: ${tag}`;
    },
  },
  {
    name: 'the stack tells what a person, or a script, needs next',
    *check(stack) {
      const { outputs, settings } = stack;
      for (const name of [
        'url',
        'dashboardUrl',
        'bucket',
        'cluster',
        'migrateTask',
        'taskSecurityGroup',
        'version',
      ])
        if (typeof outputs[name] !== 'string' || outputs[name] === '') yield name;
      if (listOf(outputs.taskSubnets).length !== settings.network.zones) yield 'taskSubnets';
      if (!String(outputs.cluster).startsWith(settings.name)) yield `cluster is ${String(outputs.cluster)}`;
      const wanted = {
        gatewayUrl: settings.gateway.enabled,
        logSearchUrl: settings.logSearch.enabled,
        signInIssuer: settings.signIn,
      };
      for (const [name, isWanted] of Object.entries(wanted))
        if ((typeof outputs[name] === 'string' && outputs[name] !== '') !== isWanted) yield name;
    },
  },
  {
    name: 'what the stack says of its network is what its services have',
    *check(stack) {
      const { inputs } = one(stack, 'ecs:Service', '-worker');
      const told = [
        stack.outputs.taskSubnets,
        [stack.outputs.taskSecurityGroup],
        stack.outputs.tasksHavePublicAddresses,
      ];
      const had = ['subnets', 'securityGroups', 'assignPublicIp'].map((key) =>
        at(inputs, `networkConfiguration.${key}`),
      );
      if (JSON.stringify(told) !== JSON.stringify(had)) yield JSON.stringify(told);
    },
  },
  {
    name: 'only CloudFront’s things are at home elsewhere',
    *check(stack) {
      for (const resource of custom(stack).filter(isAws)) {
        const { region } = resource.inputs;
        if (region === undefined) continue;
        const isCloudFronts =
          region === 'us-east-1' &&
          (resource.inputs.scope === 'CLOUDFRONT' || /cdn|cloudfront/i.test(resource.parent));
        if (!isCloudFronts) yield `${resource.name} in ${String(region)}`;
      }
    },
  },
  {
    name: 'nothing that is said openly is a password of somebody',
    *check(stack) {
      for (const { name, inputs, secrets } of all(stack, ...[...new Set(custom(stack).map(kindOf))]))
        for (const [path, text] of textsIn(inputs))
          if (
            /password-of-|private half of a key|key-of-the-gateway|secret-of-the-client/.test(text) &&
            !secrets.includes(path.split('.')[0] ?? '')
          )
            yield `${name}: ${path}`;
    },
  },
];
