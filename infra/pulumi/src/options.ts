// The one table of what can be configured: name, kind, limits, what each profile takes, and what it is for. Knows no resource.
import { DEPLOYMENTS, EGRESS } from './settings.ts';

export type Profile = 'small' | 'prod';

interface Described {
  /** One sentence for the docs, with the unit. */
  help: string;
}
interface Number_ extends Described {
  kind: 'number';
  min: number;
  max: number;
  small: number;
  prod: number;
}
interface Flag extends Described {
  kind: 'flag';
  small: boolean;
  prod: boolean;
}
interface Choice extends Described {
  kind: 'choice';
  of: readonly string[];
  small: string;
  prod: string;
}
/** Undefined: nothing, unless it is configured. */
interface Text extends Described {
  kind: 'text';
  pattern: RegExp;
  small?: string;
  prod?: string;
}
export type Option = Number_ | Flag | Choice | Text;

const number = (min: number, max: number, small: number, prod: number, help: string): Number_ => ({
  ...{ kind: 'number', min, max, small, prod, help },
});
const flag = (small: boolean, prod: boolean, help: string): Flag => ({ kind: 'flag', small, prod, help });
const choice = (of: readonly string[], small: string, prod: string, help: string): Choice => ({
  ...{ kind: 'choice', of, small, prod, help },
});
const text = (pattern: RegExp, help: string, small?: string, prod = small): Text => ({
  ...{ kind: 'text', pattern, help },
  ...(small === undefined ? {} : { small }),
  ...(prod === undefined ? {} : { prod }),
});

const IMAGE = /^\S+(?:@sha256:[0-9a-f]{64}|:[\w.-]+)$/;
const DOMAIN = /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/;

