// A server of images by their path in a bucket, sized and turned by the URL, behind keys with usage plans.
import sharp from 'sharp';
import { answered, eventually, holds, refused, same, textAt } from '../expect.ts';
import { ANIMATED, animated, noImage, PHOTO, photo, transparent } from '../pictures.ts';
import type { World } from '../service.ts';
import type { Story } from '../story.ts';
import { takeIn } from './intake.ts';

const PREFIX = 'holiday-pictures/';

export async function playServer({ promise, absent }: Story, world: World): Promise<void> {
  const { admin, bucket, nobody } = world;
  const beach = await photo('beach.jpg');
  const old = await photo('old.jpg');
  // There before anything of the service knew of it.
  await bucket.put(`${PREFIX}2019/old.jpg`, old.bytes, old.type);
  await bucket.put(`${PREFIX}2019/letter.jpg`, noImage().bytes, 'image/jpeg');
  const me = await world.person();
  const file = (path: string, query = '') => `/v1/files/${path}${query && `?${query}`}`;
  const seen = async (bytes: Buffer) => {
    const { format, width, height } = await sharp(bytes).metadata();
    return { format, width, height };
  };

  await promise('delivers by path, with an API key', async () => {
    await takeIn(me, beach, { path: '2024/beach.jpg' });
    const answer = await me.get(file('2024/beach.jpg'));
    answered(answer, 200);
    same(answer.headers['content-type'], 'image/jpeg', 'its type');
    same(await seen(answer.bytes), { format: 'jpeg', ...PHOTO }, 'what is delivered');
    refused(await nobody.get(file('2024/beach.jpg')), 401, 'UNAUTHENTICATED');
  });

  await promise('delivers what was in the bucket before it came', async () => {
    const change = { json: { filesPrefix: PREFIX } };
    answered(await admin.call('PATCH', `/v1/users/${me.id}`, change), 200);
    await eventually(async () => void answered(await me.get(file('2019/old.jpg')), 200));
    same(
      await seen((await me.get(file('2019/old.jpg'))).bytes),
      { format: 'jpeg', ...PHOTO },
      'what is delivered',
    );
    const small = await me.get(file('2019/old.jpg', 'width=100&format=webp'));
    same(await seen(small.bytes), { format: 'webp', width: 100, height: 133 }, 'the smaller one');
    const other = await world.person();
    refused(await other.get(file('2019/old.jpg')), 404);
  });

  await promise('answers 400 to nonsense', async () => {
    for (const [query, name] of [
      ['width=0', 'width'],
      ['width=wide', 'width'],
      ['rotate=sideways', 'rotate'],
      ['fit=somehow', 'fit'],
      ['colour=red', 'colour'],
    ] as const) {
      const { detail } = refused(await me.get(file('2024/beach.jpg', query)), 400, 'INVALID_REQUEST');
      holds(String(detail).includes(name), `it does not name ${name}: ${detail}`);
    }
  });

  await promise('answers 404 to what is not there', async () => {
    refused(await me.get(file('2024/no-such.jpg')), 404);
    refused(await me.get(file('2024/no-such.jpg', 'width=100')), 404);
    refused(await me.get(file('2024/..%2F..%2Fbeach.jpg')), 404);
  });

  await promise('resizes in the URL', async () => {
    const answer = await me.get(file('2024/beach.jpg', 'width=240'));
    same(await seen(answer.bytes), { format: 'jpeg', width: 240, height: 320 }, 'it');
    const square = await me.get(file('2024/beach.jpg', 'width=90&height=90&fit=cover'));
    same(await seen(square.bytes), { format: 'jpeg', width: 90, height: 90 }, 'the square');
    same((await sharp(answer.bytes).metadata()).exif, undefined, 'private tags');
  });

  await promise('rotates in the URL', async () => {
    const answer = await me.get(file('2024/beach.jpg', 'width=320&rotate=90'));
    same(await seen(answer.bytes), { format: 'jpeg', width: 320, height: 240 }, 'it');
  });

  await promise('stores the result beside the originals', async () => {
    const derived = async () => (await bucket.keys()).filter((key) => key.includes('/derived/'));
    const before = await derived();
    const path = file('2024/beach.jpg', 'width=77');
    const [first, ...others] = await Promise.all([me.get(path), me.get(path), me.get(path)]);
    const [added, ...more] = (await derived()).filter((key) => !before.includes(key));
    same(more, [], 'what was made more than once');
    holds((await bucket.read(added ?? '')).equals(first.bytes), 'the bucket has something else');
    for (const other of [...others, await me.get(path)])
      same(other.headers.etag, first.headers.etag, 'the ETag');
    const again = await me.get(path, { 'if-none-match': first.headers.etag ?? '' });
    same(again.status, 304, 'the answer to who has it');
  });

  /** A key with a plan that allows so many requests a day. */
  async function keyWithPlan(name: string, requestsPerDay: number) {
    const limits = { requestsPerSecond: null, storedBytes: null, uploadBytes: null, concurrentJobs: null };
    answered(await admin.call('PUT', `/v1/plans/${name}`, { json: { ...limits, requestsPerDay } }), 200);
    const made = answered(await me.session.post('/v1/api-keys', { json: { name, plan: name } }), 201);
    return nobody.as({ 'x-api-key': textAt(made, 'key') });
  }

  await promise('has a quota', async () => {
    const small = await keyWithPlan('three-a-day', 3);
    for (const _ of [1, 2, 3]) answered(await small.get(file('2024/beach.jpg', 'width=77')), 200);
    const refusal = await small.get(file('2024/beach.jpg', 'width=77'));
    refused(refusal, 429, 'DAILY_QUOTA_EXCEEDED');
    holds(Number(refusal.headers['retry-after']) > 0, 'it does not say when to come again');
  });

  await promise('has several keys, each with its usage plan', async () => {
    const [small, large] = [await keyWithPlan('one-a-day', 1), await keyWithPlan('many-a-day', 1000)];
    answered(await small.get(file('2024/beach.jpg', 'width=77')), 200);
    refused(await small.get(file('2024/beach.jpg', 'width=77')), 429, 'DAILY_QUOTA_EXCEEDED');
    for (const _ of [1, 2, 3]) answered(await large.get(file('2024/beach.jpg', 'width=77')), 200);
    answered(await me.get(file('2024/beach.jpg', 'width=77')), 200);
  });

  await absent('transparency and animation lost in a resize', async () => {
    await takeIn(me, await transparent(), { path: 'sticker.png' });
    await takeIn(me, await animated(), { path: 'waves.gif' });
    for (const query of ['width=80', 'width=80&format=webp', 'width=80&format=auto']) {
      const accept = { accept: 'image/avif,image/webp,*/*' };
      const sticker = await sharp((await me.get(file('sticker.png', query), accept)).bytes).metadata();
      same({ alpha: sticker.hasAlpha, width: sticker.width }, { alpha: true, width: 80 }, 'the sticker');
      const bytes = (await me.get(file('waves.gif', query), accept)).bytes;
      const { pages, width } = await sharp(bytes, { animated: true }).metadata();
      same({ pages, width }, { pages: ANIMATED.frames, width: 80 }, 'the waves');
    }
  });

  await absent('a 500 for a file that is no image', async () => {
    const answer = await me.get(file('2019/letter.jpg', 'width=100'));
    holds(answer.status >= 400 && answer.status < 500, `it answered ${answer.status}`);
    refused(answer, answer.status);
  });

  await absent('an error with status 200', async () => {
    refused(await nobody.get(file('2019/old.jpg', 'width=100')), 401, 'UNAUTHENTICATED');
    refused(await me.get(file('2019/none.jpg')), 404);
    refused(await me.get(file('2019/old.jpg', 'quality=1000')), 400, 'INVALID_REQUEST');
  });

  await absent('a DELETE that leaves the object behind', async () => {
    const { imageId } = await takeIn(me, await photo(), { path: 'gone.jpg' });
    answered(await me.get(file('gone.jpg', 'width=50')), 200);
    const left = async () => (await bucket.keys()).filter((key) => key.includes(String(imageId)));
    same((await left()).length, 2, 'objects before');
    answered(await me.call('DELETE', `/v1/images/${imageId}`), 204);
    refused(await me.get(file('gone.jpg', 'width=50')), 404);
    await eventually(async () => same(await left(), [], 'objects left'));
    // What is not the service's own is left alone by all that it sweeps.
    holds((await bucket.keys()).includes(`${PREFIX}2019/old.jpg`), 'an object of somebody else’s is gone');
  });
}
