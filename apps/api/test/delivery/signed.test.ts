import { createHmac } from 'node:crypto';
import t from 'tap';
import type { Job } from '../../src/schemas/job.ts';
import type { ProblemDocument } from '../../src/schemas/problem.ts';
import { addKey, startApi } from '../app.ts';
import { accept, call, field, image, postJson, problem, upload } from '../client.ts';
import { startMaker } from '../maker.ts';

const api = await startApi({ env: { MAX_SIGNED_URL_SECONDS: '7200', PRESETS: '{"thumb":{"width":2}}' } });
await startMaker(api);
const job = await accept(api, [
  image(),
  field('path', 'a/b.png'),
  field('derivatives', '{"mine":{"width":1}}'),
]);

interface SignedUrl {
  url: string;
  expiresAt: string;
}

async function sign(body: object, { key = api.key, id = job.imageId } = {}): Promise<SignedUrl> {
  const answer = await postJson(api, `/v1/images/${id}/signed-urls`, body, { key });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json<SignedUrl>();
}

const bare = (url: string, headers: Record<string, string> = {}) => call(api, url, { key: null, headers });
const verdict = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await bare(url, headers);
  return answer.status === 200 ? '200' : `${answer.status} ${problem(answer).code}`;
};

const SIGNED = await sign({
  expiresInSeconds: 3600,
  transform: { width: 3, background: '#fff', grayscale: true },
});

t.test('a signed address needs no credential', async (t) => {
  const answer = await bare(SIGNED.url);
  t.equal(answer.status, 200);
  const [, seconds] =
    /^public, max-age=(\d+), immutable$/.exec(String(answer.headers['cache-control'])) ?? [];
  t.ok(Number(seconds) > 3000 && Number(seconds) <= 3600, 'kept no longer than it counts');
  t.equal(answer.headers['set-cookie'], undefined);
  t.equal((await call(api, SIGNED.url, { key: null, method: 'HEAD' })).status, 200);
  t.equal(await verdict((await sign({ expiresInSeconds: 60 })).url), '200', 'without a transform');
  const odd = await sign({ expiresInSeconds: 60, transform: { width: 3, dpr: 0.1 + 0.2, blur: 1.1 + 2.2 } });
  t.equal(await verdict(odd.url), '200', 'numbers as JavaScript writes them');
  t.equal(
    await verdict((await sign({ expiresInSeconds: 60, derivative: 'mine' })).url),
    '200',
    'its own derivative',
  );
  t.equal(await verdict((await sign({ expiresInSeconds: 60, derivative: 'thumb' })).url), '200', 'a preset');
  const preset = await bare((await sign({ expiresInSeconds: 7200, derivative: 'thumb' })).url);
  t.equal(preset.headers['cache-control'], 'public, max-age=3600', 'which may be another one tomorrow');
});

t.test('whatever is altered makes it worthless', async (t) => {
  const later = SIGNED.url.replace(/expires=(\d+)/, (_, seconds) => `expires=${Number(seconds) + 1}`);
  const other = await accept(api);
  const table: [what: string, url: string, expected: string][] = [
    ['as it was made', SIGNED.url, '200'],
    ['without a version', SIGNED.url.replace('/v1', ''), '200'],
    ['larger', SIGNED.url.replace('width=3', 'width=4'), '403 SIGNATURE_INVALID'],
    ['with more', `${SIGNED.url}&blur=1`, '403 SIGNATURE_INVALID'],
    ['with less', SIGNED.url.replace('&grayscale=true', ''), '403 SIGNATURE_INVALID'],
    ['doubled', `${SIGNED.url}&width=3`, '403 SIGNATURE_INVALID'],
    ['later', later, '403 SIGNATURE_INVALID'],
    ['of another image', SIGNED.url.replace(job.imageId, other.imageId), '403 SIGNATURE_INVALID'],
    ['by path', SIGNED.url.replace(/images\/[^?]*/, 'files/a/b.png'), '403 SIGNATURE_INVALID'],
    [
      'another signature',
      SIGNED.url.replace(/signature=./, (it) => (it.endsWith('A') ? 'signature=B' : 'signature=A')),
      '403 SIGNATURE_INVALID',
    ],
    ['no signature', SIGNED.url.replace(/&signature=.*/, ''), '403 SIGNATURE_INVALID'],
    ['an unknown key', SIGNED.url.replace(/key=dk_[\w-]+/, 'key=dk_unknown00000'), '403 SIGNATURE_INVALID'],
    ['no key', SIGNED.url.replace(/key=dk_[\w-]+&/, ''), '403 SIGNATURE_INVALID'],
    ['an empty key', SIGNED.url.replace(/key=dk_[\w-]+/, 'key='), '403 SIGNATURE_INVALID'],
    ['a key with NUL', SIGNED.url.replace(/key=dk_[\w-]+/, 'key=%00'), '403 SIGNATURE_INVALID'],
    ['an end that is none', SIGNED.url.replace(/expires=\d+/, 'expires=NaN'), '403 SIGNATURE_INVALID'],
    ['nothing', `/v1/images/${job.imageId}/render?width=3`, '401 UNAUTHENTICATED'],
    ['elsewhere', SIGNED.url.replace('/render', '/original'), '401 UNAUTHENTICATED'],
    ['of the image itself', SIGNED.url.replace('/render', ''), '401 UNAUTHENTICATED'],
  ];
  for (const [what, url, expected] of table) t.equal(await verdict(url), expected, what);
  const answers = await Promise.all(
    table.filter(([, , it]) => it.includes('SIGNATURE')).map(([, url]) => bare(url)),
  );
  const said = answers.map((answer) => ({ ...answer.json<ProblemDocument>(), requestId: '' }));
  t.equal(new Set(said.map((one) => JSON.stringify(one))).size, 1, 'and all are told the same');
  for (const answer of answers) t.not(answer.headers['cache-control']?.startsWith('public'), true);
});

