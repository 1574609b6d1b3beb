// Rules about PostgreSQL, Valkey, secrets and the key.
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, isAbout, listOf, one, type Stack, textsOf } from '../stack.ts';

const DATABASE = 'rds:Instance';
const CACHE = 'elasticache:ReplicationGroup';

/** Value of a parameter of a parameter group. */
function parameter(stack: Stack, kind: string, name: string): string | undefined {
  const { inputs } = one(stack, kind);
  const found = listOf(inputs.parameters).find((each) => at(each, 'name') === name);
  return found === undefined ? undefined : String(at(found, 'value'));
}

const isolated = (kind: string, name: string): Rule =>
  each(kind, name, ({ inputs }, stack) => {
    const subnets = textsOf(inputs.subnetIds).map((id) => behind(stack, id)?.name ?? id);
    const wrong = subnets.filter((subnet) => !subnet.includes('-isolated'));
    return subnets.length < 2
      ? 'it has less than two subnets'
      : wrong.length > 0 && `it is in ${wrong.join()}`;
  });

/** What must be encrypted with the key of one's own: kind → where it is said. */
const ENCRYPTED: Record<string, string[]> = {
  [DATABASE]: ['kmsKeyId', 'performanceInsightsKmsKeyId', 'masterUserSecretKmsKeyId'],
  [CACHE]: ['kmsKeyId'],
  'secretsmanager:Secret': ['kmsKeyId'],
  'cloudwatch:LogGroup': ['kmsKeyId'],
  'sns:Topic': ['kmsMasterKeyId'],
  'ecr:Repository': ['encryptionConfigurations.0.kmsKey'],
  'opensearch:Domain': ['encryptAtRest.kmsKeyId'],
};

