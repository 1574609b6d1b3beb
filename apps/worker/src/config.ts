// The environment that the worker needs: every variable with its unit, its default and its sentence.
import { availableParallelism } from 'node:os';
import { connectionSettings, type Environment, integer, readEnvironment, text } from '@tintype/core';
import { MAX_SIMILAR_DISTANCE } from '@tintype/prisma';
import { awsSettings } from './aws-settings.ts';
import { inspectorSettings } from './inspector-settings.ts';
import { rendererSettings } from './renderer-settings.ts';
import { webhookSettings } from './webhook/webhook-settings.ts';

const DAY_MS = 86_400_000;

export const workerSettings = {
  ...connectionSettings,
  ...inspectorSettings,
  ...rendererSettings,
  ...webhookSettings,
  concurrency: integer('WORKER_CONCURRENCY', {
    about: 'Jobs one worker runs at once; most of them wait for the object store.',
    fallback: 32,
    min: 1,
    max: 1000,
  }),
  nearDuplicateDistance: integer('NEAR_DUPLICATE_DISTANCE', {
    about:
      'How many of the 64 bits of their perceptual hashes may differ between images that count as near duplicates, where a job asks about them.',
    fallback: 4,
    min: 0,
    max: MAX_SIMILAR_DISTANCE,
  }),
  leaseMs: integer('LEASE_MS', {
    about:
      'How long a job belongs to a worker that is not heard of, in milliseconds. Renewed three times as often.',
    fallback: 10_000,
    min: 1000,
    max: 3_600_000,
  }),
  maxFetchBytes: integer('MAX_FETCH_BYTES', {
    about:
      'Largest file fetched from an URL, in bytes. Over 100 MB raise DECODER_MEMORY_BYTES as well: a decoder holds the file.',
    fallback: 52_428_800,
    min: 1,
    max: 5_000_000_000,
  }),
  fetchTimeoutMs: integer('FETCH_TIMEOUT_MS', {
    about: 'Longest time fetching a file from an URL may take, its redirects included, in milliseconds.',
    fallback: 30_000,
    min: 100,
    max: 3_600_000,
  }),
  maxAttempts: integer('MAX_ATTEMPTS', {
    about: 'Failed attempts after which a job fails for good. Outages of the object store do not count.',
    fallback: 5,
    min: 1,
    max: 100,
  }),
  retryDelayMs: integer('RETRY_DELAY_MS', {
    about:
      'Pause before the second attempt, in milliseconds; each further one is four times longer, up to a minute, with jitter.',
    fallback: 1000,
    min: 0,
    max: 3_600_000,
  }),
  reconcileEveryMs: integer('RECONCILE_EVERY_MS', {
    about: 'How often to look for jobs that the queue forgot, in milliseconds.',
    fallback: 500,
    min: 50,
    max: 60_000,
  }),
  reconcileQuietMs: integer('RECONCILE_QUIET_MS', {
    about: 'How long a queued job may hear nothing before the queue is asked about it, in milliseconds.',
    fallback: 5000,
    min: 100,
    max: 600_000,
  }),
  sweepEveryMs: integer('SWEEP_EVERY_MS', {
    about: 'How often to remove what is no longer wanted, in milliseconds.',
    fallback: 60_000,
    min: 100,
    max: 86_400_000,
  }),
  orphanSweepEveryMs: integer('ORPHAN_SWEEP_EVERY_MS', {
    about:
      "How often to look through the whole object store for objects that no image knows, in milliseconds; 0: never. Its folder or prefix must be this database's alone.",
    fallback: DAY_MS,
    min: 0,
    max: 30 * DAY_MS,
  }),
  orphanAgeMs: integer('ORPHAN_AGE_MS', {
    about: 'Age from which an object that no image knows is removed, in milliseconds.',
    fallback: DAY_MS,
    min: 1000,
    max: 365 * DAY_MS,
  }),
  reprocessEveryMs: integer('REPROCESS_EVERY_MS', {
    about: 'How often to look for images that are to be described anew, in milliseconds.',
    fallback: 1000,
    min: 50,
    max: 3_600_000,
  }),
  reprocessAtOnce: integer('REPROCESS_AT_ONCE', {
    about: 'Images that a run over existing images has queued at most; none are added while new ones wait.',
    fallback: 32,
    min: 1,
    max: 10_000,
  }),
  uploadAbandonedMs: integer('UPLOAD_ABANDONED_MS', {
    about:
      'Age at which an upload that never became an image is removed, in milliseconds. Must exceed REQUEST_TIMEOUT_MS and DIRECT_UPLOAD_SECONDS.',
    fallback: 3_600_000,
    min: 1000,
    max: 30 * DAY_MS,
  }),
  requestLogRetentionDays: integer('REQUEST_LOG_RETENTION_DAYS', {
    about: 'Days that rows of the request log are kept.',
    fallback: 365,
    min: 1,
    max: 36_500,
  }),
  requestLogFullIpDays: integer('REQUEST_LOG_FULL_IP_DAYS', {
    about:
      'Days that the request log keeps whole addresses; then the network alone (IPv4: /24, IPv6: /48). 0: until the next sweep.',
    fallback: 30,
    min: 0,
    max: 36_500,
  }),
  usageRetentionDays: integer('USAGE_RETENTION_DAYS', {
    about: 'Days that the usage of each day is kept.',
    fallback: 400,
    min: 1,
    max: 36_500,
  }),
  apiKeyRetentionDays: integer('API_KEY_RETENTION_DAYS', {
    about: 'Days that API keys are still listed once they were revoked or have expired.',
    fallback: 90,
    min: 1,
    max: 36_500,
  }),
  renderConcurrency: integer('RENDER_CONCURRENCY', {
    about:
      'Derivatives one worker makes at once, those that uploads asked for among them: reading, rendering and storing.',
    fallback: 8,
    min: 1,
    max: 1000,
  }),
  maxRenderBytes: integer('MAX_RENDER_BYTES', {
    about: 'Largest file of which derivatives are made, in bytes.',
    fallback: 104_857_600,
    min: 1,
    max: 5_000_000_000,
  }),
  derivativeRetentionDays: integer('DERIVATIVE_RETENTION_DAYS', {
    about:
      'Days that a derivative is kept that nobody asks for; those asked for at upload stay as long as their image.',
    fallback: 30,
    min: 1,
    max: 36_500,
  }),
  accountPurgeGraceMs: integer('ACCOUNT_PURGE_GRACE_MS', {
    about:
      'How long after its deletion what an account owned begins to be removed, in milliseconds; its name, empty by then, goes after 60 times as long. Requests that were let in before may still bring something.',
    fallback: 60_000,
    min: 0,
    max: DAY_MS,
  }),
  eventRetentionDays: integer('EVENT_RETENTION_DAYS', {
    about: 'Days that events are kept.',
    fallback: 30,
    min: 1,
    max: 36_500,
  }),
  webhookLogRetentionDays: integer('WEBHOOK_LOG_RETENTION_DAYS', {
    about: 'Days that webhook deliveries are kept once they have ended.',
    fallback: 30,
    min: 1,
    max: 36_500,
  }),
  metricsPort: integer('METRICS_PORT', {
    about: 'Port on which a worker answers /metrics and /healthz; 0: none.',
    fallback: 0,
    min: 0,
    max: 65_535,
  }),
  metricsHost: text('METRICS_HOST', {
    about:
      'Address on which a worker answers /metrics and /healthz; 0.0.0.0 for those outside of its machine.',
    fallback: '127.0.0.1',
  }),
  stuckAfterMs: integer('STUCK_AFTER_MS', {
    about: 'A worker that starts nothing for so long while hints wait in the queue exits, in milliseconds.',
    fallback: 60_000,
    min: 1000,
    max: 3_600_000,
  }),
  ...awsSettings,
};

export type WorkerConfig = Environment<typeof workerSettings>;

/** @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const config = readEnvironment(workerSettings, env);
  return Object.freeze({ ...config, decoders: config.decoders || availableParallelism() });
}
