import t from 'tap';
import type { Tag } from '../src/schemas/tag.ts';
import { addKey, startApi } from './app.ts';
import { type Answer, call, postJson, problem } from './client.ts';
import { addImage, idsOf, type Page } from './library.ts';

interface TagPage {
  items: Tag[];
  nextCursor: string | null;
  links: { next?: string };
}

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

function ask(method: Method, path: string, body?: unknown, key = api.key): Promise<Answer> {
  if (body === undefined) return call(api, path, { method, key });
  return postJson(api, path, body, { method, key });
}
const tagsOf = async (id: string) =>
  (await call(api, `/v1/images/${id}/tags`)).json<{ tags: string[] }>().tags;
const counts = async (query = '', key = api.key) => {
  const { items } = (await call(api, `/v1/tags?${query}`, { key })).json<TagPage>();
  return Object.fromEntries(items.map(({ tag, images }) => [tag, images]));
};

t.test('every operation, one after the other', async (t) => {
  const id = await addImage(api, { tags: ['one'] });
  const emoji = '🌸'.repeat(100);
  const table: [method: Method, path: string, body: unknown, tags: string[]][] = [
    ['GET', '', undefined, ['one']],
    ['POST', '', { tags: ['two', 'one', ' two '] }, ['one', 'two']],
    ['POST', '', { tags: [] }, ['one', 'two']],
    ['PUT', '/three', undefined, ['one', 'two', 'three']],
    ['PUT', '/three', undefined, ['one', 'two', 'three']],
    ['PUT', '/a%2Fb%20%25%3F', undefined, ['one', 'two', 'three', 'a/b %?']],
    ['PUT', '/e%CC%81', undefined, ['one', 'two', 'three', 'a/b %?', '\u00e9']],
    ['DELETE', '/%C3%A9', undefined, ['one', 'two', 'three', 'a/b %?']],
    ['DELETE', '/a%2Fb%20%25%3F', undefined, ['one', 'two', 'three']],
    ['DELETE', '/two', undefined, ['one', 'three']],
    ['PUT', '', { tags: ['x', 'y', 'x'] }, ['x', 'y']],
    ['PUT', `/${encodeURIComponent(emoji)}`, undefined, ['x', 'y', emoji]],
    ['DELETE', '', undefined, []],
    ['DELETE', '', undefined, []],
    ['PUT', '', { tags: [] }, []],
  ];
  for (const [method, path, body, tags] of table) {
    const answer = await ask(method, `/v1/images/${id}/tags${path}`, body);
    const about = `${method} ${path}`;
    t.match({ about, status: answer.status, ...answer.json<object>() }, { about, status: 200 });
    t.same(answer.json(), { tags }, about);
    t.same(await tagsOf(id), tags, 'and so it is');
  }
});

t.test('all tags go, however many there are', async (t) => {
  const many = Array.from({ length: 100 }, (_, index) => `m${index}`);
  const id = await addImage(api, { tags: many });
  t.equal((await counts('prefix=m')).m99, 1);
  t.same((await ask('DELETE', `/v1/images/${id}/tags`)).json(), { tags: [] });
  t.same(await tagsOf(id), []);
  t.same(await counts('prefix=m'), {}, 'nothing is left of them');
});

t.test('what can not be', async (t) => {
  const many = Array.from({ length: 99 }, (_, index) => `m${index}`);
  const id = await addImage(api, { tags: many });
  const place = `/v1/images/${id}/tags`;
  const table: [method: Method, path: string, body: unknown, said: string][] = [
    ['POST', place, { tags: ['a', 'b'] }, '409 TOO_MANY_TAGS'],
    ['DELETE', `${place}/unknown`, undefined, '404 TAG_NOT_FOUND'],
    ['PUT', `${place}/%20`, undefined, '400 INVALID_REQUEST'],
    ['PUT', `${place}/%00`, undefined, '400 INVALID_REQUEST'],
    ['PUT', `${place}/${'x'.repeat(101)}`, undefined, '400 INVALID_REQUEST'],
    ['PUT', `${place}/${'x'.repeat(301)}`, undefined, '404 NOT_FOUND'],
    ['PUT', place, { tags: Array.from({ length: 101 }, (_, index) => `n${index}`) }, '400 INVALID_REQUEST'],
    ['PUT', place, { tags: ['x'.repeat(101)] }, '400 INVALID_REQUEST'],
    ['PUT', place, {}, '400 INVALID_REQUEST'],
    ['POST', place, { tags: ['a'], and: 1 }, '400 INVALID_REQUEST'],
    ['POST', `/v1/images/${crypto.randomUUID()}/tags`, { tags: ['a'] }, '404 IMAGE_NOT_FOUND'],
    ['DELETE', `/v1/images/${crypto.randomUUID()}/tags/a`, undefined, '404 IMAGE_NOT_FOUND'],
    ['GET', '/v1/images/x/tags', undefined, '400 INVALID_REQUEST'],
  ];
  for (const [method, path, body, said] of table) {
    const answer = await ask(method, path, body);
    t.equal(`${answer.status} ${problem(answer).code}`, said, `${method} ${path}`);
  }
  t.same(await tagsOf(id), many, 'nothing has changed');
  t.equal((await ask('POST', place, { tags: ['a', 'm1'] })).status, 200, 'one more is not too many');
  t.equal((await ask('PUT', `${place}/b`)).status, 409);
  await ask('DELETE', place);
});

