// The settings that both apps share: where the three stores are, and how loud to log.
import { choice, integer, url } from './env.ts';
import { LOG_LEVELS } from './logger.ts';
import { OBJECT_STORE_PROTOCOLS } from './object-store.ts';
import { QUEUE_PROTOCOLS } from './queue-connection.ts';

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
};
