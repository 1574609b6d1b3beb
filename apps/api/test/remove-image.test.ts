import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { addKey, NO_TRACES, startApi, type TestApi } from './app.ts';
import { accept, call, image, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { claim, fail, finish } from './worker.ts';

const api = await startApi();
const remove = ({ links }: Job, key = api.key) => call(api, links.image, { method: 'DELETE', key });

/** All but the events, which outlive what they tell of. */
async function expectNothing(t: Tap, target: TestApi): Promise<void> {
  const left = await eventually(target.traces, ({ objects, uploads }) => objects + uploads === 0);
  t.same({ ...left, events: 0 }, NO_TRACES, 'nothing is left');
}

interface Tap {
  same: typeof t.same;
}

t.test('an image goes with its file, its jobs and its facts', async (t) => {
  const ends: [what: string, end: (job: Job) => Promise<unknown>, types: string[]][] = [
    ['queued', async () => undefined, ['job.queued', 'job.canceled', 'image.deleted']],
    ['processing', (job) => claim(api, job), ['job.queued', 'job.canceled', 'image.deleted']],
    ['completed', (job) => finish(api, job), ['job.queued', 'job.completed', 'image.deleted']],
    ['failed', (job) => fail(api, job), ['job.queued', 'job.failed', 'image.deleted']],
  ];
  for (const [what, end, types] of ends) {
    const job = await accept(api, [image(pictureOf(700_000))]);
    await end(job);
    const answer = await remove(job);
    t.equal(answer.status, 204, what);
    t.equal(answer.body.length, 0);
    const paths = [job.links.self, job.links.image, `${job.links.image}/original`];
    for (const path of paths) t.equal((await call(api, path)).status, 404, path);
    t.equal((await remove(job)).status, 404, 'twice');
    await expectNothing(t, api);
    const events = await api.rows<{ type: string }>(
      'SELECT type FROM events WHERE image_id = $1 ORDER BY seq',
      [job.imageId],
    );
    t.same(
      events.map(({ type }) => type),
      types,
    );
  }
});

t.test('another tenant’s image stays', async (t) => {
  const job = await accept(api);
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const answer = await remove(job, stranger);
  t.equal(`${answer.status} ${problem(answer).code}`, '404 IMAGE_NOT_FOUND');
  t.equal((await call(api, `${job.links.image}/original`)).status, 200);
  await remove(job);
  await expectNothing(t, api);
});

t.test('a worker that was at it writes nothing any more', async (t) => {
  const job = await accept(api);
  const { id, attempt } = await claim(api, job);
  await remove(job);
  const isWritten = await api.database.work.fail({
    ...{ id, attempt, retryAfterMs: 0, counts: true },
    ...{ errorCode: 'DECODER_CRASHED', errorMessage: 'It crashed.', errorRetryable: true },
  });
  t.equal(isWritten, false);
  await expectNothing(t, api);
});

t.test('an object that can not be removed now is left to the sweep', async (t) => {
  let isDown = false;
  const api = await startApi({
    swap: ({ objects }) => ({
      objects: {
        ...objects,
        remove: async (key) => {
          if (isDown) throw new Error('the store is away');
          await objects.remove(key);
        },
      },
    }),
  });
  const job = await accept(api);
  isDown = true;
  t.equal((await call(api, job.links.image, { method: 'DELETE' })).status, 204);
  t.equal((await call(api, job.links.image)).status, 404);
  t.match(await api.traces(), { objects: 1, uploads: 1, images: 0, jobs: 0 }, 'remembered');
  isDown = false;
  const sweep = { olderThanMs: 0, limit: 10, remove: api.deps.objects.remove };
  t.equal(await api.database.sweep.abandonedUploads(sweep), 1);
  await expectNothing(t, api);
});
