// The environment that the API needs: every variable with its unit, its default and its sentence.
import {
  choice,
  connectionSettings,
  type Environment,
  integer,
  networks,
  ON_DUPLICATE,
  readEnvironment,
  text,
} from '@tintype/core';
import { accountSettings } from './account-settings.ts';
import { cdnSettings, checkCdn } from './delivery/cdn-settings.ts';
import { deliverySettings } from './delivery/settings.ts';
import { checkOidc } from './oidc/settings.ts';

export const apiSettings = {
  ...connectionSettings,
  ...accountSettings,
  ...deliverySettings,
  ...cdnSettings,
  host: text('HOST', { about: 'Address the API listens on.', fallback: '0.0.0.0' }),
  port: integer('PORT', {
    about: 'Port the API listens on; 0 picks a free one.',
    fallback: 3000,
    min: 0,
    max: 65_535,
  }),
  maxUploadBytes: integer('MAX_UPLOAD_BYTES', {
    about:
      'Largest file accepted, in bytes. Over 100 MB raise DECODER_MEMORY_BYTES as well: a decoder holds the file.',
    fallback: 52_428_800,
    min: 1,
    max: 5_000_000_000,
  }),
  requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', {
    about:
      'Longest time a whole request may take to arrive, in milliseconds. Must be under UPLOAD_ABANDONED_MS.',
    fallback: 300_000,
    min: 1000,
    max: 3_600_000,
  }),
  keepAliveMs: integer('KEEP_ALIVE_MS', {
    about:
      'How long an idle connection stays open, in milliseconds: longer than the load balancer keeps its own.',
    fallback: 75_000,
    min: 0,
    max: 3_600_000,
  }),
  maxWaitSeconds: integer('MAX_WAIT_SECONDS', {
    about: 'Longest time a request may wait for a job to finish, in seconds.',
    fallback: 60,
    min: 1,
    max: 3600,
  }),
  trustProxy: networks('TRUST_PROXY', {
    about:
      'Addresses or networks of proxies whose X-Forwarded-For counts, separated by commas: 10.0.0.0/8,127.0.0.1',
  }),
  requestLogKeptRows: integer('REQUEST_LOG_KEPT_ROWS', {
    about:
      'Rows of the request log that one process keeps while PostgreSQL is away; beyond them the oldest are lost.',
    fallback: 10_000,
    min: 1,
    max: 100_000,
  }),
  keyCacheMs: integer('KEY_CACHE_MS', {
    about:
      'How long a checked key, session or token is believed, in milliseconds; what was revoked works no longer than this.',
    fallback: 3000,
    min: 0,
    max: 60_000,
  }),
  idempotencyLeaseMs: integer('IDEMPOTENCY_LEASE_MS', {
    about:
      'How long a request with an Idempotency-Key still counts as under way once its process is silent, in milliseconds.',
    fallback: 15_000,
    min: 500,
    max: 600_000,
  }),
  duplicates: choice('DUPLICATES', {
    about:
      'reuse: a file sent again with the same wishes is answered with the image that is there; allow: it becomes a new one. A request may say otherwise.',
    fallback: 'reuse',
    of: ['reuse', 'allow'],
  }),
  onDuplicate: choice('ON_DUPLICATE', {
    about:
      'What to do with an image that looks like one that is there, where the request does not say: allow; flag: `duplicateOf` names that one; reject: the job fails.',
    fallback: 'allow',
    of: [...ON_DUPLICATE],
  }),
  directUploadSeconds: integer('DIRECT_UPLOAD_SECONDS', {
    about:
      'How long a client may take to send a file past the API, in seconds. Must be under UPLOAD_ABANDONED_MS, which is how long it may take to have it taken in.',
    fallback: 900,
    min: 1,
    max: 604_800,
  }),
  maxEventStreams: integer('MAX_EVENT_STREAMS', {
    about: 'Most streams of server-sent events that one process keeps open; those beyond are answered 503.',
    fallback: 1000,
    min: 0,
    max: 100_000,
  }),
  maxWebhookEndpoints: integer('MAX_WEBHOOK_ENDPOINTS', {
    about: 'Most webhook endpoints that one tenant may have.',
    fallback: 50,
    min: 0,
    max: 10_000,
  }),
  databaseStatementTimeoutMs: {
    ...connectionSettings.databaseStatementTimeoutMs,
    about:
      'Longest time that PostgreSQL may work on one statement, in milliseconds. The default of a worker is 5000.',
    fallback: '3000',
  },
  maxQueuedJobs: integer('MAX_QUEUED_JOBS', {
    // Counting a million, once a second, takes PostgreSQL a third of a second; many more it would not count in time.
    about: 'Uploads are answered 503 while so many jobs wait; 0 never.',
    fallback: 1_000_000,
    min: 0,
    max: 5_000_000,
  }),
  maxUploadsAtOnce: integer('MAX_UPLOADS_AT_ONCE', {
    about: 'Uploads that one process takes at once; those beyond are answered 503. 0 is no limit.',
    fallback: 1000,
    min: 0,
    max: 100_000,
  }),
  maxUploadsAtOncePerTenant: integer('MAX_UPLOADS_AT_ONCE_PER_TENANT', {
    about:
      'Uploads that one process takes at once of one tenant; those beyond are answered 429. 0 is no limit.',
    fallback: 500,
    min: 0,
    max: 100_000,
  }),
  limitsTimeoutMs: integer('LIMITS_TIMEOUT_MS', {
    about:
      'How long Redis may take to count a request, in milliseconds, before PostgreSQL counts in its stead for two seconds.',
    fallback: 250,
    min: 1,
    max: 60_000,
  }),
  maxEventLoopDelayMs: integer('MAX_EVENT_LOOP_DELAY_MS', {
    about:
      'Requests are answered 503 while the event loop is late by so much on average, in milliseconds; 0 never.',
    fallback: 2000,
    min: 0,
    max: 60_000,
  }),
  maxEventLoopUtilizationPercent: integer('MAX_EVENT_LOOP_UTILIZATION_PERCENT', {
    about:
      'Requests are answered 503 while the event loop is busy for more than this share of the time; 100 never.',
    fallback: 100,
    min: 1,
    max: 100,
  }),
  maxHeapBytes: integer('MAX_HEAP_BYTES', {
    about:
      'Requests are answered 503 while the heap is larger, in bytes; 0 is nine tenths of what Node.js allows.',
    fallback: 0,
    min: 0,
    max: 1_000_000_000_000,
  }),
  drainDelayMs: integer('DRAIN_DELAY_MS', {
    about: 'How long a stopping process still accepts requests while /readyz says no, in milliseconds.',
    fallback: 0,
    min: 0,
    max: 60_000,
  }),
};

export type ApiConfig = Environment<typeof apiSettings>;

/** @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv): ApiConfig {
  const config = readEnvironment(apiSettings, env);
  checkOidc(config);
  checkCdn(config);
  return config;
}
