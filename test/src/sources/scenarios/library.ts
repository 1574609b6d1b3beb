// A library: people, their images, tags on them, and what each of them uses.
import type { Json } from '../caller.ts';
import { answered, eventually, holds, itemsOf, refused, same, textAt, valueAt } from '../expect.ts';
import { noImage, photo } from '../pictures.ts';
import { cookieOf, PASSWORD, type World } from '../service.ts';
import type { Story } from '../story.ts';
import { takeIn } from './intake.ts';

export async function playLibrary({ promise, absent }: Story, world: World): Promise<void> {
  const { nobody } = world;
  let me = await world.person();
  let imageId = '';
  let otherId = '';
  const tags = () => `/v1/images/${imageId}/tags`;
  const found = async (query: string) =>
    itemsOf(answered(await me.get(`/v1/images?${query}`), 200)).map(({ id }) => id);
  const tagsOf = async () => answered(await me.get(tags()), 200).tags;

  await promise('registers people', async () => {
    const email = `ada-${crypto.randomUUID()}@example.com`;
    const made = await nobody.post('/v1/users', { json: { email, password: PASSWORD } });
    answered(made, 201, { email });
    refused(await nobody.post('/v1/users', { json: { email, password: PASSWORD } }), 409, 'EMAIL_TAKEN');
  });

  await promise('logs them in by a cookie', async () => {
    me = await world.person();
    const login = await nobody.post('/v1/sessions', { json: { email: me.email, password: PASSWORD } });
    answered(login, 201);
    holds(/; HttpOnly/i.test(login.headers['set-cookie'] ?? ''), 'scripts can read the cookie');
    const session = nobody.as({ cookie: cookieOf(login.headers) });
    answered(await session.get('/v1/users/me'), 200, { credential: 'session', user: { email: me.email } });
    answered(await session.call('DELETE', '/v1/sessions/current'), 204);
    await eventually(async () => void refused(await session.get('/v1/users/me'), 401));
    refused(await nobody.post('/v1/sessions', { json: { email: me.email, password: 'a wrong one' } }), 401);
  });

  await promise('tags: an image has them', async () => {
    imageId = textAt(await takeIn(me, await photo(), { tags: '["sea", "boats"]' }), 'imageId');
    otherId = textAt(await takeIn(me, await photo(), { tags: '["seagull"]' }), 'imageId');
    same(await tagsOf(), ['sea', 'boats'], 'its tags');
    answered(await me.get(`/v1/images/${imageId}`), 200, { tags: ['sea', 'boats'] });
  });

  await promise('tags: adds some', async () => {
    answered(await me.post(tags(), { json: { tags: ['evening', 'sea'] } }), 200);
    same(await tagsOf(), ['sea', 'boats', 'evening'], 'its tags');
  });

  await promise('tags: adds one', async () => {
    answered(await me.call('PUT', `${tags()}/${encodeURIComponent('Große Freiheit / 7')}`), 200);
    same(await tagsOf(), ['sea', 'boats', 'evening', 'Große Freiheit / 7'], 'its tags');
  });

  await promise('tags: removes one', async () => {
    answered(await me.call('DELETE', `${tags()}/boats`), 200);
    same(await tagsOf(), ['sea', 'evening', 'Große Freiheit / 7'], 'its tags');
    refused(await me.call('DELETE', `${tags()}/boats`), 404);
  });

  await promise('tags: replaces all', async () => {
    const seven = ['sea', 'b', 'c', 'd', 'e', 'f', 'g'];
    answered(await me.call('PUT', tags(), { json: { tags: seven } }), 200);
    same(await tagsOf(), seven, 'its tags');
  });

  await promise('tags: tells which there are', async () => {
    const all = itemsOf(answered(await me.get('/v1/tags?prefix=sea'), 200));
    const told = all.map(({ tag, images }) => ({ tag, images }));
    same(
      told,
      [
        { tag: 'sea', images: 1 },
        { tag: 'seagull', images: 1 },
      ],
      'tags',
    );
  });

  await promise('filters by tag', async () => {
    same(await found('tag=sea'), [imageId], 'those tagged “sea”');
    same(await found('tag=seagull'), [otherId], 'those tagged “seagull”');
  });

  await absent('a tag filter that matches everything', async () => {
    same(await found('tag=nobody-has-this'), [], 'those with a tag that nobody has');
    same(await found('tag=se'), [], 'those with the beginning of a tag');
    refused(await me.get('/v1/images?tags=sea'), 400, 'INVALID_REQUEST');
  });

  await promise('tags: removes all', async () => {
    answered(await me.call('DELETE', tags()), 200);
    same(await found('tag=sea'), [], 'those tagged “sea”');
  });

  await absent('“delete all tags” leaves half of them', async () => {
    same(await tagsOf(), [], 'its tags');
    answered(await me.get(`/v1/images/${imageId}`), 200, { tags: [] });
    const left = itemsOf(answered(await me.get('/v1/tags'), 200));
    same(
      left.map(({ tag }) => tag),
      ['seagull'],
      'tags that are left',
    );
  });

  await promise('filters by date', async () => {
    const { createdAt } = answered(await me.get(`/v1/images/${otherId}`), 200);
    const at = encodeURIComponent(String(createdAt));
    same(await found(`uploadedAfter=${at}`), [otherId], 'those from then on');
    same(await found(`uploadedBefore=${at}`), [imageId], 'those before then');
    same(
      (await found('takenAfter=2024-05-17T00:00:00&takenBefore=2024-05-18T00:00:00')).length,
      2,
      'those taken that day',
    );
    same(await found('takenAfter=2024-05-18T00:00:00'), [], 'those taken later');
  });

  await promise('shows everybody his own images only', async () => {
    const other = await world.person();
    const theirs = textAt(await takeIn(other, await photo(), { tags: 'sea', title: 'Lagoon' }), 'imageId');
    same((await found('')).includes(theirs), false, 'theirs among mine');
    refused(await me.get(`/v1/images/${theirs}`), 404, 'IMAGE_NOT_FOUND');
    refused(await me.call('PUT', `/v1/images/${theirs}/tags/mine`), 404, 'IMAGE_NOT_FOUND');
    answered(await other.get(`/v1/images/${theirs}`), 200, { tags: ['sea'] });
  });

  await absent('a list that shows other people’s images', async () => {
    same(await found('sort=createdAt'), [imageId, otherId], 'mine');
    same(await found('tag=sea'), [], 'mine that are tagged like theirs');
    same(await found('q=lagoon'), [], 'mine that are described like theirs');
  });

  await promise('is set up by a configuration file', async () => {
    const strict = await world.startByFile({ MAX_UPLOAD_BYTES: '1000', REGISTRATION: 'closed' });
    answered(await strict.get('/readyz'), 200);
    const { json } = { json: { email: `bob-${crypto.randomUUID()}@example.com`, password: PASSWORD } };
    refused(await strict.post('/v1/users', { json }), 403, 'REGISTRATION_CLOSED');
    answered(await nobody.post('/v1/users', { json }), 201);
  });

  await promise('has a Swagger page that knows multipart and binary', async () => {
    const page = await nobody.get('/docs/');
    holds(page.bytes.toString().includes('swagger'), 'there is no Swagger page');
    const document = answered(await nobody.get('/openapi.json'), 200);
    const operation = (path: string, method: string) => valueAt((document.paths as Json)[path], method);
    const content = valueAt(operation('/v1/jobs', 'post'), 'requestBody.content') as Json;
    const image = valueAt(content['multipart/form-data'], 'schema.properties.image') as Json;
    same(image.format, 'binary', 'the file of the form');
    const original = valueAt(operation('/v1/images/{id}/original', 'get'), 'responses.200.content') as Json;
    same(valueAt(original['image/*'], 'schema.format'), 'binary', 'the original');
  });

  await promise('has its version in the path', async () => {
    const versioned = answered(await me.get(`/v1/images/${imageId}`), 200);
    same(answered(await me.get(`/images/${imageId}`), 200), versioned, 'what is answered without it');
    holds(textAt(versioned, 'links.self').startsWith('/v1/'), 'links have no version');
  });

  await promise('tracks usage', async () => {
    await eventually(async () => {
      const usage = answered(await me.get('/v1/usage'), 200, { now: { images: 2 } });
      const [day = {}] = (usage.days as Json[]).filter(({ key }) => key !== null);
      same(day.jobs, 2, 'jobs by my key today');
      holds(Number(day.requests) > 20 && Number(day.bytes) > 0, JSON.stringify(day));
    });
  });

  await absent('a time that stood still at start-up', async () => {
    const mine = await Promise.all([imageId, otherId].map((id) => me.get(`/v1/images/${id}`)));
    const [first = '', second = ''] = mine.map((one) => textAt(answered(one, 200), 'createdAt'));
    holds(first < second, `${first} is not before ${second}`);
  });

  await absent('an error with status 200', async () => {
    refused(await nobody.get('/v1/images'), 401, 'UNAUTHENTICATED');
    refused(await me.get(`/v1/images/${crypto.randomUUID()}/tags`), 404, 'IMAGE_NOT_FOUND');
    refused(await me.call('PUT', tags(), { json: { tag: 'sea' } }), 400, 'INVALID_REQUEST');
    refused(await me.post('/v1/jobs', { form: { image: noImage() } }), 415);
  });
}
