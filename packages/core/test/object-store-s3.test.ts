import { createHash } from 'node:crypto';
import { freePort } from '@tintype/local';
import t from 'tap';
import { openObjectStore } from '../src/index.ts';
import { listObjects } from '../src/s3-list.ts';
import { locateS3 } from '../src/s3-location.ts';
import { testObjectStore } from './object-store-contract.ts';
import { makeBucket, noS3 } from './s3-bucket.ts';

t.test('S3', { skip: noS3 }, async (t) => {
  const bucket = await makeBucket();
  const closed = `127.0.0.1:${await freePort()}`;
  const store = await openObjectStore(bucket.url());
  const dead = await openObjectStore(bucket.url(`http://${closed}`));
  t.teardown(() => Promise.all([store.close(), dead.close()]));
  testObjectStore(t, { store, dead, secrets: [closed, 'test-'], unfinished: bucket.unfinishedUploads });

  t.test('keys lie below the prefix', async (t) => {
    await store.put('where/am/i', [Buffer.from('x')], {
      contentType: 'image/png',
      sha256Hex: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    });
    t.ok((await bucket.keys()).includes('some/prefix/where/am/i'));
  });

  t.test('list goes on behind a page', async (t) => {
    const keys = Array.from({ length: 25 }, (_, index) => `pages/${String(index).padStart(2, '0')}`);
    const sha256Hex = createHash('sha256').update('x').digest('hex');
    const about = { contentType: 'image/png', sha256Hex };
    await Promise.all(keys.map((key) => store.put(key, [Buffer.from('x')], about)));
    const location = locateS3(bucket.url());
    t.teardown(() => location.client.destroy());
    const listed: string[] = [];
    for await (const { key } of listObjects(location, 10)) listed.push(key);
    t.same(
      listed.filter((key) => key.startsWith('pages/')),
      keys,
    );
  });

  t.test('bytes that are not those of the digest are refused', async (t) => {
    const about = { contentType: 'image/png', sha256Hex: '0'.repeat(64) };
    await t.rejects(store.put('corrupt', [Buffer.from('x')], about), { code: 'OBJECT_STORE_UNAVAILABLE' });
    t.equal(await store.open('corrupt'), undefined);
  });
});
