import { freePort } from '@tintype/local';
import { newId } from '@tintype/prisma';
import t from 'tap';
import { addKey, NO_TRACES, startApi, type TestApi } from './app.ts';
import { accept, call, postJson, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { addImage } from './library.ts';

interface Tagged {
  changed: string[];
  missing: string[];
  tooMany: string[];
}

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
const post = (what: 'tags' | 'delete', body: unknown, headers = {}) =>
  postJson(api, `/v1/images/bulk/${what}`, body, { headers });
const tagsOf = async (id: string, key = api.key) =>
  (await call(api, `/v1/images/${id}/tags`, { key })).json<{ tags: string[] }>().tags;
const many = (count: number, letter = 'm') =>
  Array.from({ length: count }, (_, index) => `${letter}${index}`);

t.test('tags of many images', async (t) => {
  const one = await addImage(api, { tags: ['old', 'stays'] });
  const two = await addImage(api, { tags: ['new'] });
  const full = await addImage(api, { tags: many(100) });
  const theirs = await addImage(api, { tags: ['old'], key: stranger });
  const nobodys = crypto.randomUUID();
  const answer = await post('tags', {
    ids: [two, one.toUpperCase(), one, full, theirs, nobodys],
    add: ['new', ' e\u0301'],
    remove: ['old'],
  });
  t.equal(answer.status, 200);
  const { changed, missing, tooMany } = answer.json<Tagged>();
  t.same([...changed].sort(), [one, two].sort());
  t.same([...missing].sort(), [theirs, nobodys].sort(), 'another’s is as one that is not there');
  t.same(tooMany, [full]);
  t.same(await tagsOf(one), ['stays', 'new', '\u00e9']);
  t.same(await tagsOf(two), ['new', '\u00e9']);
  t.same(await tagsOf(full), many(100));
  t.same(await tagsOf(theirs, stranger), ['old']);

  const swap = await post('tags', { ids: [full], add: ['new'], remove: ['m0'] });
  t.same(swap.json<Tagged>(), { changed: [full], missing: [], tooMany: [] }, 'one goes and one comes');
  t.same((await tagsOf(full)).length, 100);
});

t.test('what can not be', async (t) => {
  const ids = [crypto.randomUUID()];
  const table: [what: 'tags' | 'delete', body: unknown][] = [
    ['tags', { ids }],
    ['tags', { ids, add: [] }],
    ['tags', { ids, add: ['a'], remove: ['a'] }],
    ['tags', { ids, add: ['e\u0301'], remove: ['\u00e9'] }],
    ['tags', { ids, add: [' '] }],
    ['tags', { ids, add: many(101) }],
    ['tags', { ids: [], add: ['a'] }],
    ['tags', { add: ['a'], remove: ['b'] }],
    ['tags', { ids, add: ['a'], title: 'x' }],
    ['delete', { ids: [] }],
    ['delete', { ids: ['x'] }],
    ['delete', {}],
    ['delete', { ids: Array.from({ length: 501 }, () => crypto.randomUUID()) }],
  ];
  for (const [what, body] of table) {
    const answer = await post(what, body);
    t.equal(
      `${answer.status} ${problem(answer).code}`,
      '400 INVALID_REQUEST',
      JSON.stringify(body).slice(0, 80),
    );
  }
  const most = await post('delete', { ids: Array.from({ length: 500 }, () => crypto.randomUUID()) });
  t.equal(most.status, 200);
});

t.test('the same under an Idempotency-Key is done once', async (t) => {
  const id = await addImage(api, { tags: ['a'] });
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const body = { ids: [id] };
  const first = (await post('delete', body, headers)).json();
  t.same(first, { deleted: [id], missing: [] });
  t.same((await post('delete', body, headers)).json(), first);
  t.same((await post('delete', body)).json(), { deleted: [], missing: [id] });
});

t.test('many images go, with all that is theirs', async (t) => {
  const own = await startApi();
  const other = await addKey(own.rows, { tenantId: crypto.randomUUID() });
  const theirs = await addImage(own, { key: other });
  const { imageId: queued, links } = await accept(own);
  const ids = [await addImage(own, { tags: ['a', 'b'] }), await addImage(own), queued];
  const answer = await postJson(own, '/v1/images/bulk/delete', { ids: [...ids, theirs] });
  t.equal(answer.status, 200);
  const { deleted, missing } = answer.json<{ deleted: string[]; missing: string[] }>();
  t.same([...deleted].sort(), [...ids].sort());
  t.same(missing, [theirs]);
  for (const id of ids) t.equal((await call(own, `/v1/images/${id}`)).status, 404);
  t.equal((await call(own, links.self)).status, 404, 'its job is gone');
  t.equal((await call(own, `/v1/images/${theirs}`, { key: other })).status, 200);
  t.same((await call(own, '/v1/tags')).json<{ items: [] }>().items, []);
  const left = await eventually(own.traces, ({ objects, uploads }) => objects === 1 && uploads === 0);
  t.match(left, { objects: 1, uploads: 0, images: 1, jobs: 1 }, 'all but theirs');
  const events = await own.rows<{ type: string; count: number }>(
    `SELECT type, count(*)::int AS count FROM events WHERE image_id = ANY ($1) GROUP BY type ORDER BY type`,
    [ids],
  );
  t.same(events, [
    { type: 'image.deleted', count: 3 },
    { type: 'job.canceled', count: 1 },
    { type: 'job.completed', count: 2 },
    { type: 'job.queued', count: 3 },
  ]);
});

t.test('objects that can not be removed now are left to the sweep', async (t) => {
  let [isDown, asked] = [false, 0];
  const own = await startApi({
    swap: ({ objects }) => ({
      objects: {
        ...objects,
        remove: async (key) => {
          asked += 1;
          if (isDown) throw new Error('the store is away');
          await objects.remove(key);
        },
      },
    }),
  });
  const ids: string[] = [];
  for (let made = 0; made < 20; made += 1) ids.push(await addImage(own));
  isDown = true;
  const answer = await postJson(own, '/v1/images/bulk/delete', { ids });
  t.match({ status: answer.status, ...answer.json<object>() }, { status: 200, missing: [] });
  await eventually(
    () => asked,
    (times) => times >= 8,
  );
  t.match(await own.traces(), { objects: 20, uploads: 20, images: 0, jobs: 0 }, 'remembered');
  t.ok(asked <= 8, 'a store that is away is not asked for each');
  isDown = false;
  const sweep = { olderThanMs: 0, limit: 100, remove: own.deps.objects.remove };
  t.equal(await own.database.sweep.abandonedUploads(sweep), 20);
  t.match({ ...(await own.traces()), events: 0 }, NO_TRACES);
});

t.test('deleting works while the store is away', async (t) => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  const url = `s3://bucket?endpoint=http://127.0.0.1:${await freePort()}&region=us-east-1`;
  const own = await startApi({ env: { OBJECT_STORE_URL: url } });
  const ids = [await acceptUnseen(own), await acceptUnseen(own), await acceptUnseen(own)];
  const [first, ...rest] = ids;
  t.equal((await call(own, `/v1/images/${first}`, { method: 'DELETE' })).status, 204);
  const answer = await postJson(own, '/v1/images/bulk/delete', { ids: rest });
  t.same([...answer.json<{ deleted: string[] }>().deleted].sort(), rest.sort());
  for (const id of ids) t.equal((await call(own, `/v1/images/${id}`)).status, 404);
  const removed: string[] = [];
  const remove = async (key: string) => {
    removed.push(key);
  };
  const sweep = { olderThanMs: 0, limit: 100, remove };
  t.equal(await own.database.sweep.abandonedUploads(sweep), 3, 'the sweep knows all of them');
  t.same(removed.sort(), ids.map((id) => `object of ${id}`).sort());
  t.match({ ...(await own.traces()), events: 0 }, NO_TRACES);
});

/** An image whose bytes are said to be in the store; answers its id. */
async function acceptUnseen({ database, tenantId }: TestApi): Promise<string> {
  const imageId = newId();
  await database.uploads.begin({ id: imageId, tenantId, objectKey: `object of ${imageId}` });
  await database.uploads.accept({
    ...{ imageId, tenantId, jobId: newId(), bytes: 10, sha256Hex: '0'.repeat(64), format: 'png' },
    ...{ requestId: 'a', options: {}, fileName: null, declaredMimeType: null, title: null, tags: [] },
    ...{ path: null, isPublic: false, webhookUrl: null, traceparent: null },
    ...{ contentDigestHex: null, idempotency: null },
  });
  return imageId;
}
