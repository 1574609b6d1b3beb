// PostgreSQL: private, encrypted, over TLS alone, with a master password that RDS makes and keeps. Knows no role of the service in it.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { EncryptionKey } from './encryption-key.ts';
import type { Network } from './network.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

interface DatabaseArgs {
  settings: Settings;
  network: Pick<Network, 'isolatedSubnetIds'>;
  securityGroups: Pick<SecurityGroups, 'databaseId'>;
  key: Pick<EncryptionKey, 'arn'>;
}

/** Minor versions come by themselves. */
const VERSION = '17';

/** RDS would make their groups by itself, keep them for ever, and leave them behind: so they are there before it. */
const LOGS = ['postgresql', 'upgrade'];

/** Queries that take longer are logged. */
const SLOW_MS = 1000;

export class Database extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly databaseName = 'tintype';
  /** JSON of the master's `username` and `password`. */
  readonly masterSecretArn: pulumi.Output<string>;
  /** What CloudWatch calls the instance. */
  readonly identifier: pulumi.Output<string>;
  readonly instance: aws.rds.Instance;

  constructor(name: string, args: DatabaseArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Database', name, {}, options);
    const { settings, network, securityGroups, key } = args;
    const parent = { parent: this };
    const subnets = new aws.rds.SubnetGroup(
      `${settings.name}-database`,
      { subnetIds: network.isolatedSubnetIds, description: 'Subnets without a way out' },
      parent,
    );
    const parameters = new aws.rds.ParameterGroup(
      `${settings.name}-database`,
      {
        family: `postgres${VERSION}`,
        description: 'TLS alone; slow queries and waits are logged',
        parameters: [
          { name: 'rds.force_ssl', value: '1' },
          { name: 'log_min_duration_statement', value: String(SLOW_MS) },
          { name: 'log_lock_waits', value: '1' },
          { name: 'log_autovacuum_min_duration', value: '10000' },
          // Who left a transaction open would keep vacuum from its work, and jobs from being taken.
          { name: 'idle_in_transaction_session_timeout', value: '300000' },
        ],
      },
      parent,
    );
    const suffix = new random.RandomId(`${settings.name}-database`, { byteLength: 4 }, parent);
    const identifier = pulumi.interpolate`${settings.name}-${suffix.hex}`;
    const logGroups = LOGS.map(
      (log) =>
        new aws.cloudwatch.LogGroup(
          `${settings.name}-database-${log}`,
          {
            name: pulumi.interpolate`/aws/rds/instance/${identifier}/${log}`,
            retentionInDays: settings.logs.retentionDays,
            ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }),
          },
          parent,
        ),
    );
    this.instance = new aws.rds.Instance(
      `${settings.name}-database`,
      {
        ...{ identifier, engine: 'postgres', engineVersion: VERSION, dbName: this.databaseName, port: 5432 },
        ...{ username: 'tintype_master', manageMasterUserPassword: true },
        ...sizeOf(settings),
        ...{ dbSubnetGroupName: subnets.name, parameterGroupName: parameters.name },
        ...{ vpcSecurityGroupIds: [securityGroups.databaseId], publiclyAccessible: false },
        ...{ storageEncrypted: true, iamDatabaseAuthenticationEnabled: false },
        ...encryptedBy(key.arn),
        ...keptAs(settings, identifier),
        ...{ autoMinorVersionUpgrade: true, allowMajorVersionUpgrade: false },
        // The night of most who use it; backups come before changes.
        ...{ backupWindow: '02:00-03:00', maintenanceWindow: 'Sun:03:30-Sun:04:30' },
        // A change waits for the hour of maintenance where people depend on it.
        applyImmediately: !settings.protect,
        ...{ performanceInsightsEnabled: true, performanceInsightsRetentionPeriod: 7 },
        enabledCloudwatchLogsExports: LOGS,
        // Newer instances trust no other bundle than the one the images carry.
        caCertIdentifier: 'rds-ca-rsa2048-g1',
        tags: { Name: `${settings.name}-database` },
      },
      { ...parent, protect: settings.protect, dependsOn: logGroups },
    );
    this.address = this.instance.address;
    this.port = this.instance.port;
    this.identifier = this.instance.identifier;
    this.masterSecretArn = this.instance.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? '');
    this.registerOutputs({ address: this.address, identifier: this.identifier });
  }
}

function sizeOf({ database }: Settings) {
  return {
    ...{ instanceClass: database.instanceClass, multiAz: database.multiAz, storageType: 'gp3' },
    ...{ allocatedStorage: database.storageGib, maxAllocatedStorage: database.maxStorageGib },
  };
}

function encryptedBy(arn: pulumi.Output<string> | undefined) {
  if (arn === undefined) return {};
  return { kmsKeyId: arn, performanceInsightsKmsKeyId: arn, masterUserSecretKmsKeyId: arn };
}

/** What stays when somebody takes the stack away. */
function keptAs({ protect, database }: Settings, identifier: pulumi.Output<string>) {
  return {
    ...{ deletionProtection: protect, deleteAutomatedBackups: !protect, skipFinalSnapshot: !protect },
    ...(protect ? { finalSnapshotIdentifier: pulumi.interpolate`${identifier}-last` } : {}),
    ...{ backupRetentionPeriod: database.backupDays, copyTagsToSnapshot: true },
  };
}
