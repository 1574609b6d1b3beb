// What `pulumi config` may say, with defaults of two profiles: small, the cheapest that works, and prod. Knows no resource.
import type * as pulumi from '@pulumi/pulumi';

/**
 * How tasks reach what lies outside of the network. public: tasks have public addresses, and no door that opens from outside; nat: one NAT
 * gateway; nat-per-zone: one in each zone; endpoints: AWS alone, so that no webhook is sent and no image is fetched from elsewhere.
 */
export const EGRESS = ['public', 'nat', 'nat-per-zone', 'endpoints'] as const;
export type Egress = (typeof EGRESS)[number];

export const DEPLOYMENTS = ['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

export interface Settings {
  /** Of the stack: what everything's name and tag begin with, so that two stacks in one account do not meet. */
  name: string;
  profile: 'small' | 'prod';
  network: {
    /** IPv4, /16 to /20. */
    cidr: string;
    zones: 2 | 3;
    egress: Egress;
    /** Interface endpoints for ecr.api, ecr.dkr, logs, secretsmanager and sts. Always there where `egress` is endpoints. */
    interfaceEndpoints: boolean;
    flowLogs: boolean;
  };
  /** Undefined: plain HTTP by the load balancer's own name, for a demo. */
  domain: { name: string; zoneId: string } | undefined;
  architecture: 'X86_64' | 'ARM64';
  /** Images that are there already. Those not named are built and pushed. */
  images: {
    api: string | undefined;
    worker: string | undefined;
    migrate: string | undefined;
    /** Another word builds them anew from the same sources. */
    rebuild: string | undefined;
  };
  api: {
    /** 1024 are one core. */
    cpu: number;
    memoryMib: number;
    minTasks: number;
    maxTasks: number;
    /** Requests a minute of one task above which there will be more tasks. */
    requestsPerTask: number;
    deployment: Deployment;
    /** How long both versions run after all traffic has moved, in minutes; not with ROLLING. */
    bakeMinutes: number;
    /** Largest file that may be uploaded, in bytes. */
    maxUploadBytes: number;
  };
  worker: {
    cpu: number;
    memoryMib: number;
    minTasks: number;
    maxTasks: number;
    /** Interruptible capacity: cheaper; a job that is interrupted is taken by another worker. */
    spot: boolean;
    /** How long a job may wait: with `meanJobSeconds` it says how many waiting jobs one task may have. */
    latencySeconds: number;
    /** How long one task needs for one job on average, all its concurrency counted. */
    meanJobSeconds: number;
    /** A job that takes longer protects its task from being scaled in. */
    protectAfterSeconds: number;
  };
  database: {
    instanceClass: string;
    storageGib: number;
    /** Storage grows by itself up to this. */
    maxStorageGib: number;
    multiAz: boolean;
    backupDays: number;
  };
  cache: {
    nodeType: string;
    /** Beside the primary, in other zones. */
    replicas: number;
    snapshotDays: number;
  };
  /** Nothing that holds data is removed without a word: protect, deletion protection, final snapshots. */
  protect: boolean;
  /** A key of one's own (KMS) for everything that is stored, instead of AWS's. */
  ownKey: boolean;
  waf: { enabled: boolean /** Requests of one address in five minutes. */; requestsPerAddress: number };
  cdn: {
    enabled: boolean;
    /** PEM of the public half of the key that signs addresses; undefined: pictures pass through the api. */
    publicKey: string | undefined;
    /** The private half; a secret. */
    privateKey: pulumi.Output<string> | undefined;
  };
  /** Cognito: people log in by it. */
  signIn: boolean;
  /** An OpenSearch domain to which logs stream by Firehose. */
  logSearch: { enabled: boolean; instanceType: string; storageGib: number };
  /** API Gateway in front, with API keys and usage plans. Takes bodies of 10 MB at most. */
  gateway: { enabled: boolean; requestsPerSecond: number; burst: number; requestsPerMonth: number };
  logs: { retentionDays: number };
  alarms: { email: string | undefined };
  /** In USD a month; undefined: none is watched. */
  monthlyBudgetUsd: number | undefined;
  /** Settings of the service itself: variables of .env.example. */
  environment: Record<string, string>;
}
