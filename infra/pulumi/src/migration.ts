// The database and its tables, brought to this version before any task of it is started. Knows no service.
import path from 'node:path';
import * as aws from '@pulumi/aws';
import * as command from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { Cluster } from './cluster.ts';
import type { Database } from './database.ts';
import type { Images } from './images.ts';
import type { Network } from './network.ts';
import type { Roles } from './roles.ts';
import type { Secrets } from './secrets.ts';
import type { SecurityGroups } from './security-groups.ts';
import { connectionSecrets } from './service-environment.ts';
import type { Settings } from './settings.ts';
import { createTaskDefinition } from './task-definition.ts';

export interface MigrationArgs {
  settings: Settings;
  network: Pick<Network, 'taskSubnetIds' | 'tasksHavePublicAddresses'> & pulumi.Resource;
  securityGroups: Pick<SecurityGroups, 'workerId'> & pulumi.Resource;
  /** Where there is no other way to the registry, the secrets and the logs. */
  endpoints: pulumi.Resource;
  cluster: Pick<Cluster, 'arn' | 'logGroups' | 'ready'>;
  roles: Pick<Roles, 'migrateExecutionRoleArn' | 'migrateTaskRoleArn' | 'policies'>;
  images: Pick<Images, 'migrateRef'>;
  secrets: Pick<Secrets, 'pinned' | 'masterSecretArn'>;
  database: Pick<Database, 'address' | 'port' | 'instance'>;
}

const CPU = 256;
const MEMORY_MIB = 512;

export class Migration extends pulumi.ComponentResource {
  /** Any command of `tintype` runs by it: `aws ecs run-task` with another command. */
  readonly taskDefinitionArn: pulumi.Output<string>;
  /** Services wait for it. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: MigrationArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Migration', name, {}, options);
    const { settings, network, securityGroups, endpoints, cluster, database } = args;
    const task = this.defineTask(args);
    this.taskDefinitionArn = task.arn;
    const { region } = aws.getRegionOutput({}, { parent: this });

    // Seen from where Pulumi runs the program, as it is the same on every machine.
    const program = path.relative(process.cwd(), path.join(import.meta.dirname, 'run-migration.js'));
    this.done = new command.local.Command(
      `${settings.name}-migrate`,
      {
        create: `node ${program}`,
        environment: {
          AWS_REGION: region,
          CLUSTER: cluster.arn,
          TASK_DEFINITION: task.arn,
          CONTAINER: 'migrate',
          SUBNETS: pulumi.all(network.taskSubnetIds).apply((ids) => ids.join(',')),
          SECURITY_GROUPS: securityGroups.workerId,
          ASSIGN_PUBLIC_IP: network.tasksHavePublicAddresses ? 'ENABLED' : 'DISABLED',
          LOG_GROUP: cluster.logGroups.migrate.name,
          LOG_STREAM_PREFIX: 'migrate',
        },
        // Another image, another database or other secrets: all of them make another revision of the task.
        triggers: [task.arn],
      },
      {
        parent: this,
        // Of a component: all that is in it. A task needs its way out: routes, rules and endpoints.
        dependsOn: [network, securityGroups, endpoints, ...cluster.ready, database.instance],
        customTimeouts: { create: '70m', update: '70m' },
      },
    );
    this.registerOutputs({ taskDefinitionArn: this.taskDefinitionArn });
  }

  private defineTask({ settings, cluster, roles, images, secrets, database }: MigrationArgs) {
    const { masterSecretArn } = secrets;
    return createTaskDefinition(
      {
        settings,
        process: 'migrate',
        image: images.migrateRef,
        cpu: CPU,
        memoryMib: MEMORY_MIB,
        executionRoleArn: roles.migrateExecutionRoleArn,
        taskRoleArn: roles.migrateTaskRoleArn,
        policies: roles.policies,
        logGroup: cluster.logGroups.migrate,
        command: ['migrate', '--create-database'],
        environment: {
          ...settings.environment,
          ADMIN_DATABASE_URL: pulumi.interpolate`postgres://${database.address}:${database.port}/postgres?${VERIFIED}`,
        },
        secrets: {
          ...connectionSecrets(secrets),
          // Not pinned: RDS changes it by itself.
          ADMIN_DATABASE_USER: pulumi.interpolate`${masterSecretArn}:username::`,
          ADMIN_DATABASE_PASSWORD: pulumi.interpolate`${masterSecretArn}:password::`,
        },
      },
      { parent: this },
    );
  }
}

/** The image carries the certificates of Amazon RDS. */
const VERIFIED = 'sslmode=verify-full&sslrootcert=/opt/tintype/certificates/aws-rds.pem';
