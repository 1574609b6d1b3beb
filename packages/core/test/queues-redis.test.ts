import { Redis } from 'ioredis';
import t from 'tap';
import { testQueue } from './queue-contract.ts';
import type { TestQueue } from './queue-ends.ts';

const { REDIS_URL: url = '', TEST_NO_REDIS: reason } = process.env;

async function makeQueue(): Promise<TestQueue> {
  const prefix = `test-${crypto.randomUUID()}`;
  return { url: `${url}?prefix=${prefix}`, lose: () => erase(prefix) };
}

async function erase(prefix: string): Promise<void> {
  const redis = new Redis(url);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

t.test('redis', { skip: reason ?? false }, async (t) => {
  t.teardown(() => erase('test-*'));
  testQueue(t, makeQueue);
});
