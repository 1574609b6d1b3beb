// The cloud that is not there: what it answers to questions, and what its resources say of themselves. Deterministic; knows no component.
import { createHash } from 'node:crypto';
import { conceal, type Inputs, type Json } from './recorded.ts';
import { UnknownQuestion } from './unknown-question.ts';

/** Where a stack is set up. Nothing of it may be in the program. */
export interface Place {
  region: string;
  partition: string;
  dnsSuffix: string;
  accountId: string;
}

export const HOME: Place = {
  ...{ region: 'eu-west-1', partition: 'aws', dnsSuffix: 'amazonaws.com', accountId: '210987654321' },
};
/** Everything is called differently there. */
export const ELSEWHERE: Place = {
  ...{ region: 'cn-north-1', partition: 'aws-cn', dnsSuffix: 'amazonaws.com.cn', accountId: '345678901234' },
};

/** @param token e.g. aws:index/getRegion:getRegion @throws UnknownQuestion for any other data source than the few that are told */
export function answer(token: string, inputs: Inputs, place: Place): Inputs {
  const answers: Record<string, Inputs> = {
    'aws:index/getRegion:getRegion': { id: place.region, name: place.region, region: place.region },
    'aws:index/getPartition:getPartition': {
      id: place.partition,
      partition: place.partition,
      dnsSuffix: place.dnsSuffix,
    },
    'aws:index/getCallerIdentity:getCallerIdentity': {
      id: place.accountId,
      accountId: place.accountId,
      arn: `arn:${place.partition}:iam::${place.accountId}:role/deployer`,
      userId: 'AROAEXAMPLE',
    },
    'aws:index/getAvailabilityZones:getAvailabilityZones': {
      id: place.region,
      names: ['a', 'b', 'c'].map((letter) => `${place.region}${letter}`),
      zoneIds: ['az1', 'az2', 'az3'],
    },
    'aws:ec2/getManagedPrefixList:getManagedPrefixList': { ...inputs, id: `pl-${String(inputs.name ?? '')}` },
    'aws:ecr/getAuthorizationToken:getAuthorizationToken': {
      ...{
        id: place.region,
        authorizationToken: conceal('dG9rZW4='),
        userName: 'AWS',
        password: conceal('password-of-the-registry'),
      },
      proxyEndpoint: `https://${place.accountId}.dkr.ecr.${place.region}.${place.dnsSuffix}`,
    },
  };
  const found = answers[token];
  if (found === undefined) throw new UnknownQuestion(token);
  return found;
}

/** What a resource's id is; it tells type and name, so that what refers to it can be read. */
export function idOf(type: string, name: string): string {
  const short = type.split(':').at(-1) ?? type;
  return `${short.charAt(0).toLowerCase()}${short.slice(1)}/${name}`;
}

const BUCKET = 'aws:s3/bucket:Bucket';

/** ARN of a resource that has one. Those of buckets alone tell neither region nor account. */
export function arnOf(type: string, name: string, place: Place): string {
  if (type === BUCKET) return `arn:${place.partition}:s3:::${idOf(type, name)}`;
  const service = type.split(':')[1]?.split('/')[0] ?? 'none';
  return `arn:${place.partition}:${service}:${place.region}:${place.accountId}:${idOf(type, name)}`;
}

/** Inputs, and what AWS would add to them. */
export function stateOf(type: string, name: string, inputs: Inputs, place: Place): Inputs {
  const arn = arnOf(type, name, place);
  const common: Inputs = type.startsWith('aws:')
    ? { arn, name: `${name}-0a1b2c3`, region: place.region }
    : {};
  const own = OUTPUTS[type]?.(name, { ...inputs }, { arn, place }) ?? {};
  return { ...common, ...inputs, ...own };
}

/** Random enough: another name has others. */
const digitsOf = (name: string): string => createHash('sha256').update(name).digest('hex');

type Outputs = (name: string, inputs: Inputs, at: { arn: string; place: Place }) => Inputs;

