import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { addKey, startApi, type Traces } from './app.ts';
import { type Answer, accept, call, field, image, type Part, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { fail, finish } from './worker.ts';

const api = await startApi({ env: { DUPLICATES: 'reuse', OUTGOING_ALLOW: '127.0.0.0/8' } });
const fresh = () => image(pictureOf(1000));

/** What is there of this many images. */
async function expectImages(t: Tap, before: Traces, more: number): Promise<void> {
  const { uploads, objects, images, jobs } = await api.traces();
  const wanted = { uploads: 0, objects: before.objects + more, images: before.images + more };
  t.same({ uploads, objects, images, jobs }, { ...wanted, jobs: before.jobs + more });
}

function expectReused(t: Tap, answer: Answer, job: Job): void {
  t.equal(answer.headers['tintype-duplicate'], 'true');
  t.equal(answer.headers.location, job.links.self);
  t.match(answer.json(), { id: job.id, imageId: job.imageId });
}

interface Tap {
  equal: typeof t.equal;
  same: typeof t.same;
  match: typeof t.match;
}

t.test('the same file again is answered with the job that is there', async (t) => {
  const before = await api.traces();
  for (const file of [fresh(), image(pictureOf(700_000))]) {
    const parts = [file, field('title', 'a'), field('tags', '["a","b"]'), field('stats', 'true')];
    const first = await upload(api, parts);
    const job = first.json<Job>();
    t.equal(first.headers['tintype-duplicate'], undefined);

    const queued = await upload(api, [{ ...file, fileName: 'another name.png' }, ...parts.slice(1)]);
    t.equal(queued.status, 202);
    t.equal(queued.headers['retry-after'], '1');
    expectReused(t, queued, job);

    await finish(api, job);
    const done = await upload(api, parts);
    t.equal(done.status, 200, 'whose job has ended');
    expectReused(t, done, job);
    t.match(done.json(), { status: 'completed', image: { id: job.imageId, metadata: {} } });
  }
  await expectImages(t, before, 2);
});

t.test('Prefer: wait waits for the job that is there', async (t) => {
  const file = fresh();
  const job = await accept(api, [file]);
  const answer = upload(api, [file], { headers: { prefer: 'wait=30' } });
  const held = () => api.rows('SELECT 1 FROM request_logs');
  await eventually(held, ({ length }) => length > 0);
  await finish(api, job);
  t.equal((await answer).status, 200);
  expectReused(t, await answer, job);
  t.equal((await answer).headers['preference-applied'], 'wait=30');
});

t.test('what makes it another image', async (t) => {
  const file = fresh();
  const own = [file, field('title', 'a'), field('tags', '["a","b"]')];
  const job = await accept(api, own);
  const hook = field('webhookUrl', 'http://127.0.0.1:9/');
  const table: [what: string, parts: Part[]][] = [
    ['another file', [fresh(), ...own.slice(1)]],
    ['another title', [file, field('title', 'b'), field('tags', '["a","b"]')]],
    ['no title', [file, field('tags', '["a","b"]')]],
    ['other tags', [file, field('title', 'a'), field('tags', 'a')]],
    ['an option', [...own, field('profile', 'full')]],
    ['its wish', [...own, field('duplicate', 'allow')]],
    ['its wish, first', [field('duplicate', 'allow'), ...own]],
    ['its wish to be called back', [...own, hook]],
    ['that wish, whatever it says', [...own, hook, field('duplicate', 'reuse')]],
  ];
  for (const [what, parts] of table) {
    const before = await api.traces();
    const answer = await upload(api, parts);
    t.equal(answer.status, 202, what);
    t.equal(answer.headers['tintype-duplicate'], undefined);
    t.not(answer.json<Job>().id, job.id);
    await expectImages(t, before, 1);
  }
  expectReused(t, await upload(api, [...own, field('duplicate', 'reuse')]), job);
});

t.test('another tenant’s image is nobody else’s', async (t) => {
  const file = fresh();
  const job = await accept(api, [file]);
  const other = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const theirs = await upload(api, [file], { key: other });
  t.equal(theirs.headers['tintype-duplicate'], undefined);
  t.not(theirs.json<Job>().id, job.id);
});

t.test('what ended badly or is gone answers for nobody', async (t) => {
  const ends: [what: string, end: (job: Job) => Promise<unknown>][] = [
    ['failed', (job) => fail(api, job)],
    ['canceled', (job) => call(api, job.links.self, { method: 'DELETE' })],
    ['deleted', (job) => call(api, job.links.image, { method: 'DELETE' })],
  ];
  for (const [what, end] of ends) {
    const file = fresh();
    const job = await accept(api, [file]);
    await end(job);
    const again = await upload(api, [file]);
    t.equal(again.status, 202, what);
    t.equal(again.headers['tintype-duplicate'], undefined);
    t.not(again.json<Job>().id, job.id);
    expectReused(t, await upload(api, [file]), again.json<Job>());
  }
});

t.test('twenty at once: one image', async (t) => {
  for (const file of [fresh(), image(pictureOf(700_000))]) {
    const before = await api.traces();
    const answers = await Promise.all(Array.from({ length: 20 }, () => upload(api, [file])));
    t.ok(answers.every(({ status }) => status === 202));
    t.equal(new Set(answers.map((answer) => answer.json<Job>().id)).size, 1);
    t.equal(
      answers.filter(({ headers }) => headers['tintype-duplicate'] === undefined).length,
      1,
      'one is new',
    );
    await expectImages(t, before, 1);
  }
});

t.test('a job that was reused under a key', async (t) => {
  const file = fresh();
  const job = await accept(api, [file]);
  const under = { headers: { 'idempotency-key': crypto.randomUUID() } };
  const first = await upload(api, [file], under);
  expectReused(t, first, job);
  t.equal(first.headers['idempotent-replayed'], undefined);
  await finish(api, job);
  const again = await upload(api, [file], under);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.status, 200);
  expectReused(t, again, job);
  const other = await upload(api, [fresh()], under);
  t.equal(other.status, 422);
  await call(api, job.links.image, { method: 'DELETE' });
  t.equal((await upload(api, [file], under)).status, 404, 'and is gone');
});

t.test('where duplicates are allowed, a request may want none', async (t) => {
  const generous = await startApi({ env: { DUPLICATES: 'allow' } });
  const file = fresh();
  const [one, two] = [await accept(generous, [file]), await accept(generous, [file])];
  t.not(one.id, two.id);
  const wish = [file, field('duplicate', 'reuse')];
  const third = await upload(generous, wish);
  t.equal(third.headers['tintype-duplicate'], undefined, 'the others are not known by their content');
  const fourth = await upload(generous, wish);
  t.equal(fourth.headers['tintype-duplicate'], 'true');
  t.equal(fourth.json<Job>().id, third.json<Job>().id);
});
