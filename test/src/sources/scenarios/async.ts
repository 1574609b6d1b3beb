// An API that answered at once, worked in the background, and kept its images in S3.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { ROOT } from '../../service/root.ts';
import type { Json } from '../caller.ts';
import { answered, eventually, holds, itemsOf, refused, same, textAt, valueAt } from '../expect.ts';
import { ANIMATED, animated, noImage, photo, TRANSPARENT, transparent } from '../pictures.ts';
import type { World } from '../service.ts';
import type { Story } from '../story.ts';
import { takeIn } from './intake.ts';

export async function playAsync({ promise, absent }: Story, world: World): Promise<void> {
  const { admin, bucket, neighbour, nobody, worker } = world;
  const me = await world.person();
  const [harbour, sticker, waves] = await Promise.all([photo(), transparent(), animated()]);
  const ids: Record<'harbour' | 'sticker' | 'waves', string> = { harbour: '', sticker: '', waves: '' };
  const derivativesOf = async (id: string) =>
    (answered(await me.get(`/v1/images/${id}`), 200).derivatives ?? []) as Json[];
  const keysOf = async (id: string) => (await bucket.keys()).filter((key) => key.includes(id));

  await promise('answers an upload at once', async () => {
    // Nobody works, and still it is answered.
    worker.signal('SIGSTOP');
    try {
      const answer = await me.post('/v1/jobs', {
        form: {
          image: harbour,
          title: 'The harbour',
          derivatives: '{"small":{"width":120,"format":"webp","quality":70},"thumb":true}',
        },
      });
      const job = answered(answer, 202, { status: 'queued', attempt: 0 });
      ids.harbour = textAt(job, 'imageId');
      answered(await me.get(textAt(job, 'links.self')), 200, { status: 'queued' });
    } finally {
      worker.signal('SIGCONT');
    }
    await eventually(async () => {
      const page = answered(await me.get('/v1/jobs?status=completed'), 200);
      same(itemsOf(page).length, 1, 'completed jobs');
    });
  });

  await promise('resizes and optimises in the background', async () => {
    const made = await derivativesOf(ids.harbour);
    same(made.map(({ name }) => name).sort(), ['small', 'thumb'], 'what was made');
    const small = made.find(({ name }) => name === 'small');
    holds(small?.status === 'ready' && small.format === 'webp' && small.width === 120, JSON.stringify(small));
    const answer = await me.get(textAt(small, 'url'));
    answered(answer, 200);
    const { format, width, height } = await sharp(answer.bytes).metadata();
    same({ format, width, height }, { format: 'webp', width: 120, height: 160 }, 'the smaller one');
    holds(answer.bytes.length < harbour.bytes.length, 'it is no smaller than the original');
  });

  await promise('removes temporary files', async () => {
    // The way round the API leaves the most behind: a file that waits to be taken in.
    const { bytes, type, name } = await photo();
    const wanted = { bytes: bytes.length, contentType: type, fileName: name };
    const upload = answered(await me.post('/v1/uploads', { json: wanted }), 201);
    const headers = upload.headers as Record<string, string>;
    const sent = await nobody.call('PUT', textAt(upload, 'url'), { headers, body: bytes });
    // S3 answers 200, and the API, where there is no S3, 204.
    answered(sent, bucket.kind === 'S3' ? 200 : 204);
    same((await keysOf('incoming/')).length, 1, 'files that wait');
    const job = await me.post('/v1/jobs', { json: { uploadId: upload.id }, headers: { prefer: 'wait=30' } });
    answered(job, 200, { status: 'completed' });
    await eventually(async () => same(await keysOf('incoming/'), [], 'files that wait'));
  });

  await promise('lists images', async () => {
    ids.sticker = textAt(await takeIn(me, sticker, { title: 'A sticker' }), 'imageId');
    ids.waves = textAt(await takeIn(me, waves, { title: 'Waves in the harbour' }), 'imageId');
    const first = answered(await me.get('/v1/images?limit=3'), 200);
    same(
      itemsOf(first)
        .slice(0, 2)
        .map(({ id }) => id),
      [ids.waves, ids.sticker],
      'the newest ones',
    );
    const second = answered(await me.get(textAt(first, 'links.next')), 200);
    same(
      itemsOf(second).map(({ id }) => id),
      [ids.harbour],
      'the next page',
    );
    same(second.nextCursor, null, 'a third page');
  });

  await promise('shows one in detail', async () => {
    const about = {
      id: ids.sticker,
      title: 'A sticker',
      fileName: sticker.name,
      mimeType: 'image/png',
      ...TRANSPARENT,
    };
    answered(await me.get(`/v1/images/${ids.sticker}`), 200, about);
  });

  const titled = async (part: string) =>
    itemsOf(answered(await me.get(`/v1/images?title=${part}&sort=createdAt`), 200)).map(({ id }) => id);

  await promise('filters by title', async () => {
    same(await titled('harbour'), [ids.harbour, ids.waves], 'those with “harbour” in their title');
    same(await titled('STICK'), [ids.sticker], 'capitals apart');
    same(await titled('100%25'), [], 'those with “100%”');
  });

  await promise('updates the title', async () => {
    const path = `/v1/images/${ids.waves}`;
    answered(await me.call('PATCH', path, { json: { title: 'Waves' } }), 200, { title: 'Waves' });
    answered(await me.get(path), 200, { title: 'Waves' });
    same(await titled('harbour'), [ids.harbour], 'those with “harbour” in their title');
  });

  await promise('keeps its files in S3', async () => {
    const keys = await keysOf(ids.harbour);
    same(keys.length, 3, 'an original and two derivatives');
    const stored = await bucket.read(keys.find((key) => key.includes('/original/')) ?? '');
    holds(stored.equals(harbour.bytes), `${bucket.kind} has other bytes than were sent`);
    const answer = await me.get(`/v1/images/${ids.harbour}/original`);
    holds(answer.bytes.equals(harbour.bytes), 'other bytes are answered than were sent');
  });

  await promise('deletes', async () => {
    answered(await me.call('DELETE', `/v1/images/${ids.harbour}`), 204);
    refused(await me.get(`/v1/images/${ids.harbour}`), 404, 'IMAGE_NOT_FOUND');
    same(await titled('harbour'), [], 'what is left of it in the list');
  });

  await absent('a DELETE that leaves the object behind', async () => {
    await eventually(async () => same(await keysOf(ids.harbour), [], 'what is left of it in the bucket'));
  });

  await promise('runs what is periodic by a scheduler', async () => {
    // Nobody asks for it: an object that no image knows is found and removed by the clock.
    const stray = `${crypto.randomUUID()}/original/${crypto.randomUUID()}`;
    await bucket.put(stray, harbour.bytes, harbour.type);
    await eventually(async () => same(await keysOf(stray), [], 'what no image knows'));
    answered(await admin.get('/admin/queues/api/queues'), 200);
  });

  await promise('tries again what failed', async () => {
    const url = neighbour.serve((await photo()).bytes, { times: 2, status: 503 });
    const job = await me.post('/v1/jobs', { json: { url }, headers: { prefer: 'wait=30' } });
    answered(job, 200, { status: 'completed', attempt: 3 });
    // And by hand, what no trying again would have helped.
    const gone = neighbour.serve((await photo()).bytes, { times: 1, status: 404 });
    const failed = await me.post('/v1/jobs', { json: { url: gone }, headers: { prefer: 'wait=30' } });
    const self = textAt(answered(failed, 200, { status: 'failed' }), 'links.self');
    answered(await me.post(`${self}/retry`), 202);
    answered(await me.get(`${self}?wait=30`), 200, { status: 'completed' });
  });

  const operations = async () => {
    const { paths } = answered(await nobody.get('/openapi.json'), 200, { openapi: '3.1.0' });
    return Object.entries(paths as Record<string, Json>).flatMap(([path, byMethod]) =>
      Object.keys(byMethod).map((method) => `${method.toUpperCase()} ${path}`),
    );
  };

  await promise('is described by OpenAPI', async () => {
    const all = await operations();
    for (const one of ['POST /v1/jobs', 'GET /v1/images', 'PATCH /v1/images/{id}', 'DELETE /v1/images/{id}'])
      holds(all.includes(one), `${one} is not described`);
    answered(await nobody.get('/docs/'), 200);
  });

  await promise('has a Postman collection', async () => {
    const text = await readFile(path.join(ROOT, 'docs/postman_collection.json'), 'utf8');
    const { info, item: folders } = JSON.parse(text) as { info: Json; item: { item: Json[] }[] };
    holds(String(info.schema).includes('v2.1'), 'it is no collection v2.1');
    const requests = folders.flatMap(({ item }) => item.map(({ request }) => request as Json));
    const inIt = new Set(
      requests.map(({ method, url }) => `${method} /${(valueAt(url, 'path') as string[]).join('/')}`),
    );
    const missing = (await operations()).map((one) => one.replace(/\{(\w+)\}/g, ':$1'));
    same(
      missing.filter((one) => !inIt.has(one)),
      [],
      'operations that it lacks',
    );
  });

  await absent('a list that shows other people’s images', async () => {
    const other = await world.person();
    same(itemsOf(answered(await other.get('/v1/images'), 200)), [], 'the list of somebody new');
    refused(await other.get(`/v1/images/${ids.sticker}`), 404, 'IMAGE_NOT_FOUND');
  });

  await absent('transparency and animation lost in a resize', async () => {
    const wish = {
      derivatives: '{"tiny":{"width":60},"web":{"width":60,"format":"webp"}}',
      duplicate: 'allow',
    };
    const see = async (image: typeof sticker) => {
      const { imageId } = await takeIn(me, image, wish);
      const made = await derivativesOf(String(imageId));
      same(
        made.map(({ status }) => status),
        ['ready', 'ready'],
        `what became of ${image.name}`,
      );
      return Promise.all(
        made.map(async ({ url }) => sharp((await me.get(String(url))).bytes, { animated: true }).metadata()),
      );
    };
    for (const { hasAlpha, width } of await see(sticker))
      same({ hasAlpha, width }, { hasAlpha: true, width: 60 }, 'the sticker');
    for (const { pages, width } of await see(waves))
      same({ pages, width }, { pages: ANIMATED.frames, width: 60 }, 'the waves');
  });

  await absent('a POST that gives no id', async () => {
    const { id, imageId } = answered(await me.post('/v1/jobs', { form: { image: await photo() } }), 202);
    holds(typeof id === 'string' && typeof imageId === 'string', 'there is no id');
  });

  await absent('a 500 for a file that is no image', async () => {
    refused(await me.post('/v1/jobs', { form: { image: noImage() } }), 415);
  });
}
