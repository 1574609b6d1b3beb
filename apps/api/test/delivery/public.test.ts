import t from 'tap';
import type { Image } from '../../src/schemas/image.ts';
import { addKey, startApi } from '../app.ts';
import { accept, call, field, image, problem, upload } from '../client.ts';
import { startMaker } from '../maker.ts';
import { ROOMY, register } from '../people.ts';

const api = await startApi({ env: { ...ROOMY, KEY_CACHE_MS: '60000', PRESETS: '{"thumb":{"width":2}}' } });
await startMaker(api);
const shown = await accept(api, [
  image(),
  field('public', 'true'),
  field('path', 'p.png'),
  field('derivatives', '{"mine":{"width":1}}'),
]);
const hidden = await accept(api, [image(), field('derivatives', 'thumb')]);

const verdict = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await call(api, path, { key: null, headers });
  return answer.status === 200 ? '200' : `${answer.status} ${problem(answer).code}`;
};

t.test('anybody sees the named derivatives of a public image, and nothing else', async (t) => {
  const { image: of } = shown.links;
  const table: [path: string, expected: string][] = [
    [`${of}/derivatives/mine`, '200'],
    [`${of}/derivatives/thumb`, '200'],
    [`${of.toUpperCase().replace('/V1/IMAGES', '/v1/images')}/derivatives/thumb`, '200'],
    [`${of}/derivatives/huge`, '404 DERIVATIVE_NOT_FOUND'],
    [`${of}/derivatives/thumb?width=9`, '400 INVALID_REQUEST'],
    [`${of}/derivatives`, '401 UNAUTHENTICATED'],
    [`${of}/render`, '401 UNAUTHENTICATED'],
    [`${of}/render?width=9`, '401 UNAUTHENTICATED'],
    [`${of}/original`, '401 UNAUTHENTICATED'],
    [`${of}/metadata`, '401 UNAUTHENTICATED'],
    [of, '401 UNAUTHENTICATED'],
    ['/v1/files/p.png', '401 UNAUTHENTICATED'],
    [`${hidden.links.image}/derivatives/thumb`, '401 UNAUTHENTICATED'],
    [`/v1/images/${crypto.randomUUID()}/derivatives/thumb`, '401 UNAUTHENTICATED'],
    ['/v1/images/nonsense/derivatives/thumb', '401 UNAUTHENTICATED'],
  ];
  for (const [path, expected] of table) t.equal(await verdict(path), expected, path);
});

t.test('and caches are told that it may not last', async (t) => {
  const own = await call(api, `${shown.links.image}/derivatives/mine`, { key: null });
  t.equal(own.headers['cache-control'], 'public, max-age=3600, immutable');
  const preset = await call(api, `${shown.links.image}/derivatives/thumb`, { key: null });
  t.equal(preset.headers['cache-control'], 'public, max-age=3600');
  const mine = await call(api, `${shown.links.image}/derivatives/mine`);
  t.equal(mine.headers['cache-control'], 'private, max-age=31536000, immutable', 'its owner’s browser alone');
  t.equal(
    (await call(api, `${shown.links.image}/derivatives/mine`, { key: null, method: 'HEAD' })).status,
    200,
  );
});

t.test('who is logged in sees no less than anybody', async (t) => {
  const path = `${shown.links.image}/derivatives/thumb`;
  const { cookie } = await register(api);
  t.equal(await verdict(path, { cookie }), '200', 'of somebody else');
  t.equal(await verdict(path, { cookie: 'tintype=nonsense' }), '200', 'a session that is none');
  t.equal(await verdict(`${hidden.links.image}/derivatives/thumb`, { cookie }), '404 IMAGE_NOT_FOUND');
  t.equal(
    await verdict(`${hidden.links.image}/derivatives/thumb`, { cookie: 'tintype=nonsense' }),
    '401 UNAUTHENTICATED',
  );
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  t.equal((await call(api, path, { key: stranger })).status, 404, 'who shows a key means what is his');
  t.equal((await call(api, path, { key: 'tt_wrong' })).status, 401);
});

const patch = (id: string, body: object) =>
  call(api, `/v1/images/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

t.test('it is public no longer as soon as its owner says so', async (t) => {
  const path = `${shown.links.image}/derivatives/thumb`;
  t.equal(await verdict(path), '200');
  t.equal((await patch(shown.imageId, { public: false })).status, 200);
  t.equal(await verdict(path), '401 UNAUTHENTICATED');
  t.equal((await patch(shown.imageId, { public: true })).status, 200);
  t.equal(await verdict(path), '200');
  t.equal((await patch(shown.imageId.toUpperCase(), { public: false })).status, 200);
  t.equal(await verdict(path), '401 UNAUTHENTICATED', 'however its name is written');
  t.equal((await patch(shown.imageId, { public: true })).status, 200);
  t.equal(await verdict(path), '200');
  await call(api, shown.links.image, { method: 'DELETE' });
  t.equal(await verdict(path), '401 UNAUTHENTICATED');
});

t.test('a tenant that is suspended shows nothing', async (t) => {
  const tenantId = crypto.randomUUID();
  const key = await addKey(api.rows, { tenantId });
  const made = (await upload(api, [image(), field('public', 'true')], { key })).json<{ imageId: string }>();
  await api.rows('UPDATE tenants SET suspended_at = now() WHERE id = $1', [tenantId]);
  t.equal(await verdict(`/v1/images/${made.imageId}/derivatives/thumb`), '403 ACCOUNT_SUSPENDED');
});

t.test('derivatives stand on the image, as far as they are', async (t) => {
  const { links } = await accept(api, [
    image(),
    field('derivatives', '{"small":{"width":2,"format":"webp"},"other":{"width":3}}'),
  ]);
  const read = async () => (await call(api, links.image)).json<Image>().derivatives;
  const [small, other] = ['small', 'other'].map((name) => `${links.image}/derivatives/${name}`);
  t.same(await read(), [
    { name: 'other', url: other, status: 'waiting' },
    { name: 'small', url: small, status: 'waiting' },
  ]);
  const { body } = await call(api, String(small));
  const made = {
    name: 'small',
    url: small,
    status: 'ready',
    format: 'webp',
    width: 2,
    height: 2,
    bytes: body.length,
  };
  t.same(await read(), [{ name: 'other', url: other, status: 'waiting' }, made]);
  t.match(await api.rows('SELECT is_kept FROM derivatives WHERE transform @> $1', ['{"format":"webp"}']), [
    { is_kept: true },
  ]);
  const list = (await call(api, `${links.image}/derivatives`)).json<{ items: object[]; presets: object[] }>();
  t.same(list.items[1], made);
  t.match(list.presets, [{ name: 'thumb', status: 'waiting' }]);
  const page = (await call(api, '/v1/images?limit=1')).json<{ items: Image[] }>();
  t.same(page.items[0]?.derivatives?.[1], made);
});
