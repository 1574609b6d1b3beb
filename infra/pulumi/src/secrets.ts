// What the service must know and nobody may read: addresses with passwords, and the key that signs addresses. Knows no resource behind them.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { Cache } from './cache.ts';
import type { Database } from './database.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { Settings } from './settings.ts';

interface SecretsArgs {
  settings: Settings;
  database: Pick<Database, 'address' | 'port' | 'databaseName' | 'masterSecretArn'>;
  cache: Pick<Cache, 'address' | 'port' | 'authToken'>;
  key: Pick<EncryptionKey, 'arn'>;
}

/** Where the images keep the certificates that RDS shows. */
const CERTIFICATES = '/opt/tintype/certificates/aws-rds.pem';

export interface Pinned {
  databaseUrl: pulumi.Output<string>;
  queueUrl: pulumi.Output<string>;
  cdnPrivateKey?: pulumi.Output<string>;
}

export class Secrets extends pulumi.ComponentResource {
  readonly databaseUrlArn: pulumi.Output<string>;
  readonly queueUrlArn: pulumi.Output<string>;
  /** PEM; undefined: no address is signed. */
  readonly cdnPrivateKeyArn: pulumi.Output<string> | undefined;
  /** JSON of the master's `username` and `password`, made and kept by RDS. */
  readonly masterSecretArn: pulumi.Output<string>;
  /** All that a task may be started with. */
  readonly all: pulumi.Output<string>[];
  /**
   * For task definitions: the secret with its version, `ARN:::VERSION`. A new value makes another revision, and so is migrated to and rolled out; what
   * ran before still finds the one it began with.
   */
  readonly pinned: Pinned;

  constructor(name: string, args: SecretsArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Secrets', name, {}, options);
    const { settings, database, cache, key } = args;
    const parent = { parent: this };
    const keep = (what: string, description: string, value: pulumi.Output<string>) => {
      const secret = new aws.secretsmanager.Secret(
        `${settings.name}-${what}`,
        {
          description,
          recoveryWindowInDays: settings.protect ? 30 : 0,
          ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }),
        },
        { ...parent, protect: settings.protect },
      );
      const version = new aws.secretsmanager.SecretVersion(
        `${settings.name}-${what}`,
        { secretId: secret.id, secretString: value },
        parent,
      );
      // Known once there is something in it: a task that asks earlier does not start.
      return { arn: version.arn, pinned: pulumi.interpolate`${version.arn}:::${version.versionId}` };
    };
    const ofDatabase = keep('database-url', 'DATABASE_URL', databaseUrl(settings, database, parent));
    const ofQueue = keep('queue-url', 'QUEUE_URL', queueUrl(cache));
    const { privateKey } = settings.cdn;
    const ofCdn =
      privateKey === undefined ? undefined : keep('cdn-private-key', 'CDN_PRIVATE_KEY', privateKey);
    this.databaseUrlArn = ofDatabase.arn;
    this.queueUrlArn = ofQueue.arn;
    this.cdnPrivateKeyArn = ofCdn?.arn;
    this.pinned = {
      ...{ databaseUrl: ofDatabase.pinned, queueUrl: ofQueue.pinned },
      ...(ofCdn === undefined ? {} : { cdnPrivateKey: ofCdn.pinned }),
    };
    this.masterSecretArn = database.masterSecretArn;
    this.all = [this.databaseUrlArn, this.queueUrlArn, this.masterSecretArn];
    if (this.cdnPrivateKeyArn !== undefined) this.all.push(this.cdnPrivateKeyArn);
    this.registerOutputs({ databaseUrlArn: this.databaseUrlArn, queueUrlArn: this.queueUrlArn });
  }
}

/** The role is made by the migration, with this password. */
function databaseUrl(
  settings: Settings,
  { address, port, databaseName }: SecretsArgs['database'],
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  // Letters and digits need no escape in an address.
  const password = new random.RandomPassword(
    `${settings.name}-database-password`,
    { length: 48, special: false },
    options,
  );
  const where = pulumi.interpolate`${address}:${port}/${databaseName}`;
  const tls = `sslmode=verify-full&sslrootcert=${CERTIFICATES}`;
  return pulumi.secret(pulumi.interpolate`postgres://tintype:${password.result}@${where}?${tls}`);
}

function queueUrl({ address, port, authToken }: SecretsArgs['cache']): pulumi.Output<string> {
  return pulumi.secret(pulumi.interpolate`rediss://:${authToken}@${address}:${port}`);
}
