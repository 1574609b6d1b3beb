// Valkey, which holds the queue: it never throws anything away, speaks TLS alone and wants a token. Knows no key of the queue.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { EncryptionKey } from './encryption-key.ts';
import type { Network } from './network.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

interface CacheArgs {
  settings: Settings;
  network: Pick<Network, 'isolatedSubnetIds'>;
  securityGroups: Pick<SecurityGroups, 'cacheId'>;
  key: Pick<EncryptionKey, 'arn'>;
}

export class Cache extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /** Letters and digits; a secret. */
  readonly authToken: pulumi.Output<string>;
  readonly replicationGroupId: pulumi.Output<string>;
  /** What CloudWatch calls each node. */
  readonly memberClusters: pulumi.Output<string[]>;

  constructor(name: string, args: CacheArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Cache', name, {}, options);
    const { settings, network, securityGroups, key } = args;
    const { cache, protect } = settings;
    const parent = { parent: this };
    const subnets = new aws.elasticache.SubnetGroup(
      `${settings.name}-cache`,
      { subnetIds: network.isolatedSubnetIds, description: 'Subnets without a way out' },
      parent,
    );
    const token = new random.RandomPassword(
      `${settings.name}-queue-token`,
      { length: 64, special: false },
      parent,
    );
    const hasReplicas = cache.replicas > 0;
    const parameters = new aws.elasticache.ParameterGroup(
      `${settings.name}-cache`,
      {
        family: 'valkey8',
        description: 'A queue that is full refuses new entries instead of losing old ones',
        parameters: [
          { name: 'maxmemory-policy', value: 'noeviction' },
          { name: 'reserved-memory-percent', value: reservedPercent(cache.nodeType) },
        ],
      },
      parent,
    );
    const suffix = new random.RandomId(`${settings.name}-cache`, { byteLength: 4 }, parent);
    const group = new aws.elasticache.ReplicationGroup(
      `${settings.name}-cache`,
      {
        ...{ description: `${settings.name}: queue`, engine: 'valkey', port: 6379 },
        ...{ engineVersion: '8.2', nodeType: cache.nodeType, numCacheClusters: cache.replicas + 1 },
        // A replica takes over by itself; clients that still talk to the old one are told READONLY and connect anew.
        ...{ automaticFailoverEnabled: hasReplicas, multiAzEnabled: hasReplicas },
        ...{ subnetGroupName: subnets.name, securityGroupIds: [securityGroups.cacheId] },
        parameterGroupName: parameters.name,
        ...{ transitEncryptionEnabled: true, transitEncryptionMode: 'required' },
        ...{ authToken: token.result, authTokenUpdateStrategy: 'ROTATE' },
        ...{ atRestEncryptionEnabled: true, ...(key.arn === undefined ? {} : { kmsKeyId: key.arn }) },
        ...{ snapshotRetentionLimit: cache.snapshotDays, snapshotWindow: '02:00-03:00' },
        ...(protect
          ? { finalSnapshotIdentifier: pulumi.interpolate`${settings.name}-${suffix.hex}-last` }
          : {}),
        ...{ maintenanceWindow: 'sun:03:30-sun:04:30', autoMinorVersionUpgrade: true },
        // A change waits for the hour of maintenance where people depend on it.
        applyImmediately: !protect,
        tags: { Name: `${settings.name}-cache` },
      },
      { ...parent, protect },
    );
    this.address = group.primaryEndpointAddress;
    this.port = group.port.apply((port) => port ?? 6379);
    this.authToken = token.result;
    this.replicationGroupId = group.id;
    this.memberClusters = group.memberClusters;
    this.registerOutputs({ address: this.address, replicationGroupId: this.replicationGroupId });
  }
}

/** Of a node's memory, for snapshots and replicas; AWS advises more where there is little. */
function reservedPercent(nodeType: string): string {
  if (nodeType.endsWith('.micro')) return '50';
  return nodeType.endsWith('.small') ? '30' : '25';
}
