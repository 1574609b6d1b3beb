// Settings that are right each and wrong together, so that they are refused before AWS is asked. Knows no resource.
import { isAligned } from './cidrs.ts';
import { isFargateSize } from './fargate-sizes.ts';
import type { Settings } from './settings.ts';

/** CloudWatch keeps logs for one of these numbers of days. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** @param zoneId as it was configured: without a domain, the settings do not keep it */
export function contradictionsOf(settings: Settings, zoneId: string | undefined): string[] {
  const { api, worker, network, database, domain, cdn, logs, images } = settings;
  const named = [images.api, images.worker, images.migrate].filter((image) => image !== undefined).length;
  const rules: [isBroken: boolean, complaint: string][] = [
    [domain !== undefined && domain.zoneId === '', 'domain: needs zoneId, its Route 53 hosted zone.'],
    [domain === undefined && zoneId !== undefined, 'zoneId: says nothing without domain.'],
    [api.minTasks > api.maxTasks, 'apiMinTasks: more than apiMaxTasks.'],
    [worker.minTasks > worker.maxTasks, 'workerMinTasks: more than workerMaxTasks.'],
    [!isFargateSize(api.cpu, api.memoryMib), 'apiCpu, apiMemoryMib: not a size that Fargate has.'],
    [
      !isFargateSize(worker.cpu, worker.memoryMib),
      'workerCpu, workerMemoryMib: not a size that Fargate has.',
    ],
    [!isAligned(network.cidr), 'cidr: has bits beyond its prefix, write the first address of the network.'],
    [
      network.egress === 'endpoints' && settings.signIn,
      'signIn: the api must reach Cognito, which egress endpoints does not.',
    ],
    [
      database.maxStorageGib < 1.1 * database.storageGib,
      'databaseMaxStorageGib: a tenth more than databaseStorageGib, or larger.',
    ],
    [
      (cdn.publicKey === undefined) !== (cdn.privateKey === undefined),
      'cdnPublicKey, cdnPrivateKey: both or none.',
    ],
    [cdn.publicKey !== undefined && !cdn.enabled, 'cdnPublicKey: says nothing without cdn.'],
    [!RETENTIONS.includes(logs.retentionDays), `logRetentionDays: one of ${RETENTIONS.join(', ')}.`],
    [named > 0 && named < 3, 'apiImage, workerImage, migrateImage: all three, of one version, or none.'],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, complaint]) => complaint);
}
