// A Redis for one test alone, to be frozen, killed and misconfigured.
import { type RedisServer, ServiceUnavailableError, startRedis } from '@tintype/local';
import type { Test } from 'tap';

// The server of the whole test run is not to be touched.
delete process.env.REDIS_URL;

/** Why no Redis of one's own is to be had here; false where one is. */
export const noOwnRedis: string | false = await startRedis().then(
  (redis) => redis.stop().then(() => false as const),
  (error) => {
    if (error instanceof ServiceUnavailableError) return error.reason;
    throw error;
  },
);

export async function startOwnRedis(t: Test, options: { port?: number } = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  t.teardown(async () => {
    signal(redis, 'SIGCONT');
    await redis.stop();
  });
  return redis;
}

export function signal({ pid }: RedisServer, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name);
  } catch {}
}
