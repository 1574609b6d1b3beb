import { createHash } from 'node:crypto';
import { freePort } from '@tintype/local';
import t from 'tap';
import { openObjectStore } from '../src/index.ts';
import { listObjects } from '../src/s3-list.ts';
import { locateS3 } from '../src/s3-location.ts';
import { eventually } from './eventually.ts';
import { testObjectStore } from './object-store-contract.ts';
import { makeBucket, noS3 } from './s3-bucket.ts';

t.test('S3', { skip: noS3 }, async (t) => {
  const bucket = await makeBucket();
  const closed = `127.0.0.1:${await freePort()}`;
  const store = await openObjectStore(bucket.url());
  const dead = await openObjectStore(bucket.url(`http://${closed}`));
  t.teardown(() => Promise.all([store.close(), dead.close()]));
  testObjectStore(t, {
    ...{ store, dead, secrets: [closed, 'test-'], unfinished: bucket.unfinishedUploads },
    knowsTypes: true,
  });

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

  t.test('presignPut: that size and that type, until then', async (t) => {
    const { presignPut } = store;
    if (presignPut === undefined) throw new Error('There is no presignPut.');
    const promised = { bytes: 5, contentType: 'image/png', expiresInSeconds: 60 };
    const { url, headers } = await presignPut('incoming/a b+é', promised);
    t.same(headers, { 'content-type': 'image/png', 'content-length': '5' });
    t.equal(new URL(url).searchParams.get('X-Amz-SignedHeaders'), 'content-length;content-type;host');
    const send = async (body: string, type = 'image/png', to = url) =>
      (await fetch(to, { method: 'PUT', body, headers: { 'content-type': type } })).status;
    for (const [body, type] of [
      ['plates', 'image/png'],
      ['plat', 'image/png'],
      ['', 'image/png'],
      ['plate', 'image/jpeg'],
      ['plate', 'image/png; x'],
    ] as const)
      t.equal(await send(body, type), 403, `${body.length} bytes of ${type}`);
    const elsewhere = url.replace('incoming/', 'incoming/x');
    t.equal(await send('plate', 'image/png', elsewhere), 403);
    const longer = url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600');
    t.equal(await send('plate', 'image/png', longer), 403);
    t.equal((await fetch(url)).status, 403, 'only PUT');
    t.equal(await store.head('incoming/a b+é'), undefined);
    t.equal(await send('plate'), 200);
    t.match(await store.head('incoming/a b+é'), { bytes: 5, contentType: 'image/png' });
    t.equal(await send('other'), 200, 'again, while it counts');
    const soon = await presignPut('incoming/late', { ...promised, expiresInSeconds: 1 });
    const late = async () => (await send('plate', 'image/png', soon.url)) === 403;
    await eventually(late);
  });

  t.test('presignPut: for those who know the store by another name', async (t) => {
    const publicName = await openObjectStore(
      `${bucket.url(`http://${closed}`)}&publicEndpoint=${encodeURIComponent(bucket.endpoint)}`,
    );
    t.teardown(() => publicName.close());
    const promised = { bytes: 5, contentType: 'image/png', expiresInSeconds: 60 };
    const { url = '', headers } = (await publicName.presignPut?.('incoming/public', promised)) ?? {};
    t.ok(url.startsWith(`${bucket.endpoint}/`), url);
    const type = { 'content-type': headers?.['content-type'] ?? '' };
    t.equal((await fetch(url, { method: 'PUT', body: 'plate', headers: type })).status, 200);
    t.equal((await store.head('incoming/public'))?.bytes, 5);
  });

  t.test('bytes that are not those of the digest are refused', async (t) => {
    const about = { contentType: 'image/png', sha256Hex: '0'.repeat(64) };
    await t.rejects(store.put('corrupt', [Buffer.from('x')], about), { code: 'OBJECT_STORE_UNAVAILABLE' });
    t.equal(await store.open('corrupt'), undefined);
  });
});