t.test('what was right is late sometime', async (t) => {
  const [key] = await api.rows<{ id: string; secret: string }>('SELECT id, secret FROM delivery_keys');
  const address = (expires: number) => {
    const query = `expires=${expires}&key=${key?.id}`;
    const path = `/v1/images/${job.imageId}/render`;
    const secret = Buffer.from(key?.secret ?? '', 'base64url');
    return `${path}?${query}&signature=${createHmac('sha256', secret).update(`${path}\n${query}`).digest('base64url')}`;
  };
  const now = Math.floor(Date.now() / 1000);
  t.equal(await verdict(address(now - 1)), '403 SIGNATURE_EXPIRED');
  t.equal(await verdict(address(now + 1000)), '200', 'and this is how it is signed');
  t.equal(await verdict(address(now - 1).replace('render', 'render/')), '404 NOT_FOUND');
  t.equal(await verdict(`${address(now - 1)}&width=1`), '403 SIGNATURE_INVALID', 'late and wrong is wrong');
});

t.test('a signed address is meant as it is, whatever is shown besides', async (t) => {
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  t.equal((await call(api, SIGNED.url, { key: stranger })).status, 200);
  t.equal((await call(api, SIGNED.url, { key: 'tt_nonsense' })).status, 200);
  t.equal((await call(api, SIGNED.url.replace('width=3', 'width=4'))).status, 403, 'its owner’s too');
  t.equal(await verdict(SIGNED.url, { 'sec-fetch-site': 'cross-site', origin: 'https://a.example' }), '200');
});

t.test('what can be asked for', async (t) => {
  const table: [body: object, status: number, code: string][] = [
    [{}, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 0 }, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 7201 }, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 1e99 }, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 60, transform: { width: 0 } }, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 60, transform: { expires: 1 } }, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 60, transform: {}, derivative: 'thumb' }, 400, 'INVALID_REQUEST'],
    [{ expiresInSeconds: 60, derivative: 'huge' }, 404, 'DERIVATIVE_NOT_FOUND'],
    [{ expiresInSeconds: 60, derivative: 'constructor' }, 404, 'DERIVATIVE_NOT_FOUND'],
  ];
  for (const [body, status, code] of table) {
    const answer = await postJson(api, `/v1/images/${job.imageId}/signed-urls`, body);
    t.match([answer.status, problem(answer).code], [status, code], JSON.stringify(body));
  }
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const theirs = await postJson(
    api,
    `/v1/images/${job.imageId}/signed-urls`,
    { expiresInSeconds: 60 },
    { key: stranger },
  );
  t.match([theirs.status, problem(theirs).code], [404, 'IMAGE_NOT_FOUND']);
});

t.test('an address begins where clients reach the service', async (t) => {
  const other = await startApi({ env: { PUBLIC_URL: 'https://images.example.com/' } });
  const { imageId } = await accept(other);
  const answer = await postJson(other, `/v1/images/${imageId}/signed-urls`, { expiresInSeconds: 60 });
  t.match(answer.json<SignedUrl>().url, /^https:\/\/images\.example\.com\/v1\/images\/.*\/render\?/);
});

