import sharp from 'sharp';
import t from 'tap';
import { addKey, startApi } from '../app.ts';
import { accept, call, field, image, problem, upload } from '../client.ts';
import { startMaker } from '../maker.ts';
import { picture } from '../pictures.ts';

const api = await startApi();
await startMaker(api);
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
const put = (key: string, bytes: Uint8Array) =>
  api.deps.objects.put(key, [bytes], { contentType: 'image/png', sha256Hex: '' });

const answerOf = async (path: string, key = api.key) => {
  const answer = await call(api, path, { key });
  return answer.status === 200 ? '200' : `${answer.status} ${problem(answer).code}`;
};

t.test('an image by its path', async (t) => {
  await accept(api, [image(), field('path', 'holidays/the harbour.png')]);
  const answer = await call(api, '/v1/files/holidays/the%20harbour.png?width=2');
  t.equal(answer.status, 200);
  t.equal((await sharp(answer.body).metadata()).width, 2);
  t.equal(answer.headers['cache-control'], 'private, max-age=3600');
  t.equal(answer.headers['content-disposition'], 'inline');
  t.equal(await answerOf('/files/holidays/the%20harbour.png'), '200', 'without a version, too');
  t.equal(await answerOf('/v1/files/holidays/the%20harbour.png', stranger), '404 FILE_NOT_FOUND');
});

t.test('a file that was in the store before', async (t) => {
  const exif = { IFD0: { Artist: 'Somebody' } };
  const personal = await sharp(picture).withExif(exif).png().toBuffer();
  t.ok((await sharp(personal).metadata()).exif);
  await put(`${api.tenantId}/files/old/photo.png`, personal);
  const answer = await call(api, '/v1/files/old/photo.png?format=webp');
  t.equal(answer.status, 200);
  t.equal((await sharp(answer.body).metadata()).format, 'webp');
  const plain = await call(api, '/v1/files/old/photo.png');
  t.equal(plain.status, 200);
  t.equal((await sharp(plain.body).metadata()).exif, undefined, 'and never as it lies there');
  t.equal(await answerOf('/v1/files/old/photo.png', stranger), '404 FILE_NOT_FOUND');

  const other = await sharp(picture).resize(9, 9).png().toBuffer();
  await put(`${api.tenantId}/files/old/photo.png`, other);
  const changed = await call(api, '/v1/files/old/photo.png');
  t.equal((await sharp(changed.body).metadata()).width, 9, 'and it is another one when it was replaced');
});

t.test('where an operator says that the files lie', async (t) => {
  await put('legacy/bucket/a.png', picture);
  await api.rows(`UPDATE tenants SET files_prefix = 'legacy/bucket/' WHERE id = $1`, [api.tenantId]);
  t.equal(await answerOf('/v1/files/a.png'), '200');
  t.equal(await answerOf('/v1/files/old/photo.png'), '404 FILE_NOT_FOUND');
  await api.rows('UPDATE tenants SET files_prefix = NULL WHERE id = $1', [api.tenantId]);
  t.equal(await answerOf('/v1/files/a.png'), '404 FILE_NOT_FOUND');
});

t.test('no path leads out', async (t) => {
  const { imageId } = await accept(api);
  const other = crypto.randomUUID();
  await put(`${other}/files/secret.png`, picture);
  const paths = [
    `..%2foriginal%2f${imageId}`,
    `%2e%2e%2foriginal%2f${imageId}`,
    `..%2f..%2f${other}%2ffiles%2fsecret.png`,
    'a%2f%2e%2e%2f..%2fb',
    'a%5c..%5cb',
    'a//b',
    '%2fetc%2fpasswd',
    'a%00b',
    'a%0ab',
    './a',
    '',
    'a/',
    'x'.repeat(1025),
    'nothing.png',
  ];
  for (const path of paths)
    t.equal(await answerOf(`/v1/files/${path}`), '404 FILE_NOT_FOUND', path.slice(0, 50));
  t.equal(
    await answerOf(`/v1/files/${'x'.repeat(200)}/${'y'.repeat(200)}/${'z'.repeat(600)}`),
    '404 FILE_NOT_FOUND',
  );
});

t.test('a long path', async (t) => {
  const path = `${'a'.repeat(200)}/${'é'.repeat(100)}/${'b'.repeat(200)}`;
  await accept(api, [image(), field('path', path)]);
  t.equal(await answerOf(`/v1/files/${encodeURI(path)}`), '200');
});

t.test('nonsense is refused by name', async (t) => {
  const answer = await call(api, '/v1/files/old/photo.png?size=1');
  t.equal(answer.status, 400);
  t.match(problem(answer).errors, [{ pointer: '/size' }]);
});

t.test('a path has one image, and what came too late leaves nothing behind', async (t) => {
  const sent = await Promise.all(
    Array.from({ length: 5 }, () => upload(api, [image(), field('path', 'taken.png')])),
  );
  t.same(sent.map(({ status }) => status).sort(), [202, 409, 409, 409, 409]);
  const refused = sent.find(({ status }) => status === 409);
  t.equal(refused && problem(refused).code, 'PATH_TAKEN');
  t.match(await api.rows(`SELECT count(*)::int AS uploads FROM uploads`), [{ uploads: 0 }]);
  t.equal((await upload(api, [image(), field('path', 'taken.png')], { key: stranger })).status, 202);
  t.equal((await upload(api, [image(), field('path', '../taken.png')])).status, 400);
});
