import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { openCdn } from '../../src/delivery/cdn.ts';
import { CDN_URL, ECDSA, KEY_ID, RSA, readAddress } from './cloudfront.ts';

const STORES = { DATABASE_URL: 'postgres://host/db', QUEUE_URL: 'redis://host' };
const CDN = {
  ...STORES,
  OBJECT_STORE_URL: 's3://bucket?region=eu-west-1',
  CDN_URL,
  CDN_KEY_ID: KEY_ID,
  CDN_PRIVATE_KEY: RSA.privateKey,
};
const KEY = 'tenant/derived/image/id-1';
const silent = { warn: () => undefined };
const ALIEN = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

t.test(
  'an object has one address for half the time, and it always counts longer than it is kept',
  async (t) => {
    let now = 1_800_000_000_000;
    const cdn = await openCdn(readConfig({ ...CDN, CDN_URL_SECONDS: '100' }), silent, () => now);
    const addresses = new Set<string>();
    for (let second = 0; second < 200; second += 1, now += 1000) {
      const { url = '', keptSeconds = 0 } = cdn?.addressOf(KEY) ?? {};
      addresses.add(url);
      const leftSeconds = (readAddress(url, RSA)?.expiresAtSeconds ?? 0) - now / 1000;
      t.ok(leftSeconds > 50 && leftSeconds <= 100, `${leftSeconds} left`);
      t.equal(keptSeconds, leftSeconds - 25);
    }
    t.equal(addresses.size, 4);
    t.not(cdn?.addressOf(`${KEY}2`)?.url, cdn?.addressOf(KEY)?.url);
  },
);

t.test('the key in the bucket', async (t) => {
  const table: [store: string, cdn: string, key: string, path: string][] = [
    ['s3://bucket', CDN_URL, KEY, KEY],
    ['s3://bucket/', `${CDN_URL}//`, KEY, KEY],
    ['s3://bucket/a/b/', CDN_URL, KEY, `a/b/${KEY}`],
    ['s3://bucket/a', `${CDN_URL}/pictures/`, KEY, `pictures/a/${KEY}`],
    ['s3://bucket', CDN_URL, "t/ü +'(%2F)", "t/ü +'(%2F)"],
  ];
  for (const [store, url, key, path] of table) {
    const config = readConfig({ ...CDN, OBJECT_STORE_URL: store, CDN_URL: url });
    t.equal(readAddress((await openCdn(config, silent))?.addressOf(key)?.url, RSA)?.path, path);
  }
});

t.test('both kinds of key that CloudFront knows', async (t) => {
  const config = readConfig({ ...CDN, CDN_PRIVATE_KEY: ECDSA.privateKey });
  t.equal(readAddress((await openCdn(config, silent))?.addressOf(KEY)?.url, ECDSA)?.path, KEY);
});

t.test('what can not be signed is told, and has no address', async (t) => {
  const told: unknown[] = [];
  const config = { ...readConfig(CDN), cdnPrivateKey: ALIEN };
  const cdn = await openCdn(config, { warn: (...all: unknown[]) => void told.push(all) });
  t.equal(cdn?.addressOf(KEY), undefined);
  t.equal(told.length, 1);
});

t.test('settings', async (t) => {
  t.equal(await openCdn(readConfig({ ...CDN, CDN_URL: '' }), silent), undefined, 'none');
  t.doesNotThrow(() => readConfig({ ...CDN, CDN_URL: '', OBJECT_STORE_URL: 'file:///objects' }));
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const table: [env: Record<string, string>, message: RegExp][] = [
    [{ CDN_URL: 'http://d111111abcdef8.cloudfront.net' }, /^CDN_URL must be an URL that begins with https:/],
    [{ CDN_URL: 'none' }, /^CDN_URL must be/],
    [{ CDN_URL: 'https://me:hunter2@host' }, /^CDN_URL must be an URL without query/],
    [{ CDN_URL: `${CDN_URL}/?a=1` }, /^CDN_URL must be an URL without query/],
    [{ CDN_KEY_ID: '' }, /^CDN_KEY_ID is not set/],
    [{ CDN_PRIVATE_KEY: '' }, /^CDN_PRIVATE_KEY is not set/],
    [{ CDN_PRIVATE_KEY: 'hunter2' }, /^CDN_PRIVATE_KEY must be a private key in PEM/],
    [{ CDN_PRIVATE_KEY: RSA.privateKey.slice(0, 400) }, /^CDN_PRIVATE_KEY must be/],
    [{ CDN_PRIVATE_KEY: ALIEN }, /^CDN_PRIVATE_KEY must be/],
    [
      { CDN_PRIVATE_KEY: short.export({ type: 'pkcs8', format: 'pem' }).toString() },
      /^CDN_PRIVATE_KEY must be/,
    ],
    [{ CDN_URL_SECONDS: '59' }, /^CDN_URL_SECONDS must be/],
    [{ CDN_MIN_BYTES: '-1' }, /^CDN_MIN_BYTES must be/],
    [{ OBJECT_STORE_URL: 'file:///objects' }, /^CDN_URL can not be used with this OBJECT_STORE_URL/],
  ];
  for (const [env, message] of table) {
    const read = () => readConfig({ ...CDN, ...env });
    t.throws(read, { name: 'ConfigError', message });
    t.throws(read, { message: /^((?!hunter2|BEGIN).)*$/ }, 'no secret');
  }
});
