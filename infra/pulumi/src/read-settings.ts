// Reads `pulumi config` by the table of options, and refuses what can not work, all of it at once. Knows no resource.
import { createHash } from 'node:crypto';
import type * as pulumi from '@pulumi/pulumi';
import { contradictionsOf } from './contradictions.ts';
import { OPTIONS, type Option, type OptionName, type Profile } from './options.ts';
import type { Deployment, Egress, Settings } from './settings.ts';

type Read = Pick<pulumi.Config, 'get' | 'getObject' | 'getSecret'>;
type Value = string | number | boolean | undefined;

/** What the configuration says is impossible; the message lists every complaint, a line each. */
export class SettingsError extends Error {}

/** @param stack name of the Pulumi stack, e.g. prod @throws SettingsError */
export function readSettings(config: Read, stack: string): Settings {
  const complaints: string[] = [];
  const profile = config.get('profile') ?? 'small';
  if (profile !== 'small' && profile !== 'prod')
    throw new SettingsError('profile: small or prod, and nothing else.');
  const read = (name: OptionName): Value => {
    try {
      return parse(OPTIONS[name], config.get(name), profile);
    } catch (error) {
      complaints.push(`${name}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const values = Object.fromEntries(
    (Object.keys(OPTIONS) as OptionName[]).map((name) => [name, read(name)]),
  ) as Record<OptionName, Value>;
  const settings = assemble(values, { profile, name: nameOf(stack) }, config);
  complaints.push(...contradictionsOf(settings, values.zoneId as string | undefined));
  if (complaints.length > 0) throw new SettingsError(complaints.join('\n'));
  return settings;
}

/** What names of AWS take: letters, digits and dashes, 20 at most. A name that is cut ends with what tells it from others. */
function nameOf(stack: string): string {
  const name = `tintype-${stack}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');
  if (name.length <= 20) return name;
  const digest = createHash('sha256').update(stack).digest('hex').slice(0, 4);
  return `${name.slice(0, 15).replace(/-$/, '')}-${digest}`;
}

function parseNumber(given: string, { min, max }: { min: number; max: number }): number {
  const value = Number(given);
  const isWhole = Number.isInteger(min);
  if (given.trim() === '' || !(value >= min && value <= max) || (isWhole && value % 1 !== 0))
    throw new Error(`a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}.`);
  return value;
}

function parse(option: Option, given: string | undefined, profile: Profile): Value {
  if (given === undefined) return option[profile];
  if (option.kind === 'number') return parseNumber(given, option);
  if (option.kind === 'flag') {
    if (given !== 'true' && given !== 'false') throw new Error('true or false.');
    return given === 'true';
  }
  if (option.kind === 'choice') {
    if (!option.of.includes(given)) throw new Error(`one of ${option.of.join(', ')}.`);
    return given;
  }
  if (!option.pattern.test(given)) throw new Error(`must match ${option.pattern}.`);
  return given;
}

/** `pulumi config set --path environment.X 0` keeps a number; a task's environment is text. */
function readEnvironment(config: Read): Record<string, string> {
  const given = config.getObject<Record<string, unknown>>('environment') ?? {};
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
}

type Values = Record<OptionName, Value>;

function assemble(values: Values, who: Pick<Settings, 'profile' | 'name'>, config: Read): Settings {
  const number = (name: OptionName) => values[name] as number;
  const flag = (name: OptionName) => values[name] as boolean;
  const text = (name: OptionName) => values[name] as string;
  const maybe = (name: OptionName) => values[name] as string | undefined;
  const domain = maybe('domain');
  const egress = text('egress') as Egress;
  return {
    ...who,
    network: {
      cidr: text('cidr'),
      zones: number('zones') as 2 | 3,
      egress,
      interfaceEndpoints: flag('interfaceEndpoints') || egress === 'endpoints',
      flowLogs: flag('flowLogs'),
    },
    domain: domain === undefined ? undefined : { name: domain, zoneId: maybe('zoneId') ?? '' },
    architecture: text('architecture') as Settings['architecture'],
    images: {
      ...{ api: maybe('apiImage'), worker: maybe('workerImage'), migrate: maybe('migrateImage') },
      rebuild: maybe('rebuild'),
    },
    api: {
      cpu: number('apiCpu'),
      memoryMib: number('apiMemoryMib'),
      minTasks: number('apiMinTasks'),
      maxTasks: number('apiMaxTasks'),
      requestsPerTask: number('apiRequestsPerTask'),
      deployment: text('deployment') as Deployment,
      bakeMinutes: number('bakeMinutes'),
      maxUploadBytes: number('maxUploadBytes'),
    },
    worker: {
      cpu: number('workerCpu'),
      memoryMib: number('workerMemoryMib'),
      minTasks: number('workerMinTasks'),
      maxTasks: number('workerMaxTasks'),
      spot: flag('workerSpot'),
      latencySeconds: number('latencySeconds'),
      meanJobSeconds: number('meanJobSeconds'),
      protectAfterSeconds: number('protectAfterSeconds'),
    },
    database: {
      instanceClass: text('databaseClass'),
      storageGib: number('databaseStorageGib'),
      maxStorageGib: number('databaseMaxStorageGib'),
      multiAz: flag('multiAz'),
      backupDays: number('backupDays'),
    },
    cache: {
      nodeType: text('cacheNodeType'),
      replicas: number('cacheReplicas'),
      snapshotDays: number('cacheSnapshotDays'),
    },
    protect: flag('protect'),
    ownKey: flag('ownKey'),
    waf: { enabled: flag('waf'), requestsPerAddress: number('wafRequestsPerAddress') },
    cdn: {
      enabled: flag('cdn'),
      publicKey: maybe('cdnPublicKey'),
      privateKey: config.getSecret('cdnPrivateKey'),
    },
    signIn: flag('signIn'),
    logSearch: {
      enabled: flag('logSearch'),
      instanceType: text('logSearchInstance'),
      storageGib: number('logSearchStorageGib'),
    },
    gateway: {
      enabled: flag('gateway'),
      requestsPerSecond: number('gatewayRequestsPerSecond'),
      burst: number('gatewayBurst'),
      requestsPerMonth: number('gatewayRequestsPerMonth'),
    },
    logs: { retentionDays: number('logRetentionDays') },
    alarms: { email: maybe('alarmEmail') },
    monthlyBudgetUsd: number('monthlyBudgetUsd') === 0 ? undefined : number('monthlyBudgetUsd'),
    environment: readEnvironment(config),
  };
}
