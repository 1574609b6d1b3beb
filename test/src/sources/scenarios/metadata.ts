// An API that took an image and told its dimensions, encoding and compression.
import { isIPv4 } from 'node:net';
import { answered, eventually, holds, itemsOf, refused, textAt } from '../expect.ts';
import { noImage, PHOTO, photo } from '../pictures.ts';
import type { World } from '../service.ts';
import type { Story } from '../story.ts';
import { takeIn } from './intake.ts';

/** As exactly as times of two processes can be compared. */
const CLOCK_MS = 50;

export async function playMetadata({ promise, absent }: Story, world: World): Promise<void> {
  const { admin, nobody } = world;
  const me = await world.person();
  let jobId = '';

  await promise('accepts an image', async () => {
    jobId = textAt(await takeIn(me, await photo()), 'id');
  });

  await promise('returns its dimensions, encoding and compression as JSON', async () => {
    const said = {
      image: {
        displayWidth: PHOTO.width,
        displayHeight: PHOTO.height,
        orientation: 6,
        bitDepth: 8,
        hasAlpha: false,
      },
      encoding: { codec: 'jpeg', process: 'baseline', chromaSubsampling: '4:2:0' },
      compression: { method: 'jpeg', lossless: false },
    };
    const job = await me.get(`/v1/jobs/${jobId}`);
    answered(job, 200, { status: 'completed', image: { metadata: said } });
    holds((job.headers['content-type'] ?? '').startsWith('application/json'), 'it is not JSON');
    const imageId = textAt(job.json, 'imageId');
    answered(await me.get(`/v1/images/${imageId}/metadata`), 200, said);
  });

  await promise('logs every POST to the database with its time and IP address', async () => {
    const before = Date.now() - CLOCK_MS;
    const posts = [
      await me.post('/v1/jobs', { form: { image: await photo() } }),
      await me.post('/v1/jobs', { form: { image: noImage() } }),
    ];
    const after = Date.now() + CLOCK_MS;
    for (const { headers, status } of posts) {
      const query = `requestId=${headers['x-request-id']}`;
      await eventually(async () => {
        const page = answered(await admin.get(`/v1/request-logs?${query}`), 200);
        const [entry = {}] = itemsOf(page);
        const at = Date.parse(textAt(entry, 'at'));
        holds(at >= before && at <= after, `it was logged at ${textAt(entry, 'at')}`);
        holds(isIPv4(textAt(entry, 'ip')), `its address is ${textAt(entry, 'ip')}`);
        holds(entry.method === 'POST' && entry.route === '/v1/jobs', `it was logged as ${entry.route}`);
        holds(entry.status === status, `it was logged as ${entry.status}`);
      });
    }
  });

  await absent('a 500 for a file that is no image', async () => {
    refused(await me.post('/v1/jobs', { form: { image: noImage() } }), 415);
  });

  await absent('a POST that gives no id', async () => {
    const answer = await me.post('/v1/jobs', { form: { image: await photo() } });
    const { id } = answered(answer, 202);
    holds(answer.headers.location === `/v1/jobs/${id}`, `its Location is ${answer.headers.location}`);
    answered(await me.get(answer.headers.location), 200, { id });
  });

  await absent('an error with status 200', async () => {
    refused(await me.get(`/v1/jobs/${crypto.randomUUID()}`), 404, 'JOB_NOT_FOUND');
    refused(await me.get('/v1/jobs/nonsense'), 400, 'INVALID_REQUEST');
    refused(await me.post('/v1/jobs', { form: { title: 'nothing' } }), 400, 'IMAGE_PART_MISSING');
    refused(await nobody.get(`/v1/jobs/${jobId}`), 401, 'UNAUTHENTICATED');
    refused(await me.get('/v1/nowhere'), 404, 'NOT_FOUND');
  });

  await absent('a time that stood still at start-up', async () => {
    const times: number[] = [];
    for (const _ of [1, 2]) {
      const before = Date.now() - CLOCK_MS;
      const job = answered(await me.post('/v1/jobs', { form: { image: await photo() } }), 202);
      const at = Date.parse(textAt(job, 'createdAt'));
      holds(at >= before && at <= Date.now() + CLOCK_MS, `it says ${textAt(job, 'createdAt')}`);
      times.push(at);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    holds((times[1] ?? 0) > (times[0] ?? 0), 'two jobs were made at the same time');
  });
}
