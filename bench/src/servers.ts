// A fresh PostgreSQL and a fresh Redis for one system in one round: the same servers with the same settings for both.
import { chmod } from 'node:fs/promises';
import { createDatabase, type RedisServer, startPostgres, startRedis } from '@tintype/local';
import { atEnd } from './cleanup.ts';
import { makeFolder } from './workspace.ts';

export interface Servers {
  readonly databaseUrl: string;
  /** Undefined when none was asked for. */
  readonly redisUrl: string | undefined;
  /** Process ids by role. */
  readonly pids: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Why there can be no Redis of our own; undefined when there can. */
export async function whyNoRedis(): Promise<string | undefined> {
  try {
    const redis = await startRedis();
    await redis.stop();
    return redis.pid === undefined ? 'REDIS_URL is set: the run needs a Redis of its own' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function redisFacts(redis: RedisServer | undefined): Pick<Servers, 'redisUrl' | 'pids'> {
  return { redisUrl: redis?.url, pids: redis?.pid === undefined ? {} : { redis: redis.pid } };
}

/** Commits are flushed to disk (`durable`); Redis keeps its data in memory. `log` hears what PostgreSQL writes. */
export async function startServers(
  workspace: string,
  wanted: { redis: boolean; log?: (line: string) => void },
): Promise<Servers> {
  const folder = await makeFolder(workspace, 'servers');
  await chmod(folder.path, 0o755);
  const { log = () => undefined } = wanted;
  const postgres = await startPostgres({ dataDir: `${folder.path}/postgres`, durable: true, log });
  const stopPostgres = atEnd(() => postgres.stop());
  const redis = wanted.redis ? await startRedis() : undefined;
  const stopRedis = atEnd(async () => redis?.stop());
  const { redisUrl, pids } = redisFacts(redis);
  return {
    databaseUrl: await createDatabase(postgres.url, 'bench'),
    redisUrl,
    pids: { ...pids, postgres: postgres.pid },
    stop: async () => {
      await stopRedis();
      await stopPostgres();
      await folder.remove();
    },
  };
}
