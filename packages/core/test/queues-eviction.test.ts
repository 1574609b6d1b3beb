import { Redis } from 'ioredis';
import t from 'tap';
import { openNudgeReceiver, openNudgeSender } from '../src/index.ts';
import { noOwnRedis, startOwnRedis } from './own-redis.ts';

const ignore = () => undefined;

for (const policy of ['allkeys-lru', 'allkeys-random', 'volatile-lru', 'volatile-ttl']) {
  t.test(`a Redis that evicts (${policy}) is refused by both ends`, { skip: noOwnRedis }, async (t) => {
    const { url } = await startOwnRedis(t);
    const redis = new Redis(url);
    await redis.config('SET', 'maxmemory-policy', policy);
    redis.disconnect();
    const message = new RegExp(`^QUEUE_URL .*maxmemory-policy is ${policy}`);
    const expected = { name: 'ConfigError', message };
    const receiverOptions = { concurrency: 1, handle: async () => undefined, onError: ignore };
    await t.rejects(openNudgeSender(url, 'process-image', ignore), expected);
    await t.rejects(openNudgeReceiver(url, 'process-image', receiverOptions), expected);
  });
}