/** Set by `pulumi config set NAME VALUE`. */
export const OPTIONS = {
  cidr: text(/^\d+\.\d+\.\d+\.0\/(?:1[6-9]|20)$/, 'IPv4 network of the VPC, /16 to /20.', '10.42.0.0/16'),
  zones: number(2, 3, 2, 3, 'Availability zones.'),
  egress: choice(
    EGRESS,
    'public',
    'nat-per-zone',
    'How tasks reach the world: by public addresses, one NAT gateway, one a zone, or not at all (endpoints: AWS alone).',
  ),
  interfaceEndpoints: flag(
    false,
    false,
    'Interface endpoints for ECR, logs, secrets and STS; always with egress endpoints.',
  ),
  flowLogs: flag(false, true, 'A log of all connections of the VPC.'),
  domain: text(DOMAIN, 'Name that the service shall have. Without it: plain HTTP, for a demo.'),
  zoneId: text(/^Z[A-Z0-9]+$/, 'Route 53 hosted zone of `domain`.'),
  architecture: choice(['X86_64', 'ARM64'], 'ARM64', 'ARM64', 'Processors of the tasks.'),
  apiImage: text(IMAGE, 'Image of the api that is there already; without it, it is built and pushed.'),
  workerImage: text(IMAGE, 'The same for the worker.'),
  migrateImage: text(IMAGE, 'The same for the migration.'),
  rebuild: text(
    /^[\w.-]{1,40}$/,
    'Any word, a date say: another one builds the images anew, with the packages that Debian has that day.',
  ),
  apiCpu: number(256, 16_384, 256, 1024, 'Of one api task: 1024 are one core.'),
  apiMemoryMib: number(512, 122_880, 1024, 2048, 'Of one api task, in MiB.'),
  apiMinTasks: number(1, 1000, 1, 2, 'Fewest api tasks.'),
  apiMaxTasks: number(1, 1000, 2, 20, 'Most api tasks.'),
  apiRequestsPerTask: number(
    1,
    10_000_000,
    6000,
    12_000,
    'Requests a minute of one task above which more are started.',
  ),
  deployment: choice(DEPLOYMENTS, 'ROLLING', 'ROLLING', 'How a new version of the api takes over.'),
  bakeMinutes: number(
    0,
    1440,
    5,
    10,
    'How long the old version stays once the new one has all traffic, in minutes; not with ROLLING.',
  ),
  maxUploadBytes: number(1024, 5_368_709_120, 52_428_800, 52_428_800, 'Largest upload, in bytes.'),
  workerCpu: number(256, 16_384, 1024, 2048, 'Of one worker task: 1024 are one core.'),
  workerMemoryMib: number(2048, 122_880, 3072, 6144, 'Of one worker task, in MiB.'),
  workerMinTasks: number(1, 1000, 1, 2, 'Fewest worker tasks.'),
  workerMaxTasks: number(1, 1000, 4, 50, 'Most worker tasks.'),
  workerSpot: flag(
    true,
    false,
    'Workers on interruptible capacity. Nothing is lost: another worker takes the job.',
  ),
  latencySeconds: number(
    1,
    86_400,
    60,
    30,
    'How long a job may wait before there shall be more workers, in seconds.',
  ),
  meanJobSeconds: number(
    0.001,
    3600,
    0.25,
    0.25,
    'What one worker task needs for one job on average, all its cores counted, in seconds.',
  ),
  protectAfterSeconds: number(
    0,
    3600,
    10,
    10,
    'A job that takes longer keeps its task from being scaled in, in seconds; 0: none does.',
  ),
  databaseClass: text(
    /^db\.[a-z0-9]+\.[a-z0-9]+$/,
    'Instance class of PostgreSQL.',
    'db.t4g.micro',
    'db.m7g.large',
  ),
  databaseStorageGib: number(20, 65_536, 20, 100, 'Storage of PostgreSQL, in GiB.'),
  databaseMaxStorageGib: number(21, 65_536, 100, 1000, 'Up to what it grows by itself, in GiB.'),
  multiAz: flag(false, true, 'A standby of PostgreSQL in another zone.'),
  backupDays: number(1, 35, 1, 14, 'Days that backups of PostgreSQL are kept.'),
  cacheNodeType: text(
    /^cache\.[a-z0-9]+\.[a-z0-9]+$/,
    'Node type of Valkey.',
    'cache.t4g.micro',
    'cache.m7g.large',
  ),
  cacheReplicas: number(0, 5, 0, 1, 'Replicas of Valkey, in other zones.'),
  cacheSnapshotDays: number(0, 35, 0, 1, 'Days that snapshots of Valkey are kept.'),
  protect: flag(false, true, 'Nothing that holds data goes without a word: protection, final snapshots.'),
  ownKey: flag(false, true, 'A KMS key of its own for all that is stored.'),
  waf: flag(false, true, "AWS's managed rules, bad addresses and too many requests are refused at the edge."),
  wafRequestsPerAddress: number(
    10,
    2_000_000_000,
    10_000,
    10_000,
    'Requests of one address in five minutes.',
  ),
  cdn: flag(false, true, 'CloudFront delivers pictures.'),
  cdnPublicKey: text(
    /^-----BEGIN PUBLIC KEY-----[\s\S]+-----END PUBLIC KEY-----\s*$/,
    'PEM of the key by which CloudFront knows our addresses. Without it, pictures come through the api.',
  ),
  signIn: flag(false, false, 'People log in by Cognito.'),
  logSearch: flag(false, false, 'Logs go to OpenSearch as well, by Firehose.'),
  logSearchInstance: text(
    /^[a-z0-9]+\.[a-z0-9]+\.search$/,
    'Instance type of OpenSearch.',
    't3.small.search',
  ),
  logSearchStorageGib: number(10, 3000, 10, 100, 'Storage of OpenSearch, in GiB.'),
  gateway: flag(false, false, 'API Gateway in front: API keys, usage plans; bodies of 10 MB at most.'),
  gatewayRequestsPerSecond: number(1, 100_000, 50, 500, 'Of one usage plan.'),
  gatewayBurst: number(1, 100_000, 100, 1000, 'Of one usage plan.'),
  gatewayRequestsPerMonth: number(1, 1_000_000_000, 1_000_000, 100_000_000, 'Of one usage plan.'),
  logRetentionDays: number(1, 3653, 14, 90, 'Days that logs are kept: one of those CloudWatch knows.'),
  alarmEmail: text(/^\S+@\S+\.\S+$/, 'Who is told of alarms; has to confirm by a click.'),
  monthlyBudgetUsd: number(0, 1_000_000, 0, 0, 'Told at 80 % and 100 % of it, in USD a month; 0: no budget.'),
} satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;