export const STORES: Rule[] = [
  each(DATABASE, 'the database is private', ({ inputs }, stack) => [
    differs('publiclyAccessible', inputs.publiclyAccessible, false),
    behind(stack, textsOf(inputs.vpcSecurityGroupIds)[0])?.name.includes('database') !== true &&
      'it is not in its group',
    differs('groups', listOf(inputs.vpcSecurityGroupIds).length, 1),
    inputs.dbSubnetGroupName === undefined && "it is in the VPC's default subnets",
  ]),
  isolated('rds:SubnetGroup', 'the database lives where no way leads out'),
  isolated('elasticache:SubnetGroup', 'the queue lives where no way leads out'),
  each(DATABASE, 'what the database stores is encrypted', ({ inputs }) =>
    differs('storageEncrypted', inputs.storageEncrypted, true),
  ),
  each(DATABASE, "the master's password is made and kept by RDS", ({ inputs }) => [
    differs('manageMasterUserPassword', inputs.manageMasterUserPassword, true),
    inputs.password !== undefined && 'it has one in the state',
  ]),
  each(
    DATABASE,
    'the database is of the size, and as available, as was asked for',
    ({ inputs }, { settings }) => [
      differs('multiAz', inputs.multiAz, settings.database.multiAz),
      differs('instanceClass', inputs.instanceClass, settings.database.instanceClass),
      differs('allocatedStorage', inputs.allocatedStorage, settings.database.storageGib),
      differs('maxAllocatedStorage', inputs.maxAllocatedStorage, settings.database.maxStorageGib),
      differs('storageType', inputs.storageType, 'gp3'),
      differs('engine', inputs.engine, 'postgres'),
    ],
  ),
  each(
    DATABASE,
    'backups of the database are kept as long as was asked for, with their tags',
    ({ inputs }, { settings }) => [
      differs('backupRetentionPeriod', inputs.backupRetentionPeriod, settings.database.backupDays),
      differs('copyTagsToSnapshot', inputs.copyTagsToSnapshot, true),
      differs('deleteAutomatedBackups', inputs.deleteAutomatedBackups, !settings.protect),
    ],
  ),
  each(
    ...([DATABASE, 'a protected database is not deleted, and leaves a snapshot'] as const),
    ({ inputs, protect }) => [
      differs('deletionProtection', inputs.deletionProtection, true),
      differs('skipFinalSnapshot', inputs.skipFinalSnapshot, false),
      differs('protect', protect, true),
      inputs.finalSnapshotIdentifier === undefined && 'its last snapshot has no name',
    ],
    ({ protect }) => protect,
  ),
  each(
    ...([DATABASE, 'an unprotected database goes without a trace'] as const),
    ({ inputs, protect }) => [
      differs('deletionProtection', inputs.deletionProtection ?? false, false),
      differs('skipFinalSnapshot', inputs.skipFinalSnapshot, true),
      differs('protect', protect, false),
    ],
    ({ protect }) => !protect,
  ),
  {
    name: 'PostgreSQL speaks over TLS alone',
    *check(stack) {
      yield* some(differs('rds.force_ssl', parameter(stack, 'rds:ParameterGroup', 'rds.force_ssl'), '1'));
      const { inputs } = one(stack, DATABASE);
      if (
        behind(stack, inputs.parameterGroupName) === undefined &&
        !String(inputs.parameterGroupName).includes('database')
      )
        yield 'the parameters are not those of the database';
    },
  },
  {
    name: 'slow queries are logged, and logs leave the database',
    *check(stack) {
      if (Number(parameter(stack, 'rds:ParameterGroup', 'log_min_duration_statement') ?? -1) < 0)
        yield 'none is slow';
      if (!textsOf(one(stack, DATABASE).inputs.enabledCloudwatchLogsExports).includes('postgresql'))
        yield 'they stay';
    },
  },
  each(DATABASE, 'minor versions come by themselves, major ones do not', ({ inputs }) => [
    differs('autoMinorVersionUpgrade', inputs.autoMinorVersionUpgrade, true),
    differs('allowMajorVersionUpgrade', inputs.allowMajorVersionUpgrade ?? false, false),
    /^\d+$/.test(String(inputs.engineVersion))
      ? undefined
      : `${String(inputs.engineVersion)} is no major version`,
  ]),
  each(DATABASE, 'what the database does can be seen', ({ inputs }) =>
    differs('performanceInsightsEnabled', inputs.performanceInsightsEnabled, true),
  ),
  each(CACHE, 'the queue speaks over TLS alone, to who knows its token', ({ inputs, secrets }) => [
    differs('transitEncryptionEnabled', inputs.transitEncryptionEnabled, true),
    differs('transitEncryptionMode', inputs.transitEncryptionMode, 'required'),
    String(inputs.authToken ?? '') === '' && 'it has no token',
    !secrets.includes('authToken') && 'its token can be read in the state',
  ]),
  each(CACHE, 'what the queue stores is encrypted', ({ inputs }) =>
    differs('atRestEncryptionEnabled', inputs.atRestEncryptionEnabled, true),
  ),
  {
    name: 'the queue never throws an entry away',
    *check(stack) {
      const policy = parameter(stack, 'elasticache:ParameterGroup', 'maxmemory-policy');
      yield* some(differs('maxmemory-policy', policy, 'noeviction'));
      const { inputs } = one(stack, CACHE);
      if (!isAbout(stack, inputs.parameterGroupName, one(stack, 'elasticache:ParameterGroup')))
        yield 'parameters of others';
      if (all(stack, 'elasticache:ServerlessCache').length > 0) yield 'a serverless one does';
    },
  },
  each(CACHE, 'a replica of the queue takes over, in another zone', ({ inputs }, { settings }) => {
    const wanted = settings.cache.replicas > 0;
    const count =
      inputs.numCacheClusters === undefined
        ? Number(inputs.replicasPerNodeGroup) + 1
        : inputs.numCacheClusters;
    return [
      differs('automaticFailoverEnabled', inputs.automaticFailoverEnabled, wanted),
      differs('multiAzEnabled', inputs.multiAzEnabled, wanted),
      differs('nodes', count, settings.cache.replicas + 1),
      differs('nodeType', inputs.nodeType, settings.cache.nodeType),
    ];
  }),
  each(
    CACHE,
    'the queue is Valkey, with the snapshots that were asked for',
    ({ inputs, protect }, { settings }) => [
      differs('engine', inputs.engine, 'valkey'),
      differs('snapshotRetentionLimit', inputs.snapshotRetentionLimit, settings.cache.snapshotDays),
      differs('protect', protect, settings.protect),
      differs('a last snapshot', inputs.finalSnapshotIdentifier !== undefined, settings.protect),
    ],
  ),
  each(
    'secretsmanager:Secret',
    'a secret is gone at once, or can be brought back for a month',
    ({ inputs, protect }, { settings }) => [
      differs('recoveryWindowInDays', inputs.recoveryWindowInDays, settings.protect ? 30 : 0),
      differs('protect', protect, settings.protect),
    ],
  ),
  each('secretsmanager:SecretVersion', 'what is secret can not be read in the state', ({ secrets }) =>
    secrets.includes('secretString') ? undefined : 'it can',
  ),
  {
    name: 'the service knows its database by name and certificate, and its queue over TLS',
    *check(stack) {
      const told = all(stack, 'secretsmanager:SecretVersion').map(({ inputs }) =>
        String(inputs.secretString),
      );
      const database = told.find((text) => text.startsWith('postgres')) ?? '';
      for (const part of [
        'sslmode=verify-full',
        'sslrootcert=/opt/tintype/certificates/aws-rds.pem',
        '//tintype:',
        '/tintype?',
      ])
        if (!database.includes(part)) yield `the address of the database lacks ${part}`;
      const queue = told.find((text) => /^rediss?:/.test(text)) ?? '';
      if (!queue.startsWith('rediss://:')) yield 'the queue is not spoken to over TLS with a token';
    },
  },
  each('random:RandomPassword', 'passwords can not be guessed', ({ inputs }) =>
    Number(inputs.length) >= 32 ? undefined : `${String(inputs.length)} characters`,
  ),
  {
    name: 'there is a key of one’s own where it was asked for: it turns, and waits before it goes',
    *check(stack) {
      const keys = all(stack, 'kms:Key');
      if (keys.length !== (stack.settings.ownKey ? 1 : 0)) yield `there are ${keys.length}`;
      for (const { inputs, protect } of keys) {
        yield* some(differs('enableKeyRotation', inputs.enableKeyRotation, true));
        yield* some(differs('protect', protect, stack.settings.protect));
        if (Number(inputs.deletionWindowInDays) < (stack.settings.protect ? 30 : 7)) yield 'it does not wait';
      }
    },
  },
  {
    name: 'with a key of one’s own, everything that stores something uses it',
    when: ({ ownKey }) => ownKey,
    *check(stack) {
      const key = one(stack, 'kms:Key');
      for (const [kind, paths] of Object.entries(ENCRYPTED))
        for (const resource of all(stack, kind))
          for (const path of paths)
            if (!isAbout(stack, at(resource.inputs, path), key)) yield `${kind} ${resource.name}: ${path}`;
    },
  },
];

function* some(complaint: string | undefined): Generator<string> {
  if (complaint !== undefined) yield complaint;
}