t.test('keys end when their tenant says so, and with him', async (t) => {
  const tenantId = crypto.randomUUID();
  const key = await addKey(api.rows, { tenantId });
  const { imageId: id } = (await upload(api, undefined, { key })).json<Job>();
  const first = await sign({ expiresInSeconds: 600 }, { key, id });
  t.equal(await verdict(first.url), '200');
  const kept = await postJson(api, '/v1/delivery-keys/rotate', { overlapSeconds: 600 }, { key });
  t.equal(kept.status, 200);
  t.match(kept.json(), { id: /^dk_/, previousUntil: /Z$/ });
  t.notMatch(kept.body.toString(), /secret/);
  t.equal(await verdict(first.url), '200', 'as long as it overlaps');
  const second = await sign({ expiresInSeconds: 600 }, { key, id });
  t.equal((await postJson(api, '/v1/delivery-keys/rotate', {}, { key })).status, 200);
  t.equal(await verdict(first.url), '403 SIGNATURE_INVALID');
  t.equal(await verdict(second.url), '403 SIGNATURE_INVALID');
  t.equal(await verdict(SIGNED.url), '200', 'another tenant’s stay');

  const third = await sign({ expiresInSeconds: 600 }, { key, id });
  t.equal(await verdict(third.url), '200');
  await api.rows('UPDATE tenants SET suspended_at = now() WHERE id = $1', [tenantId]);
  t.equal(await verdict(third.url), '403 ACCOUNT_SUSPENDED');
  await api.rows('UPDATE tenants SET suspended_at = NULL, deleted_at = now() WHERE id = $1', [tenantId]);
  t.equal(await verdict(third.url), '403 SIGNATURE_INVALID');
});

t.test('a rotation is seen at once in the process that did it', async (t) => {
  const remembering = await startApi({ env: { KEY_CACHE_MS: '60000' } });
  await startMaker(remembering);
  const { imageId } = await accept(remembering);
  const made = await postJson(remembering, `/v1/images/${imageId}/signed-urls`, { expiresInSeconds: 60 });
  const { url } = made.json<SignedUrl>();
  t.equal((await call(remembering, url, { key: null })).status, 200);
  await postJson(remembering, '/v1/delivery-keys/rotate', {});
  t.equal((await call(remembering, url, { key: null })).status, 403);
});

t.test('what a signed address costs is its tenant’s', async (t) => {
  const tenantId = crypto.randomUUID();
  const key = await addKey(api.rows, { tenantId });
  // The upload, the address, and four looks at the picture.
  await api.rows(`INSERT INTO plans (name, requests_per_day) VALUES ('six', 6)`);
  await api.rows(`UPDATE tenants SET plan = 'six' WHERE id = $1`, [tenantId]);
  const { imageId: id } = (await upload(api, undefined, { key })).json<Job>();
  const { url } = await sign({ expiresInSeconds: 600 }, { key, id });
  const answers: string[] = [];
  for (let nth = 0; nth < 5; nth += 1) answers.push(await verdict(url));
  t.same(answers, ['200', '200', '200', '200', '429 DAILY_QUOTA_EXCEEDED']);
});

t.test('by path', async (t) => {
  await accept(api, [image(), field('path', 'über uns/a+b.png'), field('duplicate', 'allow')]);
  const asked = (body: object) => postJson(api, '/v1/signed-urls', { expiresInSeconds: 60, ...body });
  const made = await asked({ path: 'über uns/a+b.png', transform: { width: 2 } });
  t.equal(made.status, 201);
  const { url } = made.json<SignedUrl>();
  t.match(url, /^\/v1\/files\/%C3%BCber%20uns\/a%2Bb\.png\?expires=/);
  t.equal(await verdict(url), '200');
  t.equal(await verdict(url.replace('width=2', 'width=3')), '403 SIGNATURE_INVALID');
  t.equal(await verdict(url.replace('a%2Bb', 'a')), '403 SIGNATURE_INVALID');
  for (const path of ['/a', '../secret.png', 'a//b', 'a\u0000b', 'a\\b'])
    t.equal(problem(await asked({ path })).code, 'INVALID_REQUEST', path);
  t.equal(await verdict((await asked({ path: 'nothing/here' })).json<SignedUrl>().url), '404 FILE_NOT_FOUND');
  const late = await asked({ path: 'über uns/a+b.png', expiresInSeconds: 300_000_000 });
  t.equal(problem(late).code, 'INVALID_REQUEST');
  const key = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const theirs = await postJson(
    api,
    '/v1/signed-urls',
    { path: 'über uns/a+b.png', expiresInSeconds: 60 },
    { key },
  );
  t.equal(await verdict(theirs.json<SignedUrl>().url), '404 FILE_NOT_FOUND', 'of their own files alone');
});
