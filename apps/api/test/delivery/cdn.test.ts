// Pictures that are ready are handed over to CloudFront: to whom, with which address, and how long others may keep it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { openObjectStore } from '@tintype/core';
import t from 'tap';
import { addKey, startApi } from '../app.ts';
import { type Answer, accept, call, field, image, postJson, problem } from '../client.ts';
import { startMaker } from '../maker.ts';
import { CDN_URL, KEY_ID, RSA, readAddress } from './cloudfront.ts';

// The bucket is asked for nothing here: what is stored lies in a folder.
const folder = await mkdtemp(path.join(tmpdir(), 'tintype-cdn-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const objects = await openObjectStore(pathToFileURL(folder).href);
const CDN = {
  OBJECT_STORE_URL: 's3://bucket/some/prefix?region=eu-west-1',
  PRESETS: '{"thumb":{"width":2}}',
  CDN_URL: `${CDN_URL}/`,
  CDN_KEY_ID: KEY_ID,
  // As it is where a variable can't have more than one line.
  CDN_PRIVATE_KEY: RSA.privateKey.trim().replaceAll('\n', '\\n'),
  CDN_URL_SECONDS: '600',
};
const startWithCdn = async (env: Record<string, string> = {}) => {
  const api = await startApi({ env: { ...CDN, ...env }, swap: () => ({ objects }) });
  await startMaker(api);
  return api;
};
const api = await startWithCdn();
const job = await accept(api, [
  image(),
  field('path', 'a/b.png'),
  field('public', 'true'),
  field('derivatives', '{"mine":{"width":1}}'),
]);
const render = `${job.links.image}/render?width=3`;

/** The address and how long it may be kept. @throws Error where it is none that CloudFront takes */
function handed({ status, headers, body }: Answer) {
  const address = readAddress(headers.location, RSA);
  const [, scope, seconds] = /^(private|public), max-age=(\d+)$/.exec(String(headers['cache-control'])) ?? [];
  if (status !== 307 || address === undefined || seconds === undefined || body.length > 0)
    throw new Error(`${status} ${JSON.stringify(headers)}`);
  const leftSeconds = address.expiresAtSeconds - Date.now() / 1000;
  return { ...address, leftSeconds, scope, keptSeconds: Number(seconds) };
}

t.test('an address that CloudFront takes, of the object in the bucket', async (t) => {
  const answer = await call(api, render);
  const { path: key, leftSeconds, scope, keptSeconds } = handed(answer);
  const [row] = await api.rows<{ key: string }>(
    `SELECT object_key AS key FROM derivatives WHERE status = 'ready' AND width = 3`,
  );
  t.equal(key, `some/prefix/${row?.key}`);
  t.ok(await objects.head(String(row?.key)), 'where there is one');
  t.match(row?.key, new RegExp(`^${api.tenantId}/derived/${job.imageId}/`));
  t.ok(leftSeconds <= 600 && leftSeconds > 200, 'at least half as long as it is told');
  t.ok(keptSeconds < leftSeconds && keptSeconds > 100, 'kept no longer than it counts');
  t.equal(scope, 'private');
  t.equal(answer.headers.etag, undefined, 'a cache that asks by a tag would keep an address that has ended');
  t.equal(answer.headers.vary, undefined);
  const altered = String(answer.headers.location).replace('/derived/', '/original/');
  t.equal(readAddress(altered, RSA), undefined, 'worth nothing for another object');

  const head = await call(api, render, { method: 'HEAD' });
  t.equal(handed(head).path, key);
  const part = await call(api, render, { headers: { range: 'bytes=0-9' } });
  t.equal(handed(part).path, key, 'CloudFront knows ranges');
});

t.test('what the api says itself', async (t) => {
  const [row] = await api.rows<{ tag: string; bytes: string }>(
    `SELECT encode(sha256, 'hex') AS tag, bytes FROM derivatives WHERE width = 3`,
  );
  const known = await call(api, render, { headers: { 'if-none-match': `"${row?.tag}"` } });
  t.equal(known.status, 304);
  t.equal(known.headers.location, undefined);
  t.equal(known.headers.etag, `"${row?.tag}"`);
  const outside = await call(api, render, { headers: { range: `bytes=${row?.bytes}-` } });
  t.match([outside.status, problem(outside).code], [416, 'RANGE_NOT_SATISFIABLE']);

  const original = await call(api, `${job.links.image}/original`);
  t.equal(original.status, 200, 'originals never go that way');
  t.equal(original.headers.location, undefined);
});

t.test('who is let in, and how long others may keep the address', async (t) => {
  const sign = async (body: object) =>
    (await postJson(api, `/v1/images/${job.imageId}/signed-urls`, body)).json<{ url: string }>().url;
  const anybody = { key: null };
  const short = handed(
    await call(api, await sign({ expiresInSeconds: 60, transform: { width: 3 } }), anybody),
  );
  t.equal(short.scope, 'public');
  t.ok(short.keptSeconds <= 60, 'no longer than the address that led to it');
  const long = handed(await call(api, await sign({ expiresInSeconds: 7200, derivative: 'mine' }), anybody));
  t.ok(long.keptSeconds > 100 && long.keptSeconds < long.leftSeconds);
  const named = `${job.links.image}/derivatives`;
  t.equal(handed(await call(api, `${named}/mine`, anybody)).scope, 'public', 'of a public image');
  t.equal(handed(await call(api, `${named}/thumb`, anybody)).scope, 'public');
  t.equal(handed(await call(api, '/v1/files/a/b.png?width=3')).path, handed(await call(api, render)).path);
  const auto = await call(api, `${render}&format=auto`, { headers: { accept: 'image/webp' } });
  t.match([handed(auto).scope, auto.headers.vary], ['private', 'Accept']);

  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const signed = await sign({ expiresInSeconds: 60, transform: { width: 3 } });
  const refused: [what: string, asked: Promise<Answer>, expected: [number, string]][] = [
    ['nobody', call(api, render, anybody), [401, 'UNAUTHENTICATED']],
    ['somebody else', call(api, render, { key: stranger }), [404, 'IMAGE_NOT_FOUND']],
    ['altered', call(api, signed.replace('width=3', 'width=4'), anybody), [403, 'SIGNATURE_INVALID']],
    ['no such name', call(api, `${named}/huge`), [404, 'DERIVATIVE_NOT_FOUND']],
    ['no such file', call(api, '/v1/files/none'), [404, 'FILE_NOT_FOUND']],
    ['nonsense', call(api, `${render}&depth=3`), [400, 'INVALID_REQUEST']],
  ];
  for (const [what, asked, expected] of refused) {
    const answer = await asked;
    t.match([answer.status, problem(answer).code], expected, what);
    t.equal(answer.headers.location, undefined, what);
  }
});

t.test('what may change behind its address is kept no longer than it is told', async (t) => {
  const brief = await startWithCdn({ DELIVERY_MAX_AGE_SECONDS: '20' });
  const { links } = await accept(brief, [
    image(),
    field('public', 'true'),
    field('derivatives', '{"mine":{"width":1}}'),
  ]);
  const mine = `${links.image}/derivatives/mine`;
  t.equal(handed(await call(brief, `${links.image}/derivatives/thumb`)).keptSeconds, 20, 'a preset');
  t.equal(handed(await call(brief, mine, { key: null })).keptSeconds, 20, 'an image that is public');
  t.ok(handed(await call(brief, mine)).keptSeconds > 20, 'not for who may see it anyway');
  t.ok(handed(await call(brief, `${links.image}/render?width=2`)).keptSeconds > 20, 'and nothing else');
});

t.test('small pictures come from the api', async (t) => {
  const [row] = await api.rows<{ bytes: string }>(`SELECT bytes FROM derivatives WHERE width = 3`);
  for (const [least, status] of [
    [Number(row?.bytes) + 1, 200],
    [Number(row?.bytes), 307],
  ] as const) {
    const other = await startWithCdn({ CDN_MIN_BYTES: String(least) });
    const { links } = await accept(other, [image()]);
    t.equal((await call(other, `${links.image}/render?width=3`)).status, status);
  }
});

t.test('without a distribution the api delivers', async (t) => {
  const plain = await startApi();
  await startMaker(plain);
  const { links } = await accept(plain, [image()]);
  t.equal((await call(plain, `${links.image}/render?width=3`)).status, 200);
});
