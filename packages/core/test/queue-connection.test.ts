import t from 'tap';
import { migrateQueue } from '../src/index.ts';
import { parseQueueUrl } from '../src/queue-connection.ts';

const DEFAULTS = { prefix: 'tintype', schema: 'bullmq' };

const ADDRESSES: [string, object][] = [
  ['redis://host:6379', { kind: 'redis', url: 'redis://host:6379', ...DEFAULTS }],
  ['rediss://u:p@host:1/3', { kind: 'redis', url: 'rediss://u:p@host:1/3', ...DEFAULTS }],
  [
    'redis://host?prefix=a&family=6',
    { kind: 'redis', url: 'redis://host?family=6', ...DEFAULTS, prefix: 'a' },
  ],
  ['postgres://u:p@h/d', { kind: 'postgres', url: 'postgres://u:p@h/d', ...DEFAULTS }],
  ['postgresql://h/d', { kind: 'postgres', url: 'postgresql://h/d', ...DEFAULTS }],
  [
    'postgres://h/d?schema=q&sslmode=require',
    { kind: 'postgres', url: 'postgres://h/d?sslmode=require', ...DEFAULTS, schema: 'q' },
  ],
];

for (const [url, expected] of ADDRESSES) {
  t.test(url, async (t) => {
    t.same(parseQueueUrl(url), expected);
  });
}

t.test('Redis needs no migration', async (t) => {
  await t.resolves(migrateQueue('redis://nowhere.invalid'));
});
