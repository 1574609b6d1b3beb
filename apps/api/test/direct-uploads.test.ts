import t from 'tap';
import type { Upload } from '../src/schemas/upload.ts';
import { addKey, startApi, type TestApi } from './app.ts';
import { call, image, postJson, problem, upload } from './client.ts';
import { codeOf, incoming, jobOf, keysOf, overwrite, promised, send, sent, takeIn } from './direct-upload.ts';
import { eventually } from './eventually.ts';
import { picture, pictureOf } from './pictures.ts';
import { setPlan } from './plans.ts';
import { STORES } from './stores.ts';

/** What is taken away behind an answer is gone soon. */
async function settled(api: TestApi): Promise<{ keys: string[]; uploads: number }> {
  const look = async () => ({
    keys: await keysOf(api.deps.objects),
    uploads: (await api.rows('SELECT FROM uploads')).length,
  });
  return eventually(
    look,
    ({ keys, uploads }) => uploads === 0 && !keys.some((key) => key.includes('incoming')),
  );
}

const originals = async (api: TestApi) =>
  (await keysOf(api.deps.objects)).filter((key) => key.includes('/original/'));

for (const { name, open, skip } of STORES) {
  t.test(name, { skip }, async (t) => {
    const start = async (env: Record<string, string> = {}) =>
      startApi({ env: { OBJECT_STORE_URL: await open(), ...env } });

    t.test('promised, sent, taken in: an image like any other', async (t) => {
      const api = await start();
      for (const file of [picture, pictureOf(700_000), pictureOf(12_000_000)]) {
        const { id, method, expiresAt, ...address } = await promised(api, file, { fileName: 'a é.png' });
        t.equal(method, 'PUT');
        t.match(address.headers, { 'content-type': 'image/png', 'content-length': String(file.length) });
        const leftMs = Date.parse(expiresAt) - Date.now();
        t.ok(leftMs > 600_000 && leftMs <= 901_000, expiresAt);
        t.match(await send(api, address, file), /^20\d$/);
        const answer = await takeIn(api, { id }, { title: 'A title', tags: ['b'], profile: 'full' });
        t.equal(answer.status, 202, String(answer.body));
        const { id: jobId, imageId } = jobOf(answer);
        t.equal(answer.headers.location, `/v1/jobs/${jobId}`);
        t.match((await call(api, `/v1/images/${imageId}`)).json(), {
          ...{ title: 'A title', tags: ['b'], fileName: 'a é.png', bytes: file.length, format: 'png' },
        });
        t.ok((await call(api, `/v1/images/${imageId}/original`)).body.equals(file));
        t.same(await api.rows('SELECT options FROM jobs WHERE id = $1', [jobId]), [
          { options: { profile: 'full' } },
        ]);
      }
      const { keys, uploads } = await settled(api);
      t.equal(uploads, 0);
      t.equal(keys.length, 3);
      t.ok(keys.every((key) => key.includes('/original/')));
    });

    t.test('what is wrong is told, and leaves nothing behind', async (t) => {
      const api = await start();
      const { objects } = api.deps;
      const refused = async (of: Pick<Upload, 'id'>, code: string) => {
        t.equal(codeOf(await takeIn(api, of)), code);
        t.same(await originals(api), []);
        const { images, jobs, events } = await api.traces();
        t.same({ images, jobs, events }, { images: 0, jobs: 0, events: 0 });
      };
      await refused({ id: crypto.randomUUID() }, '404 UPLOAD_NOT_FOUND');
      const one = await promised(api, picture);
      await refused(one, '409 UPLOAD_NOT_READY');
      t.equal((await takeIn(api, one)).headers['retry-after'], '1');
      await overwrite(objects, incoming(api, one), picture.subarray(1));
      await refused(one, '422 UPLOAD_MISMATCH');
      if (name === 'S3') {
        await overwrite(objects, incoming(api, one), picture, 'image/gif');
        await refused(one, '422 UPLOAD_MISMATCH');
      }
      await overwrite(objects, incoming(api, one), Buffer.alloc(picture.length, 'text'));
      await refused(one, '415 NOT_AN_IMAGE');
      for (const [body, pointer] of [
        [{ uploadId: 'x' }, '/uploadId'],
        [{ uploadId: one.id, url: 'https://example.com/x.jpg' }, '/url'],
        [{ title: 'x' }, '/url'],
        [{ url: 'https://example.com/x.jpg', duplicate: 'allow' }, '/duplicate'],
        [{ uploadId: one.id, nonsense: 1 }, '/nonsense'],
      ] as const) {
        const answer = await postJson(api, '/v1/jobs', body);
        t.equal(codeOf(answer), '400 INVALID_REQUEST');
        t.equal(problem(answer).errors?.[0]?.pointer, pointer);
      }
      t.equal((await api.traces()).uploads, 1, 'it may be sent anew');
      t.match(await send(api, one, picture), /^20\d$/);
      t.equal((await takeIn(api, { id: one.id.toUpperCase() })).status, 202);
      t.equal(codeOf(await takeIn(api, one)), '404 UPLOAD_NOT_FOUND', 'once');
    });

    t.test('nobody else’s, and no more than one is allowed', async (t) => {
      const api = await start({ MAX_UPLOAD_BYTES: '1000000' });
      const one = await sent(api, picture);
      const key = await addKey(api.rows, { tenantId: crypto.randomUUID() });
      t.equal(codeOf(await takeIn({ ...api, key }, one)), '404 UPLOAD_NOT_FOUND');
      t.match((await takeIn(api, one)).status, 202);
      const ask = (body: object) =>
        postJson(api, '/v1/uploads', { bytes: 10, contentType: 'image/png', ...body });
      t.equal(codeOf(await ask({ bytes: 1_000_001 })), '413 IMAGE_TOO_LARGE');
      for (const wrong of [
        { bytes: 0 },
        { bytes: 1e300 },
        { bytes: 1.5 },
        { contentType: 'text/html' },
        { contentType: 'image/' },
        { contentType: 'image/png\r\nx-amz-acl: public-read' },
        { contentType: 'image/png; charset=x' },
        { fileName: '' },
        { id: one.id },
      ])
        t.equal(codeOf(await ask(wrong)), '400 INVALID_REQUEST', JSON.stringify(wrong));
      t.equal((await settled(api)).uploads, 0);
      const keyed = await addKey(api.rows, { tenantId: api.tenantId, alter: `scopes = '{images:read}'` });
      t.equal(codeOf(await postJson({ ...api, key: keyed }, '/v1/uploads', {})), '403 FORBIDDEN');
    });

    t.test('overwriting what was sent does not change what was accepted', async (t) => {
      const api = await start();
      const file = pictureOf(300_000);
      const one = await sent(api, file);
      const { imageId } = jobOf(await takeIn(api, one));
      await settled(api);
      await overwrite(api.deps.objects, incoming(api, one), pictureOf(300_000));
      const again = await send(api, one, pictureOf(300_000));
      t.match(again, name === 'S3' ? /^200$/ : /^404 UPLOAD_NOT_FOUND$/);
      t.ok((await call(api, `/v1/images/${imageId}/original`)).body.equals(file));
      t.equal(codeOf(await takeIn(api, one)), '404 UPLOAD_NOT_FOUND');
    });

    t.test('sent again before it is taken in: the last counts', async (t) => {
      const api = await start();
      const [first, second] = [pictureOf(5000), pictureOf(5000)];
      const one = await sent(api, first);
      await send(api, one, second);
      const { imageId } = jobOf(await takeIn(api, one));
      t.ok((await call(api, `/v1/images/${imageId}/original`)).body.equals(second));
    });

    t.test('an Idempotency-Key gives the same job again, and no other', async (t) => {
      const api = await start();
      const one = await sent(api, picture);
      const key = { 'idempotency-key': 'k1' };
      const first = await takeIn(api, one, { title: 'a' }, key);
      t.equal(first.status, 202);
      const again = await takeIn(api, one, { title: 'a' }, key);
      t.equal(again.headers['idempotent-replayed'], 'true');
      t.same(jobOf(again), jobOf(first));
      t.equal(codeOf(await takeIn(api, one, { title: 'b' }, key)), '422 IDEMPOTENCY_KEY_REUSED');
      t.equal((await settled(api)).keys.length, 1);
      const missing = { id: crypto.randomUUID() };
      const other = { 'idempotency-key': 'k2' };
      t.equal(codeOf(await takeIn(api, missing, {}, other)), '404 UPLOAD_NOT_FOUND');
      t.equal(
        (await takeIn(api, await sent(api, picture), {}, other)).status,
        202,
        'an error gives the key back',
      );

      const promise = { bytes: 100, contentType: 'image/png' };
      const made = await postJson(api, '/v1/uploads', promise, { headers: { 'idempotency-key': 'k3' } });
      const same = await postJson(api, '/v1/uploads', promise, { headers: { 'idempotency-key': 'k3' } });
      t.same(same.json(), made.json());
      const [kept] = await api.rows<{ body: object }>(`SELECT body FROM idempotency_keys WHERE key = 'k3'`);
      t.notMatch(JSON.stringify(kept?.body), 'incoming');
      t.notMatch(JSON.stringify(kept?.body), 'signature');
    });

    t.test('a file that is there already is answered with its job, whichever way it came', async (t) => {
      const api = await start({ DUPLICATES: 'reuse' });
      const file = pictureOf(2000);
      const first = jobOf(await upload(api, [image(file)]));
      const again = await takeIn(api, await sent(api, file));
      t.equal(again.headers['tintype-duplicate'], 'true');
      t.equal(jobOf(again).id, first.id);
      t.same((await settled(api)).keys.length, 1, 'neither copy stays');
      const anew = await takeIn(api, await sent(api, file), { duplicate: 'allow' });
      t.not(jobOf(anew).id, first.id);
      t.equal((await settled(api)).keys.length, 2);
    });

    t.test('room: promised at once, counted once', async (t) => {
      const api = await start();
      await setPlan(api, { storedBytes: 10_000, concurrentJobs: 1 });
      const file = pictureOf(10_000);
      const one = await sent(api, file);
      const more = { bytes: 1, contentType: 'image/png' };
      t.equal(codeOf(await postJson(api, '/v1/uploads', more)), '403 STORAGE_QUOTA_EXCEEDED');
      t.equal(codeOf(await upload(api, [image()])), '403 STORAGE_QUOTA_EXCEEDED');
      t.equal((await api.traces()).uploads, 1, 'of what was refused nothing stays');
      t.equal((await takeIn(api, one)).status, 202);
      await settled(api);
      t.match(await api.deps.db.of(api.tenantId).admissions.held(), { bytes: 10_000, jobs: 1 });
      await setPlan(api, { storedBytes: null, concurrentJobs: 1 });
      const two = await sent(api, picture);
      t.equal(codeOf(await takeIn(api, two)), '429 TOO_MANY_JOBS');
      t.equal((await originals(api)).length, 1);
      await setPlan(api, { uploadBytes: picture.length - 1 });
      t.equal(codeOf(await takeIn(api, two)), '413 IMAGE_TOO_LARGE', 'the plan of now');
      await setPlan(api, {});
      t.equal((await takeIn(api, two)).status, 202, 'it is still there');
    });

    t.test('taken in many times at the same moment: one image', async (t) => {
      const api = await start();
      const one = await sent(api, pictureOf(100_000));
      const answers = await Promise.all(Array.from({ length: 8 }, () => takeIn(api, one)));
      t.same(answers.map(codeOf).sort(), ['202', ...Array.from({ length: 7 }, () => '404 UPLOAD_NOT_FOUND')]);
      t.equal((await settled(api)).keys.length, 1);
      t.match(await api.traces(), { images: 1, jobs: 1 });
    });
  });
}