const suffixed: Outputs = (name, _inputs, { arn }) => ({ arnSuffix: arn.split(':').at(-1) ?? name });
const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** Only what the program reads. What is not told here, and is no input, the program finds undefined, which a rule complains of. */
const OUTPUTS: Record<string, Outputs> = {
  'aws:ec2/vpc:Vpc': (name) => ({
    defaultSecurityGroupId: idOf('x:DefaultGroup', name),
    mainRouteTableId: `rtb-${name}`,
  }),
  'aws:ec2/eip:Eip': (name) => ({ publicIp: '198.51.100.7', allocationId: idOf('ec2:Eip', name) }),
  'aws:ec2/vpcEndpoint:VpcEndpoint': (name) => ({ prefixListId: `pl-${name}` }),
  'aws:lb/loadBalancer:LoadBalancer': (name, inputs, at) => ({
    ...suffixed(name, inputs, at),
    dnsName: `${name}-1.${at.place.region}.elb.${at.place.dnsSuffix}`,
    zoneId: 'Z32O12XQLNTSW2',
  }),
  'aws:lb/targetGroup:TargetGroup': suffixed,
  'aws:acm/certificate:Certificate': (_name, inputs) => ({
    domainValidationOptions: [inputs.domainName ?? '', ...list(inputs.subjectAlternativeNames)].map(
      (domain) => ({
        domainName: domain,
        resourceRecordName: `_validation.${String(domain)}.`,
        resourceRecordType: 'CNAME',
        resourceRecordValue: `_answer.${String(domain)}.acm-validations.aws.`,
      }),
    ),
  }),
  'aws:acm/certificateValidation:CertificateValidation': (_name, inputs) => ({
    certificateArn: inputs.certificateArn ?? '',
  }),
  'aws:route53/record:Record': (_name, inputs) => ({ fqdn: String(inputs.name ?? '') }),
  [BUCKET]: (name, _inputs, { place }) => ({
    bucket: `${name}-0a1b2c3`,
    bucketDomainName: `${name}-0a1b2c3.s3.${place.dnsSuffix}`,
    bucketRegionalDomainName: `${name}-0a1b2c3.s3.${place.region}.${place.dnsSuffix}`,
  }),
  'aws:rds/instance:Instance': (name, _inputs, { arn, place }) => ({
    identifier: `${name}-0a1b2c3`,
    address: `${name}.db.${place.region}.rds.${place.dnsSuffix}`,
    endpoint: `${name}.db.${place.region}.rds.${place.dnsSuffix}:5432`,
    port: 5432,
    masterUserSecrets: [{ secretArn: `${arn}-master-secret`, secretStatus: 'active', kmsKeyId: 'key' }],
  }),
  'aws:elasticache/replicationGroup:ReplicationGroup': (name, inputs, { place }) => ({
    replicationGroupId: `${name}-0a1b2c3`,
    primaryEndpointAddress: `${name}.cache.${place.region}.${place.dnsSuffix}`,
    readerEndpointAddress: `${name}-ro.cache.${place.region}.${place.dnsSuffix}`,
    configurationEndpointAddress: `${name}.cfg.cache.${place.region}.${place.dnsSuffix}`,
    port: 6379,
    memberClusters: Array.from(
      {
        length: Number(
          inputs.numCacheClusters ?? Number(inputs.numNodeGroups) * (Number(inputs.replicasPerNodeGroup) + 1),
        ),
      },
      (_, index) => `${name}-00${index + 1}`,
    ),
  }),
  'random:index/randomPassword:RandomPassword': (name) => ({
    result: conceal(`password-of-${name}`),
    bcryptHash: conceal('hash'),
  }),
  'random:index/randomId:RandomId': (name, inputs) => ({
    hex: digitsOf(name).slice(0, 2 * Number(inputs.byteLength)),
  }),
  'aws:ecr/repository:Repository': (name, _inputs, { place }) => ({
    registryId: place.accountId,
    repositoryUrl: `${place.accountId}.dkr.ecr.${place.region}.${place.dnsSuffix}/${name}-0a1b2c3`,
  }),
  'docker-build:index:Image': (name, inputs) => {
    const digest = `sha256:${'7'.repeat(64)}`;
    const repository = String(list(inputs.tags)[0] ?? name).replace(/:[^:/]+$/, '');
    return { digest, ref: `${repository}@${digest}`, contextHash: `hash-of-${name}` };
  },
  'aws:ecs/taskDefinition:TaskDefinition': (_name, _inputs, { arn }) => ({
    arn: `${arn}:1`,
    arnWithoutRevision: arn,
    revision: 1,
  }),
  'aws:cloudfront/distribution:Distribution': (name) => ({
    domainName: `${name}.cloudfront.net`,
    hostedZoneId: 'Z2FDTNDATAQYW2',
    etag: 'E1',
  }),
  'aws:cloudfront/function:Function': () => ({ etag: 'E1' }),
  'aws:cloudfront/originAccessControl:OriginAccessControl': () => ({ etag: 'E1' }),
  'aws:opensearch/domain:Domain': (name, _inputs, { place }) => ({
    domainName: `${name}-0a1b2c3`,
    endpoint: `vpc-${name}.${place.region}.es.${place.dnsSuffix}`,
    dashboardEndpoint: `vpc-${name}.${place.region}.es.${place.dnsSuffix}/_dashboards`,
  }),
  'aws:apigateway/restApi:RestApi': (_name, _inputs, { arn }) => ({
    rootResourceId: 'root',
    executionArn: `${arn}-execution`,
  }),
  'aws:apigateway/stage:Stage': (name, _inputs, { place }) => ({
    invokeUrl: `https://api-1.execute-api.${place.region}.${place.dnsSuffix}/${name}`,
  }),
  'aws:apigateway/apiKey:ApiKey': () => ({ value: conceal('key-of-the-gateway') }),
  'aws:cognito/userPool:UserPool': (name, _inputs, { place }) => ({
    endpoint: `cognito-idp.${place.region}.${place.dnsSuffix}/${name}`,
  }),
  'aws:cognito/userPoolClient:UserPoolClient': () => ({ clientSecret: 'secret-of-the-client' }),
  'aws:kms/key:Key': (name) => ({ keyId: `key-${name}` }),
  'aws:secretsmanager/secretVersion:SecretVersion': () => ({ versionId: 'version-1' }),
  'command:local:Command': () => ({ stdout: '', stderr: '' }),
};
