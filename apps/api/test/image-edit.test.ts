import t from 'tap';
import type { Image } from '../src/schemas/image.ts';
import { addKey, startApi } from './app.ts';
import { call, field, image, postJson, problem, upload } from './client.ts';
import { addImage, type Page } from './library.ts';
import { pictureOf } from './pictures.ts';

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
const patch = (id: string, body: unknown, key = api.key) =>
  postJson(api, `/v1/images/${id}`, body, { method: 'PATCH', key });
const read = async (id: string) => (await call(api, `/v1/images/${id}`)).json<Image>();

t.test('what is said is changed, and nothing else', async (t) => {
  const id = await addImage(api, { title: 'Old', tags: ['a', 'b'] });
  const table: [change: object, changed: object][] = [
    [{ title: ' New ' }, { title: 'New' }],
    [{ title: null }, { title: null }],
    [{ title: '🌸'.repeat(500) }, { title: '🌸'.repeat(500) }],
    [{ tags: ['c', ' c', 'e\u0301'] }, { tags: ['c', '\u00e9'] }],
    [{ tags: [] }, { tags: [] }],
    [{ public: true }, { public: true }],
    [{ path: 'a/b c/ü.jpg' }, { path: 'a/b c/ü.jpg' }],
    [{ path: 'a/b c/ü.jpg' }, { path: 'a/b c/ü.jpg' }],
    [
      { path: null, public: false, title: 'x\0y' },
      { path: null, public: false, title: 'xy' },
    ],
  ];
  for (const [change, changed] of table) {
    const before = await read(id);
    const answer = await patch(id, change);
    t.equal(answer.status, 200, JSON.stringify(change).slice(0, 80));
    t.same(answer.json(), { ...before, ...changed });
    t.same(await read(id), { ...before, ...changed }, 'and stays so');
  }
});

t.test('what can not be', async (t) => {
  const id = await addImage(api, { title: 'Old', tags: ['a'] });
  const before = await read(id);
  const table: [change: unknown, pointer: string][] = [
    [{}, ''],
    [{ titel: 'x' }, '/titel'],
    [{ title: 'x'.repeat(501) }, '/title'],
    [{ tags: null }, '/tags'],
    [{ tags: [' '] }, '/tags'],
    [{ tags: [''] }, '/tags/0'],
    [{ tags: Array.from({ length: 101 }, (_, index) => `t${index}`) }, '/tags'],
    [{ public: 'perhaps' }, '/public'],
    ...['', '/a', 'a/', 'a//b', '.', 'a/../b', './a', 'a\\b', 'a\nb', 'a\0b', '\ud800', 'ü'.repeat(513)].map(
      (path): [unknown, string] => [{ path }, '/path'],
    ),
    [{ path: 'x'.repeat(1025) }, '/path'],
    [{ title: 'New', path: '..' }, '/path'],
  ];
  for (const [change, pointer] of table) {
    const answer = await patch(id, change);
    const about = JSON.stringify(change).slice(0, 80);
    t.match(
      { about, ...problem(answer) },
      { about, status: 400, code: 'INVALID_REQUEST', errors: [{ pointer }] },
    );
  }
  t.same(await read(id), before);
});

t.test('a path is one image’s, of each tenant', async (t) => {
  const [one, other] = [await addImage(api), await addImage(api)];
  const theirs = await addImage(api, { key: stranger });
  t.equal((await patch(one, { path: 'x.jpg' })).status, 200);
  const taken = await patch(other, { path: 'x.jpg', title: 'not this either' });
  t.equal(`${taken.status} ${problem(taken).code}`, '409 PATH_TAKEN');
  t.equal((await read(other)).title, null, 'nothing is changed then');
  t.equal((await patch(theirs, { path: 'x.jpg' }, stranger)).status, 200, 'others have paths of their own');
  const again = await upload(api, [image(pictureOf(1000)), field('path', 'x.jpg')]);
  t.equal(`${again.status} ${problem(again).code}`, '409 PATH_TAKEN', 'at upload, too');
  await call(api, `/v1/images/${one}`, { method: 'DELETE' });
  t.equal((await patch(other, { path: 'x.jpg' })).status, 200, 'free again');
});

t.test('what is changed is found', async (t) => {
  const id = await addImage(api, { title: 'Zeppelin', tags: ['ship'] });
  const found = async (query: string) =>
    (await call(api, `/v1/images?${query}`)).json<Page>().items.map((one) => one.id);
  t.same(await found('q=zeppelin'), [id]);
  await patch(id, { title: 'Balloon', tags: ['sky'] });
  t.same(await found('q=zeppelin'), []);
  t.same(await found('tag=ship'), []);
  t.same(await found('q=balloon'), [id]);
  t.same(await found('tag=sky'), [id]);
});

t.test('another’s image is unknown', async (t) => {
  const id = await addImage(api, { title: 'Mine' });
  for (const wanted of [id, crypto.randomUUID()]) {
    const answer = await patch(wanted, { title: 'Yours' }, stranger);
    t.equal(`${answer.status} ${problem(answer).code}`, '404 IMAGE_NOT_FOUND');
  }
  t.equal((await read(id)).title, 'Mine');
});

t.test('a file that was edited no longer answers for one that is sent again', async (t) => {
  const reusing = await startApi({ env: { DUPLICATES: 'reuse' } });
  const table: [said: [name: string, value: string][], change: object][] = [
    [[['title', 'A']], { title: 'B' }],
    [[['tags', 'a']], { tags: [] }],
    [[['path', 'a.png']], { path: 'b.png' }],
    [[['public', 'true']], { public: false }],
  ];
  for (const [said, change] of table) {
    const parts = [image(pictureOf(1000)), ...said.map(([name, value]) => field(name, value))];
    const send = async () => (await upload(reusing, parts)).json<{ imageId: string }>();
    const { imageId } = await send();
    t.equal((await send()).imageId, imageId);
    await postJson(reusing, `/v1/images/${imageId}`, change, { method: 'PATCH' });
    t.not((await send()).imageId, imageId, `it was to be another than ${JSON.stringify(change)}`);
  }
});
