import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import t from 'tap';
import type { Image } from '../src/schemas/image.ts';
import { startApi } from './app.ts';
import { accept, call, field, image, problem } from './client.ts';
import { pictureOf } from './pictures.ts';
import { fail, finish, METADATA } from './worker.ts';

const api = await startApi();
const file = pictureOf(600_000);
const sha256 = createHash('sha256').update(file).digest('hex');
const etag = `"${sha256}"`;
const job = await accept(api, [image(file), field('title', 'A title'), field('tags', 'a')]);
const original = `${job.links.image}/original`;

t.test('an image', async (t) => {
  const read = async () => (await call(api, job.links.image)).json<Image>();
  const fresh = {
    id: job.imageId,
    title: 'A title',
    tags: ['a'],
    bytes: 600_000,
    sha256,
    fileName: 'tiny.png',
  };
  t.match(await read(), { ...fresh, format: 'png', mimeType: 'image/png', width: null, height: null });
  t.match((await read()).links, { self: job.links.image, original, metadata: `${job.links.image}/metadata` });
});

t.test('its metadata', async (t) => {
  const path = `${job.links.image}/metadata`;
  const early = await call(api, path);
  t.equal(early.status, 409);
  t.equal(problem(early).code, 'METADATA_NOT_READY');
  t.equal(early.headers['retry-after'], '1');

  await finish(api, job);
  const done = await call(api, path);
  t.equal(done.status, 200);
  t.same(done.json(), METADATA);
  t.match((await call(api, job.links.image)).json(), { width: 4, height: 3 });

  const bad = await accept(api);
  await fail(api, bad);
  const never = await call(api, `${bad.links.image}/metadata`);
  t.equal(never.status, 409);
  t.equal(problem(never).code, 'METADATA_UNAVAILABLE');
  t.equal(never.headers['retry-after'], undefined);
});

t.test('the original, whole', async (t) => {
  const answer = await call(api, original);
  t.equal(answer.status, 200);
  t.ok(file.equals(answer.body));
  t.match(answer.headers, {
    etag,
    'content-type': 'image/png',
    'content-length': '600000',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, max-age=31536000, immutable',
    'content-disposition': `attachment; filename="tiny.png"; filename*=UTF-8''tiny.png`,
  });
  const head = await call(api, original, { method: 'HEAD' });
  t.equal(head.status, 200);
  const own = { 'x-request-id': '', date: '', connection: '', 'keep-alive': '' };
  t.same({ ...head.headers, ...own }, { ...answer.headers, ...own }, 'HEAD says what GET says');
  t.equal(head.body.length, 0);
});

t.test('ranges', async (t) => {
  const table: [range: string, first: number, end: number][] = [
    ['bytes=0-0', 0, 1],
    ['bytes=0-499', 0, 500],
    ['bytes=300000-300999', 300_000, 301_000],
    ['bytes=599990-', 599_990, 600_000],
    ['bytes=-10', 599_990, 600_000],
    ['bytes=-9999999', 0, 600_000],
    ['bytes=599999-9999999', 599_999, 600_000],
    ['bytes=0-9,10-19', 0, 20],
  ];
  for (const [range, first, end] of table) {
    const answer = await call(api, original, { headers: { range } });
    t.equal(answer.status, 206, range);
    t.equal(answer.headers['content-range'], `bytes ${first}-${end - 1}/600000`);
    t.equal(answer.headers['content-length'], String(end - first));
    t.ok(file.subarray(first, end).equals(answer.body));
    const head = await call(api, original, { method: 'HEAD', headers: { range } });
    t.equal(head.status, 200, 'a range means nothing to HEAD');
    t.equal(head.headers['content-length'], '600000');
    t.equal(head.body.length, 0);
  }
  for (const range of ['bytes=0-1,500-501', 'items=0-1', 'bytes=x', 'bytes']) {
    const answer = await call(api, original, { headers: { range } });
    t.match(
      { range, status: answer.status, bytes: answer.body.length },
      { range, status: 200, bytes: 600_000 },
    );
  }
  for (const range of ['bytes=600000-', 'bytes=600000-600001', 'bytes=-0', 'bytes=5-2']) {
    const answer = await call(api, original, { headers: { range } });
    t.equal(problem(answer).code, 'RANGE_NOT_SATISFIABLE', range);
    t.equal(answer.headers['content-range'], 'bytes */600000', 'says how long it is');
    t.equal(answer.headers['cache-control'], 'no-store', 'an error is not for keeping');
    t.equal(answer.headers['content-disposition'], undefined);
  }
});

t.test('conditions', async (t) => {
  const range = 'bytes=0-9';
  const table: [headers: Record<string, string>, status: number][] = [
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `W/${etag}` }, 304],
    [{ 'if-none-match': `"other", ${etag}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': etag, range }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-none-match': sha256 }, 200],
    [{ 'if-range': etag, range }, 206],
    [{ 'if-range': '"other"', range }, 200],
    [{ 'if-range': `W/${etag}`, range }, 200],
    [{ 'if-range': new Date(0).toUTCString(), range }, 200],
    [{ 'if-range': etag }, 200],
  ];
  for (const [headers, status] of table) {
    const answer = await call(api, original, { headers });
    t.equal(answer.status, status, JSON.stringify(headers));
    t.equal(answer.headers.etag, etag);
    t.equal(answer.body.length, { 200: 600_000, 206: 10, 304: 0 }[status]);
    const head = await call(api, original, { headers, method: 'HEAD' });
    t.equal(head.status, status === 206 ? 200 : status);
    t.equal(head.headers['content-length'], status === 304 ? undefined : '600000');
  }
});

t.test('nasty names', async (t) => {
  const table: [name: string, plain: string, encoded: string][] = [
    ['a b.png', 'a b.png', 'a%20b.png'],
    ['Übung 東京.png', '_bung __.png', '%C3%9Cbung%20%E6%9D%B1%E4%BA%AC.png'],
    ["it's (1) *.png", "it's (1) *.png", 'it%27s%20%281%29%20%2A.png'],
    ['100%.png', '100_.png', '100%25.png'],
    ['a;filename=b.html', 'a;filename=b.html', 'a%3Bfilename%3Db.html'],
  ];
  for (const [fileName, plain, encoded] of table) {
    const { links } = await accept(api, [image(undefined, { fileName })]);
    const answer = await call(api, `${links.image}/original`);
    t.equal(
      answer.headers['content-disposition'],
      `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    );
  }
  const raw = await accept(api);
  for (const name of ['a"b\r\nset-cookie: x=1', '\u202egnp.exe']) {
    await api.rows('UPDATE images SET file_name = $1 WHERE id = $2', [name, raw.imageId]);
    const answer = await call(api, `${raw.links.image}/original`);
    t.equal(answer.status, 200, JSON.stringify(name));
    t.equal(answer.headers['set-cookie'], undefined);
  }
});

t.test('a file that is gone from the store', async (t) => {
  const { links, imageId } = await accept(api);
  await rm((await api.objects()).find((name) => name.endsWith(imageId)) ?? '');
  const answer = await call(api, `${links.image}/original`);
  t.equal(answer.status, 404);
  t.equal(problem(answer).code, 'IMAGE_NOT_FOUND');
  t.equal(answer.headers['content-length'], String(answer.body.length), 'the length is the answer’s own');
  t.equal(answer.headers['cache-control'], 'no-store', 'an error is not for keeping');
});
