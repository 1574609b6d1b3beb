// The whole of a stack, in the order in which it stands on itself. Knows who needs what of whom, and no property of a resource.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { Alarms } from './alarms.ts';
import { ApiService } from './api-service.ts';
import { Buckets } from './buckets.ts';
import { Budget } from './budget.ts';
import { Cache } from './cache.ts';
import { Cdn } from './cdn.ts';
import { Cluster } from './cluster.ts';
import { Dashboard } from './dashboard.ts';
import { Database } from './database.ts';
import { EncryptionKey } from './encryption-key.ts';
import { Endpoints } from './endpoints.ts';
import { Gateway } from './gateway.ts';
import { Images } from './images.ts';
import { LoadBalancer } from './load-balancer.ts';
import { LogSearch } from './log-search.ts';
import { Migration } from './migration.ts';
import { Network } from './network.ts';
import { Roles } from './roles.ts';
import { Secrets } from './secrets.ts';
import { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';
import { SignIn } from './sign-in.ts';
import { Waf } from './waf.ts';
import { WorkerService } from './worker-service.ts';

export interface StackOutputs {
  /** Where the API answers. */
  url: pulumi.Output<string>;
  /** Where CloudFront answers; undefined: there is none. */
  cdnUrl: pulumi.Output<string> | undefined;
  gatewayUrl: pulumi.Output<string> | undefined;
  /** Of the gateway's first key: `aws apigateway get-api-key --include-value --api-key ID`. */
  gatewayKeyId: pulumi.Output<string> | undefined;
  dashboardUrl: pulumi.Output<string>;
  logSearchUrl: pulumi.Output<string> | undefined;
  signInIssuer: pulumi.Output<string> | undefined;
  bucket: pulumi.Output<string>;
  cluster: pulumi.Output<string>;
  /** What `aws ecs run-task` needs to run the operators' command. */
  migrateTask: pulumi.Output<string>;
  taskSubnets: pulumi.Output<string>[];
  taskSecurityGroup: pulumi.Output<string>;
  tasksHavePublicAddresses: boolean;
  version: pulumi.Output<string>;
}

export function defineStack(settings: Settings): StackOutputs {
  const provider = new aws.Provider('aws', {
    // A provider of one's own knows nothing of `pulumi config set aws:region` by itself.
    ...(aws.config.region === undefined ? {} : { region: aws.config.region }),
    defaultTags: { tags: { Project: 'tintype', Stack: settings.name, ManagedBy: 'pulumi' } },
  });
  const parent = new pulumi.ComponentResource(
    'tintype:index:Stack',
    settings.name,
    {},
    { providers: [provider] },
  );
  const options = { parent };
  const at = <Args extends object>(args: Args) => ({ settings, ...args });

  const key = new EncryptionKey('key', at({}), options);
  const network = new Network('network', at({ key }), options);
  const securityGroups = new SecurityGroups('security', at({ network }), options);
  const endpoints = new Endpoints('endpoints', at({ network, securityGroups }), options);

  const buckets = new Buckets('buckets', at({ key }), options);
  const database = new Database('database', at({ network, securityGroups, key }), options);
  const cache = new Cache('cache', at({ network, securityGroups, key }), options);
  const secrets = new Secrets('secrets', at({ database, cache, key }), options);

  const loadBalancer = new LoadBalancer('load-balancer', at({ network, securityGroups, buckets }), options);
  const waf = new Waf('waf', at({ loadBalancer }), options);
  const cdn = settings.cdn.enabled
    ? new Cdn('cdn', at({ buckets, loadBalancer, waf, key }), options)
    : undefined;
  const signIn = settings.signIn ? new SignIn('sign-in', at({ loadBalancer }), options) : undefined;

  const images = new Images('images', at({ key }), options);
  const cluster = new Cluster('cluster', at({ key }), options);
  const roles = new Roles('roles', at({ cluster, images, buckets, secrets, key }), options);
  const run = { network, securityGroups, cluster, roles, images, secrets, buckets };
  const migration = new Migration('migration', at({ ...run, database, endpoints }), options);
  const api = new ApiService('api', at({ ...run, loadBalancer, migration, cdn, signIn }), options);
  const worker = new WorkerService('worker', at({ ...run, migration }), options);

  const gateway = settings.gateway.enabled
    ? new Gateway('gateway', at({ network, securityGroups, loadBalancer }), options)
    : undefined;
  const logSearch = settings.logSearch.enabled
    ? new LogSearch('log-search', at({ network, cluster, buckets, key }), options)
    : undefined;
  const watched = { loadBalancer, cluster, api, worker, database, cache, key };
  const alarms = new Alarms('alarms', at(watched), options);
  const dashboard = new Dashboard('dashboard', at(watched), options);
  if (settings.monthlyBudgetUsd !== undefined) new Budget('budget', at({ alarms }), options);

  return {
    url: loadBalancer.url,
    cdnUrl: cdn?.url,
    gatewayUrl: gateway?.url,
    gatewayKeyId: gateway?.apiKeyId,
    dashboardUrl: dashboard.url,
    logSearchUrl: logSearch?.url,
    signInIssuer: signIn?.issuer,
    bucket: buckets.imagesName,
    cluster: cluster.name,
    migrateTask: migration.taskDefinitionArn,
    taskSubnets: network.taskSubnetIds,
    taskSecurityGroup: securityGroups.workerId,
    tasksHavePublicAddresses: network.tasksHavePublicAddresses,
    version: images.version,
  };
}
