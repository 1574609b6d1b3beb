import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { ERRORS, type ObjectStore, openObjectStore } from '../src/index.ts';
import { type Fate, startFlakyHttp } from './flaky-http.ts';
import { makeBucket, noS3, useCredentials } from './s3-bucket.ts';

const UNAVAILABLE = { code: 'OBJECT_STORE_UNAVAILABLE', message: ERRORS.OBJECT_STORE_UNAVAILABLE.message };
const bytes = randomBytes(6 * 1024 * 1024);
const about = { contentType: 'image/png', sha256Hex: createHash('sha256').update(bytes).digest('hex') };

async function* stream(): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function read(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  const object = await store.open(key);
  return object && buffer(object.body);
}

t.test('S3 with faults', { skip: noS3 }, async (t) => {
  const bucket = await makeBucket();
  const direct = await openObjectStore(bucket.url());
  t.teardown(() => direct.close());

  /** A store whose first requests of one method meet these fates; answers how many requests there were. */
  async function openFlaky(
    method: string,
    fates: Fate[],
  ): Promise<{ store: ObjectStore; requests: () => number }> {
    const left = [...fates];
    let requests = 0;
    const endpoint = await startFlakyHttp(bucket.endpoint, (request) => {
      if (request.method !== method) return 'pass';
      requests += 1;
      return left.shift() ?? 'pass';
    });
    const store = await openObjectStore(bucket.url(endpoint));
    t.teardown(() => store.close());
    return { store, requests: () => requests };
  }

  const PASSING: Fate[][] = [
    [500, 500],
    [503, 502],
    ['reset', 500],
    ['reset', 'reset'],
  ];
  for (const fates of PASSING) {
    t.test(`${fates.join(', ')}: tried again`, async (t) => {
      const key = fates.join('-');
      const putting = await openFlaky('PUT', fates);
      await putting.store.put(key, [bytes.subarray(0, 999), bytes.subarray(999)], about);
      t.equal(putting.requests(), 3);
      t.ok(bytes.equals((await read(direct, key)) ?? Buffer.of()));

      const streaming = await openFlaky('PUT', fates);
      await streaming.store.putStream(`${key}-streamed`, stream(), about);
      t.equal(streaming.requests(), 3);
      t.ok(bytes.equals((await read(direct, `${key}-streamed`)) ?? Buffer.of()));

      const opening = await openFlaky('GET', fates);
      t.ok(bytes.equals((await read(opening.store, key)) ?? Buffer.of()));
      t.equal(opening.requests(), 3);

      const looking = await openFlaky('HEAD', fates);
      t.equal((await looking.store.head(key))?.bytes, bytes.length);
      t.equal(looking.requests(), 3);

      const copying = await openFlaky('PUT', fates);
      t.equal(await copying.store.copy(key, `${key}-copied`), true);
      t.equal(copying.requests(), 3);
      t.ok(bytes.equals((await read(direct, `${key}-copied`)) ?? Buffer.of()));
    });
  }

  t.test('three failures are enough', async (t) => {
    const put = await openFlaky('PUT', [500, 500, 500, 'pass']);
    await t.rejects(put.store.put('never', [bytes], about), UNAVAILABLE);
    t.equal(put.requests(), 3);
    const open = await openFlaky('GET', [500, 500, 500, 'pass']);
    await t.rejects(open.store.open('never'), UNAVAILABLE);
    t.equal(open.requests(), 3);
    t.equal(await direct.open('never'), undefined);
  });

  t.test('a part that can not be stored aborts the upload', async (t) => {
    const { store } = await openFlaky('PUT', [500, 500, 500]);
    await t.rejects(store.putStream('part', stream(), about), UNAVAILABLE);
    t.equal(await bucket.unfinishedUploads(), 0);
    t.equal(await direct.open('part'), undefined);
  });

  t.test('a refusal is not tried again', async (t) => {
    const { store, requests } = await openFlaky('PUT', [403]);
    await t.rejects(store.put('refused', [bytes], about), UNAVAILABLE);
    t.equal(requests(), 1);
  });

  t.test('ping rejects by itself when the server says nothing', async (t) => {
    const { store } = await openFlaky('HEAD', ['hang', 'hang', 'hang']);
    await t.rejects(store.ping(), UNAVAILABLE);
  });

  t.test('wrong credentials', async (t) => {
    useCredentials('wrong');
    t.teardown(() => useCredentials());
    const store = await openObjectStore(bucket.url());
    t.teardown(() => store.close());
    await t.rejects(store.ping(), UNAVAILABLE);
    await t.rejects(store.put('denied', [bytes], about), UNAVAILABLE);
    await t.rejects(store.putStream('denied', stream(), about), UNAVAILABLE);
    await t.rejects(store.open('denied'), UNAVAILABLE);
    await t.rejects(store.remove('denied'), UNAVAILABLE);
    await t.rejects(store.head('denied'), UNAVAILABLE);
    await t.rejects(store.copy('denied', 'too'), UNAVAILABLE);
  });

  t.test('a bucket that does not exist is no missing object', async (t) => {
    const store = await openObjectStore(bucket.url().replace('s3://test-', 's3://none-'));
    t.teardown(() => store.close());
    await t.rejects(store.ping(), UNAVAILABLE);
    await t.rejects(store.put('lost', [bytes], about), UNAVAILABLE);
    await t.rejects(store.open('lost'), UNAVAILABLE);
    await t.rejects(store.read('lost', 1), UNAVAILABLE);
    await t.rejects(store.head('lost'), UNAVAILABLE);
    await t.rejects(store.copy('lost', 'found'), UNAVAILABLE);
  });
});
