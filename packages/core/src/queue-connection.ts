// Turns QUEUE_URL into what BullMQ wants: Redis through ioredis, or PostgreSQL through BullMQ's own backend.
import { once } from 'node:events';
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
/** Longer than a worker waits for its next entry. */
const SOCKET_TIMEOUT_MS = 15_000;

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
  /** False while it is known that nothing can be sent. */
  isUp: () => boolean;
  disconnect: () => void;
}

/**
 * One connection to the queue. A `sender` gives up at once while Redis is away, for a nudge may be lost; a `receiver`
 * waits for Redis as long as it is away.
 */
export async function connectQueue(
  address: QueueAddress,
  role: 'sender' | 'receiver',
  onError: (error: Error) => void,
): Promise<QueueConnection> {
  return address.kind === 'redis' ? connectRedis(address, role, onError) : connectPostgres(address);
}

/** BullMQ listens to no client that it has borrowed from its pool: a server that ends just then would end the process as well. */
class LentClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

function connectPostgres({ url, schema }: QueueAddress): QueueConnection {
  const connection = {
    connectionString: url,
    schema,
    max: 4,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: 5000,
    query_timeout: 6000,
    keepAlive: true,
    application_name: 'tintype-queue',
    Client: LentClient,
  };
  return {
    connection,
    backend: createPostgresBackend as AnyBackend,
    isUp: () => true,
    disconnect: () => undefined,
  };
}

async function connectRedis(
  { url }: QueueAddress,
  role: 'sender' | 'receiver',
  onError: (error: Error) => void,
): Promise<QueueConnection> {
  const patience =
    role === 'sender'
      ? { commandTimeout: COMMAND_TIMEOUT_MS, enableOfflineQueue: false, maxRetriesPerRequest: 1 }
      : { maxRetriesPerRequest: null };
  const redis = new Redis(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A connection that went silent without an end would else be believed for a quarter of an hour.
    socketTimeout: SOCKET_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(times * 100, 1000),
    reconnectOnError: isDemoted,
    ...patience,
  });
  redis.on('error', onError);
  try {
    await refuseEviction(redis);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return {
    connection: redis,
    backend: createRedisBackend as AnyBackend,
    isUp: () => redis.status === 'ready',
    disconnect: () => redis.disconnect(),
  };
}

/**
 * The server became a replica: its name leads to another by now, which a connection that stays open would never learn. Such a command
 * fails all the same, as its sender may have no time.
 */
export function isDemoted({ message }: Error): boolean {
  return /\bREADONLY\b/.test(message);
}

/** Refuses a Redis that throws jobs away when it is full. One that is away now passes: the queue may be lost. */
async function refuseEviction(redis: Redis): Promise<void> {
  await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) }).catch(() => undefined);
  if (redis.status !== 'ready') return;
  const memory = await redis.info('memory').catch(() => '');
  const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1] ?? 'noeviction';
  if (policy === 'noeviction') return;
  throw new ConfigError(
    `QUEUE_URL names a Redis whose maxmemory-policy is ${policy}: it must be noeviction, or jobs are lost.`,
  );
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
