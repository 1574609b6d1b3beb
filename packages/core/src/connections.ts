// The settings that both apps share: where the three stores are, what else may be called, and how loud to log.
import { choice, integer, networks, url } from './env.ts';
import { LOG_LEVELS } from './logger.ts';
import { OBJECT_STORE_PROTOCOLS } from './object-store.ts';
import { QUEUE_PROTOCOLS } from './queue-connection.ts';
import { OTLP_PROTOCOLS } from './telemetry.ts';

export const connectionSettings = {
  databaseUrl: url('DATABASE_URL', {
    about: 'PostgreSQL, the truth: postgres://user:password@host:5432/tintype',
    protocols: ['postgres:', 'postgresql:'],
  }),
  queueUrl: url('QUEUE_URL', {
    about:
      'The queue: redis://, rediss:// (maxmemory-policy noeviction), or postgres:// to do without Redis.',
    protocols: QUEUE_PROTOCOLS,
  }),
  objectStoreUrl: url('OBJECT_STORE_URL', {
    about: 'The bytes: s3://bucket/prefix?region=…&endpoint=…&pathStyle=true, or file:///folder?fsync=true.',
    protocols: OBJECT_STORE_PROTOCOLS,
  }),
  databasePoolSize: integer('DATABASE_POOL_SIZE', {
    about: 'Connections to PostgreSQL of each process.',
    fallback: 10,
    min: 1,
    max: 500,
  }),
  outgoingAllow: networks('OUTGOING_ALLOW', {
    about:
      'Private networks (10.0.0.0/8,fd00::1) that webhooks and images to fetch may lead to, separated by commas.',
  }),
  databaseConnectTimeoutMs: integer('DATABASE_CONNECT_TIMEOUT_MS', {
    about: 'Longest wait for a connection to PostgreSQL, in milliseconds.',
    fallback: 3000,
    min: 100,
    max: 60_000,
  }),
  databaseStatementTimeoutMs: integer('DATABASE_STATEMENT_TIMEOUT_MS', {
    about: 'Longest time that PostgreSQL may work on one statement, in milliseconds.',
    fallback: 5000,
    min: 100,
    max: 600_000,
  }),
  idempotencyKeepHours: integer('IDEMPOTENCY_KEEP_HOURS', {
    about: 'How long the answer to a request with an Idempotency-Key is given again, in hours.',
    fallback: 168,
    min: 1,
    max: 8760,
  }),
  logLevel: choice('LOG_LEVEL', {
    about: `One of ${LOG_LEVELS.join(', ')}.`,
    fallback: 'info',
    of: LOG_LEVELS,
  }),
  drainTimeoutMs: integer('DRAIN_TIMEOUT_MS', {
    about: 'How long a process that is told to stop may finish what it has begun, in milliseconds.',
    fallback: 100_000,
    min: 0,
    max: 3_600_000,
  }),
  otlpEndpoint: url('OTEL_EXPORTER_OTLP_ENDPOINT', {
    about: 'Where traces go, an OTLP/HTTP collector: http://collector:4318. Empty: none are made.',
    protocols: ['http:', 'https:'],
    fallback: '',
  }),
  otlpProtocol: choice('OTEL_EXPORTER_OTLP_PROTOCOL', {
    about: `How traces are written: one of ${OTLP_PROTOCOLS.join(', ')}.`,
    fallback: 'http/protobuf',
    of: OTLP_PROTOCOLS,
  }),
};
