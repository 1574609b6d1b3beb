// What the processes are told by their environment, from what the stack has made. Knows .env.example, and no task.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Buckets } from './buckets.ts';
import type { Cdn } from './cdn.ts';
import { poolSizeFor } from './database-connections.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import type { SignIn } from './sign-in.ts';
import { shareMemory } from './worker-memory.ts';
import { METRICS_NAMESPACE, METRICS_SECONDS } from './worker-metrics.ts';

export type Variables = Record<string, pulumi.Input<string>>;

interface Shared {
  settings: Settings;
  buckets: Pick<Buckets, 'imagesName'>;
}

/** Shorter than the 120 seconds of the task's stopTimeout, what has to be closed after it included. */
const DRAIN_TIMEOUT_MS = 105_000;
/** Until every node of the balancer knows that the task leaves, its requests are taken still. */
const DRAIN_DELAY_MS = 10_000;

export const API_PORT = 3000;
/** Of the worker's /healthz and /metrics: set in the image. */
export const WORKER_PORT = 9464;

function sharedEnvironment({ settings, buckets }: Shared, parent: pulumi.Resource): Variables {
  const { region } = aws.getRegionOutput({}, { parent });
  return {
    OBJECT_STORE_URL: pulumi.interpolate`s3://${buckets.imagesName}?region=${region}`,
    DATABASE_POOL_SIZE: String(poolSizeFor(settings)),
    DRAIN_TIMEOUT_MS: String(DRAIN_TIMEOUT_MS),
  };
}

export interface ApiSurroundings extends Shared {
  loadBalancer: Pick<LoadBalancer, 'url' | 'trustedProxies' | 'idleSeconds'>;
  cdn: Pick<Cdn, 'url' | 'publicKeyId'> | undefined;
  signIn: Pick<SignIn, 'issuer' | 'clientId' | 'groupsClaim' | 'adminGroup'> | undefined;
}

export function apiEnvironment(around: ApiSurroundings, parent: pulumi.Resource): Variables {
  const { settings, loadBalancer, cdn, signIn } = around;
  return {
    ...sharedEnvironment(around, parent),
    PORT: String(API_PORT),
    MAX_UPLOAD_BYTES: String(settings.api.maxUploadBytes),
    DRAIN_DELAY_MS: String(DRAIN_DELAY_MS),
    // Longer than the balancer keeps a connection: it must never send a request into one that is being closed.
    KEEP_ALIVE_MS: String((loadBalancer.idleSeconds + 10) * 1000),
    TRUST_PROXY: loadBalancer.trustedProxies,
    PUBLIC_URL: cdn?.url ?? loadBalancer.url,
    // Without a domain there is no https, and browsers would not send the cookie.
    SECURE_COOKIES: settings.domain === undefined ? 'no' : 'yes',
    ...(cdn?.publicKeyId === undefined ? {} : { CDN_URL: cdn.url, CDN_KEY_ID: cdn.publicKeyId }),
    ...(signIn === undefined
      ? {}
      : {
          OIDC_ISSUER: signIn.issuer,
          OIDC_AUDIENCE: signIn.clientId,
          OIDC_GROUPS_CLAIM: signIn.groupsClaim,
          OIDC_ADMIN_GROUP: signIn.adminGroup,
        }),
    ...settings.environment,
  };
}

export function workerEnvironment(around: Shared, parent: pulumi.Resource): Variables {
  const { settings } = around;
  const { maxUploadBytes } = settings.api;
  const memory = shareMemory({ ...settings.worker, maxUploadBytes });
  return {
    ...sharedEnvironment(around, parent),
    METRICS_HOST: '0.0.0.0',
    METRICS_PORT: String(WORKER_PORT),
    EMBEDDED_METRICS_SECONDS: String(METRICS_SECONDS),
    EMBEDDED_METRICS_NAMESPACE: METRICS_NAMESPACE,
    EMBEDDED_METRICS_STACK: settings.name,
    TASK_PROTECTION_AFTER_MS: String(settings.worker.protectAfterSeconds * 1000),
    MAX_FETCH_BYTES: String(maxUploadBytes),
    DECODERS: String(memory.decoders),
    DECODER_MEMORY_BYTES: String(memory.decoderMemoryBytes),
    RENDERERS: String(memory.renderers),
    RENDERER_MEMORY_BYTES: String(memory.rendererMemoryBytes),
    ...settings.environment,
  };
}

export function connectionSecrets({ pinned }: Pick<Secrets, 'pinned'>): Variables {
  return { DATABASE_URL: pinned.databaseUrl, QUEUE_URL: pinned.queueUrl };
}
