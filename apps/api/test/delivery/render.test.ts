import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import sharp from 'sharp';
import t from 'tap';
import { addKey, startApi } from '../app.ts';
import { accept, call, field, image, problem } from '../client.ts';
import { eventually } from '../eventually.ts';
import { startMaker } from '../maker.ts';
import { fail, finish } from '../worker.ts';

const api = await startApi();
const maker = await startMaker(api);
const large = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();
const job = await accept(api, [image(large)]);
const render = `${job.links.image}/render`;

const count = async () => {
  const [row] = await api.rows<{ rows: number }>('SELECT count(*)::int AS rows FROM derivatives');
  return row?.rows;
};

t.test('a picture is made, and answered with all that caches want to know', async (t) => {
  const answer = await call(api, `${render}?width=32&format=webp`);
  t.equal(answer.status, 200);
  const { width, height, format } = await sharp(answer.body).metadata();
  t.same({ width, height, format }, { width: 32, height: 24, format: 'webp' });
  t.match(answer.headers, {
    etag: `"${createHash('sha256').update(answer.body).digest('hex')}"`,
    'content-type': 'image/webp',
    'content-length': String(answer.body.length),
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-disposition': 'inline',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  t.equal(answer.headers.vary, undefined, 'it does not depend on Accept');

  const head = await call(api, `${render}?width=32&format=webp`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.equal(head.body.length, 0);
  const own = { 'x-request-id': '', date: '', connection: '', 'keep-alive': '' };
  t.same({ ...head.headers, ...own }, { ...answer.headers, ...own }, 'HEAD says what GET says');
});

t.test('ranges and conditions', async (t) => {
  const path = `${render}?width=32&format=webp`;
  const whole = await call(api, path);
  const { length } = whole.body;
  const etag = String(whole.headers.etag);
  const part = await call(api, path, { headers: { range: 'bytes=4-9' } });
  t.equal(part.status, 206);
  t.equal(part.headers['content-range'], `bytes 4-9/${length}`);
  t.ok(part.body.equals(whole.body.subarray(4, 10)));
  const last = await call(api, path, { headers: { range: 'bytes=-3', 'if-range': etag } });
  t.ok(last.body.equals(whole.body.subarray(-3)));
  const outside = await call(api, path, { headers: { range: `bytes=${length}-` } });
  t.equal(outside.status, 416);
  t.equal(outside.headers['content-range'], `bytes */${length}`);
  const known = await call(api, path, { headers: { 'if-none-match': `"x", W/${etag}` } });
  t.equal(known.status, 304);
  t.equal(known.body.length, 0);
  t.match(known.headers, { etag, 'cache-control': /immutable/ });
  t.equal((await call(api, path, { headers: { 'if-none-match': '"x"' } })).status, 200);
});

t.test('the same by another name is the same', async (t) => {
  const before = maker.made.length;
  const same = [
    'dpr=0.5&width=80',
    'width=40&rotate=360',
    'gravity=center&width=40&enlarge=false',
    'width=040',
  ];
  const tags = new Set<string | undefined>();
  for (const query of same) tags.add((await call(api, `${render}?${query}`)).headers.etag);
  t.equal(tags.size, 1);
  t.equal(maker.made.length, before + 1);
});

t.test('fifty at once are one computation', async (t) => {
  const [before, rows = 0] = [maker.made.length, await count()];
  const answers = await Promise.all(Array.from({ length: 50 }, () => call(api, `${render}?width=17`)));
  t.same([...new Set(answers.map(({ status }) => status))], [200]);
  t.equal(new Set(answers.map(({ body }) => body.toString('base64'))).size, 1);
  t.equal(maker.made.length, before + 1);
  t.equal(await count(), rows + 1);
});

t.test('auto is chosen by Accept, and says so', async (t) => {
  const table: [accept: string | undefined, type: string][] = [
    ['image/avif,image/webp,*/*', 'image/avif'],
    ['image/webp,*/*', 'image/webp'],
    ['*/*', 'image/png'],
    [undefined, 'image/png'],
    ['image/avif;q=0,image/webp', 'image/webp'],
  ];
  for (const [accept, type] of table) {
    const headers = accept === undefined ? {} : { accept };
    const answer = await call(api, `${render}?format=auto&width=8`, { headers });
    t.equal(answer.headers['content-type'], type, String(accept));
    t.equal(answer.headers.vary, 'Accept');
    const known = await call(api, `${render}?format=auto&width=8`, {
      headers: { ...headers, 'if-none-match': String(answer.headers.etag) },
    });
    t.match([known.status, known.headers.vary], [304, 'Accept']);
  }
  const named = await call(api, `${render}?format=png&width=8`, { headers: { accept: 'image/avif' } });
  t.equal(named.headers['content-type'], 'image/png', 'what is named is named');
});

t.test('nonsense is refused by name, before anything is made', async (t) => {
  const before = await count();
  const answer = await call(api, `${render}?width=0&fit=crop&depth=3&blur=1&blur=2`);
  t.equal(answer.status, 400);
  t.equal(problem(answer).code, 'INVALID_REQUEST');
  const pointers = problem(answer).errors?.map(({ pointer }) => pointer);
  t.same(pointers?.sort(), ['/blur', '/depth', '/fit', '/width']);
  t.equal(await count(), before);
});

t.test('what is not there', async (t) => {
  const key = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const theirs = await call(api, render, { key });
  t.match([theirs.status, problem(theirs).code], [404, 'IMAGE_NOT_FOUND']);
  const unknown = await call(api, `/v1/images/${crypto.randomUUID()}/render`);
  t.match([unknown.status, problem(unknown).code], [404, 'IMAGE_NOT_FOUND']);
  t.equal((await call(api, '/v1/images/none/render')).status, 400);

  const [early] = await api.rows<{ id: string }>(
    `INSERT INTO images (id, tenant_id, object_key, source_url) VALUES (gen_random_uuid(), $1, 'x', 'https://a.example/') RETURNING id`,
    [api.tenantId],
  );
  const answer = await call(api, `/v1/images/${early?.id}/render`);
  t.match([answer.status, problem(answer).code], [409, 'ORIGINAL_NOT_READY']);
  t.equal(answer.headers['retry-after'], '1');
});

t.test('an image that was not inspected, or could not be, is rendered all the same', async (t) => {
  for (const end of [finish, fail]) {
    const other = await accept(api);
    await end(api, other);
    t.equal((await call(api, `${other.links.image}/render`)).status, 200);
  }
});

t.test('an object that the store has lost is made anew', async (t) => {
  const forgetful = await startApi({ env: { DELIVERY_CACHE_BYTES: '0' } });
  const other = await startMaker(forgetful);
  const { links } = await accept(forgetful);
  const path = `${links.image}/render?width=2`;
  const first = await call(forgetful, path);
  for (const file of await forgetful.objects()) if (file.includes('/derived/')) await rm(file);
  t.equal((await call(forgetful, path, { method: 'HEAD' })).status, 200, 'nobody looks for what is not sent');
  const second = await call(forgetful, path);
  t.equal(second.status, 200);
  t.ok(second.body.equals(first.body));
  t.equal(other.made.length, 2);
});

t.test('a deleted image is gone at once, with all that was made of it', async (t) => {
  const other = await accept(api, [image(large), field('derivatives', 'thumb')]);
  const paths = [`${other.links.image}/render?width=9`, `${other.links.image}/derivatives/thumb`];
  for (const path of paths) t.equal((await call(api, path)).status, 200);
  await call(api, other.links.image, { method: 'DELETE' });
  for (const path of paths) t.equal((await call(api, path)).status, 404);
  const left = () => api.objects().then((files) => files.filter((file) => file.includes(other.imageId)));
  t.same(await eventually(left, (files) => files.length === 0), []);
});
