// Turns QUEUE_URL into what BullMQ wants: Redis through ioredis, or PostgreSQL through BullMQ's own backend.
import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  runMigrations,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { ConfigError } from './env.ts';

export const QUEUE_PROTOCOLS = ['redis:', 'rediss:', 'postgres:', 'postgresql:'] as const;

/** `redis://…?prefix=name` keeps its keys apart by prefix, `postgres://…?schema=name` its tables by schema. */
export interface QueueAddress {
  kind: 'redis' | 'postgres';
  url: string;
  prefix: string;
  schema: string;
}

/** BullMQ's classes take any backend; its types want to know which. */
export type AnyBackend = BackendFactory<IQueueBackend, unknown>;

const CONNECT_TIMEOUT_MS = 3000;
/** `queue.add()` on a Redis that hangs never returns but for this. */
const COMMAND_TIMEOUT_MS = 2000;

export function parseQueueUrl(text: string): QueueAddress {
  const address = new URL(text);
  const prefix = takeParameter(address, 'prefix') ?? 'tintype';
  const schema = takeParameter(address, 'schema') ?? 'bullmq';
  return {
    kind: address.protocol.startsWith('redis') ? 'redis' : 'postgres',
    url: address.href,
    prefix,
    schema,
  };
}

function takeParameter(address: URL, name: string): string | undefined {
  const value = address.searchParams.get(name) ?? undefined;
  address.searchParams.delete(name);
  return value;
}

export interface QueueConnection {
  connection: unknown;
  backend: AnyBackend;
  disconnect: () => void;
}

/**
 * One connection to the queue. A `sender` gives up at once while Redis is away, for a nudge may be lost; a `receiver`
 * waits for Redis as long as it is away.
 */
export function connectQueue(
  address: QueueAddress,
  role: 'sender' | 'receiver',
  onError: (error: Error) => void,
): QueueConnection {
  if (address.kind === 'postgres') {
    const connection = {
      connectionString: address.url,
      schema: address.schema,
      max: 4,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: 5000,
      application_name: 'tintype-queue',
    };
    return { connection, backend: createPostgresBackend as AnyBackend, disconnect: () => undefined };
  }
  const patience =
    role === 'sender'
      ? { commandTimeout: COMMAND_TIMEOUT_MS, enableOfflineQueue: false, maxRetriesPerRequest: 1 }
      : { maxRetriesPerRequest: null };
  const redis = new Redis(address.url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(times * 100, 1000),
    ...patience,
  });
  redis.on('error', onError);
  return {
    connection: redis,
    backend: createRedisBackend as AnyBackend,
    disconnect: () => redis.disconnect(),
  };
}

/** Refuses a Redis that throws jobs away when it is full. One that can't be reached now passes: the queue may be lost. */
export async function refuseEvictingRedis(address: QueueAddress): Promise<void> {
  if (address.kind !== 'redis') return;
  const redis = new Redis(address.url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new ConfigError(
        `QUEUE_URL names a Redis whose maxmemory-policy is ${policy}: it must be noeviction, or jobs are lost.`,
      );
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
  } finally {
    redis.disconnect();
  }
}

/** Makes the queue's own tables where it lives in PostgreSQL; nothing to do on Redis. */
export async function migrateQueue(queueUrl: string): Promise<void> {
  const address = parseQueueUrl(queueUrl);
  if (address.kind !== 'postgres') return;
  const client = new pg.Client({
    connectionString: address.url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    await runMigrations(client, address.schema);
  } finally {
    await client.end();
  }
}