t.test('another’s image is unknown to every operation', async (t) => {
  const id = await addImage(api, { tags: ['mine'] });
  const place = `/v1/images/${id}/tags`;
  const table: [method: Method, path: string, body?: unknown][] = [
    ['GET', place],
    ['POST', place, { tags: ['theirs'] }],
    ['PUT', place, { tags: ['theirs'] }],
    ['DELETE', place],
    ['PUT', `${place}/theirs`],
    ['DELETE', `${place}/mine`],
  ];
  for (const [method, path, body] of table) {
    const answer = await ask(method, path, body, stranger);
    t.equal(`${answer.status} ${problem(answer).code}`, '404 IMAGE_NOT_FOUND', `${method} ${path}`);
  }
  t.same(await tagsOf(id), ['mine']);
  t.same(await counts('', stranger), {});
  await ask('DELETE', place);
});

t.test('the tags of all images', async (t) => {
  const own = await startApi();
  const get = async (path: string) => (await call(own, path)).json<TagPage>();
  t.same(await get('/v1/tags'), { items: [], nextCursor: null, links: {} });
  const one = await addImage(own, { tags: ['a', 'b', 'Äpfel', 'a b&c'] });
  const two = await addImage(own, { tags: ['a', 'b%', 'b_'] });
  await addImage(own, { tags: ['a', 'gone'], facts: { rejected_at: new Date() } });
  await addImage(own, {
    tags: ['a', 'theirs'],
    key: await addKey(own.rows, { tenantId: crypto.randomUUID() }),
  });

  const { items } = await get('/v1/tags');
  const told = items.map(({ tag, images }) => `${tag} ${images}`);
  t.same(
    told,
    ['a 2', 'a b&c 1', 'b 1', 'b% 1', 'b_ 1', 'Äpfel 1'],
    'nobody else’s, and none of the rejected',
  );
  const table: [prefix: string, tags: string[]][] = [
    ['b', ['b', 'b%', 'b_']],
    ['b%', ['b%']],
    ['b_', ['b_']],
    ['B', []],
    ['A\u0308', ['Äpfel']],
    ['a b&', ['a b&c']],
  ];
  for (const [prefix, tags] of table) {
    const page = await get(`/v1/tags?${new URLSearchParams({ prefix })}`);
    t.same(
      page.items.map(({ tag }) => tag),
      tags,
      prefix,
    );
  }
  for (const { tag, images, links } of items) {
    const page = (await call(own, links.images)).json<Page>();
    t.equal(page.items.length, images, `the link of ${tag} leads to its images`);
  }
  const pages: TagPage[] = [];
  for (let next: string | undefined = '/v1/tags?limit=2'; next !== undefined; next = pages.at(-1)?.links.next)
    pages.push(await get(next));
  t.same(
    pages.flatMap((page) => page.items),
    items,
    'page by page',
  );
  t.equal(pages.length, 3);

  await call(own, `/v1/images/${one}`, { method: 'DELETE' });
  t.same(
    (await get('/v1/tags')).items.map(({ tag, images }) => `${tag} ${images}`),
    ['a 1', 'b% 1', 'b_ 1'],
  );
  t.same(idsOf((await call(own, '/v1/images?tag=a')).json<Page>().items), [two]);
});

t.test('what can not be asked of the tags', async (t) => {
  const foreign = Buffer.from('["title","a","b"]').toString('base64url');
  for (const query of ['prefix=', 'prefix=%00', 'limit=0', 'limit=1001', 'cursor=x', `cursor=${foreign}`]) {
    const answer = await call(api, `/v1/tags?${query}`);
    t.equal(`${answer.status} ${problem(answer).code}`, '400 INVALID_REQUEST', query);
  }
});

t.test('without a version, too', async (t) => {
  t.equal((await call(api, '/tags')).status, 200);
});
