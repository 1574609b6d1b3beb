// How a render ends that is not simply answered: nobody makes it, it can't be made, nobody waits any more, there is no room.

import t from 'tap';
import { request } from 'undici';
import { addKey, startApi, type TestApi } from '../app.ts';
import { accept, call, problem } from '../client.ts';
import { eventually } from '../eventually.ts';
import { startMaker } from '../maker.ts';

const statusOf = async (api: TestApi, path: string, key = api.key) => {
  const answer = await call(api, path, { key });
  return answer.status === 200 ? '200' : `${answer.status} ${problem(answer).code}`;
};

t.test('without a worker the time is over sometime, and the picture is made later', async (t) => {
  const api = await startApi({ env: { RENDER_WAIT_MS: '50' } });
  const { links } = await accept(api);
  const path = `${links.image}/render?width=2`;
  const answer = await call(api, path);
  t.match([answer.status, problem(answer).code], [503, 'RENDER_TIMEOUT']);
  t.equal(answer.headers['retry-after'], '2');
  t.equal(answer.headers['cache-control'], 'no-store');
  t.equal(await statusOf(api, path), '503 RENDER_TIMEOUT', 'whoever asks again waits for the same');
  t.match(await api.rows('SELECT status FROM derivatives'), [{ status: 'waiting' }], 'and there is one');

  const maker = await startMaker(api);
  t.equal(
    await eventually(
      () => statusOf(api, path),
      (status) => status === '200',
    ),
    '200',
  );
  await maker.stop();
  t.equal(await statusOf(api, path), '200', 'what was made needs no worker any more');
  t.equal(maker.made.length, 1);
});

t.test('what was delivered is delivered again without the database', async (t) => {
  const api = await startApi({ env: { KEY_CACHE_MS: '60000' } });
  await startMaker(api);
  const { links, imageId } = await accept(api);
  const path = `${links.image}/render?width=2`;
  const first = await call(api, path);
  await call(api, path);
  await api.rows('UPDATE derivatives SET object_key = NULL, status = $1', ['waiting']);
  const again = await call(api, path);
  t.equal(again.status, 200);
  t.ok(again.body.equals(first.body));
  await call(api, links.image, { method: 'DELETE' });
  t.equal(await statusOf(api, path), '404 IMAGE_NOT_FOUND', 'what is deleted here is gone at once');
  t.equal((await api.rows('SELECT 1 FROM images WHERE id = $1', [imageId])).length, 0);
});

t.test('a picture that can not be made is told why, and not tried again at once', async (t) => {
  const table: [failAs: string, status: string][] = [
    ['NOT_RENDERABLE', '422 NOT_RENDERABLE'],
    ['PICTURE_TOO_LARGE', '422 PICTURE_TOO_LARGE'],
    ['DECODER_TIMEOUT', '422 DECODER_TIMEOUT'],
    ['WORKER_LOST', '422 DECODER_CRASHED'],
    ['CODE_OF_TOMORROW', '422 NOT_RENDERABLE'],
  ];
  const api = await startApi({ env: { RENDER_FAILED_MS: '60000' } });
  for (const [failAs, status] of table) {
    const maker = await startMaker(api, { failAs });
    const { links } = await accept(api);
    const path = `${links.image}/render`;
    t.equal(await statusOf(api, path), status);
    t.equal(await statusOf(api, path), status);
    t.equal(maker.made.length, 1, failAs);
    await maker.stop();
  }
  const maker = await startMaker(api);
  await api.rows(`UPDATE derivatives SET finished_at = now() - interval '2 minutes'`);
  const [{ id } = { id: '' }] = await api.rows<{ id: string }>(
    'SELECT image_id AS id FROM derivatives LIMIT 1',
  );
  t.equal(await statusOf(api, `/v1/images/${id}/render`), '200', 'but after a while');
  t.equal(maker.made.length, 1);
});

t.test('nobody makes more pictures of an image than are allowed', async (t) => {
  const api = await startApi({ env: { MAX_DERIVATIVES_PER_IMAGE: '2' } });
  await startMaker(api);
  const { links } = await accept(api);
  const render = (width: number) => statusOf(api, `${links.image}/render?width=${width}`);
  t.equal(await render(1), '200');
  t.equal(await render(2), '200');
  t.equal(await render(3), '409 TOO_MANY_DERIVATIVES');
  t.equal(await render(1), '200', 'those that are there stay');
  const other = await accept(api);
  t.equal(await statusOf(api, `${other.links.image}/render`), '200', 'and another image has its own');
});

t.test('whose storage is full has no new pictures made', async (t) => {
  const api = await startApi();
  await startMaker(api);
  const { links } = await accept(api);
  t.equal(await statusOf(api, `${links.image}/render`), '200');
  await api.rows(`INSERT INTO plans (name, stored_bytes, concurrent_jobs) VALUES ('small', 1, 0)`);
  await api.rows(`UPDATE tenants SET plan = 'small' WHERE id = $1`, [api.tenantId]);
  t.equal(await statusOf(api, `${links.image}/render?width=2`), '403 STORAGE_QUOTA_EXCEEDED');
  t.equal(await statusOf(api, `${links.image}/render`), '200', 'what is there is delivered');
  await api.rows(`UPDATE plans SET stored_bytes = 1000000 WHERE name = 'small'`);
  t.equal(await statusOf(api, `${links.image}/render?width=2`), '200', 'a picture is no job');
});

t.test('who hangs up is waited for no longer', async (t) => {
  const api = await startApi({ env: { RENDER_WAIT_MS: '300000' } });
  const { links } = await accept(api);
  const waiting: AbortSignal[] = [];
  const { wait } = api.deps.finished;
  api.deps.finished.wait = (id, options) => {
    if (options.signal !== undefined) waiting.push(options.signal);
    return wait(id, options);
  };
  const hangUp = new AbortController();
  const asked = request(`${api.origin}${links.image}/render`, {
    headers: { 'x-api-key': api.key },
    signal: hangUp.signal,
  });
  await eventually(
    () => waiting.length,
    (count) => count > 0,
  );
  hangUp.abort();
  await t.rejects(asked, { name: 'AbortError' });
  t.ok(
    await eventually(
      () => waiting.at(-1)?.aborted,
      (aborted) => aborted === true,
    ),
  );
});

t.test('a process that stops lets nobody wait', async (t) => {
  const api = await startApi({ env: { RENDER_WAIT_MS: '300000' } });
  const { links } = await accept(api);
  const asked = statusOf(api, `${links.image}/render`);
  const count = () => api.rows('SELECT 1 FROM derivatives');
  await eventually(count, (rows) => rows.length > 0);
  await api.deps.finished.close();
  t.equal(await asked, '503 RENDER_TIMEOUT');
});

t.test('whose key is revoked while he waits is told nothing', async (t) => {
  const api = await startApi();
  const { links } = await accept(api);
  const key = await addKey(api.rows, { tenantId: api.tenantId });
  const asked = statusOf(api, `${links.image}/render`, key);
  await eventually(
    () => api.rows('SELECT 1 FROM derivatives'),
    (rows) => rows.length > 0,
  );
  await api.rows('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [key.split('_')[1]]);
  await startMaker(api);
  t.equal(await asked, '401 UNAUTHENTICATED');
});
