// Jobs for images that a worker is to fetch, as far as the API goes: nothing is called from here.
import { createServer } from 'node:http';
import { newId } from '@tintype/prisma';
import t from 'tap';
import type { Image } from '../src/schemas/image.ts';
import type { Job } from '../src/schemas/job.ts';
import { NO_TRACES, startApi } from './app.ts';
import { type Answer, call, postJson, problem } from './client.ts';
import { eventually } from './eventually.ts';
import { picture } from './pictures.ts';
import { claim, fail, finish } from './worker.ts';

const api = await startApi({ env: { OUTGOING_ALLOW: '127.0.0.0/8' } });
const post = (body: object, headers: Record<string, string> = {}) =>
  postJson(api, '/v1/jobs', body, { headers });
const codeOf = (answer: Answer) => `${answer.status} ${problem(answer).code}`;
const read = async ({ links }: Job) => (await call(api, links.image)).json<Image>();

/** Somebody who would notice being called. */
let calls = 0;
const server = createServer((_request, response) => {
  calls += 1;
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
t.teardown(() => server.close());
const { port } = server.address() as { port: number };
const origin = `http://127.0.0.1:${port}`;

t.test('202: a job whose image has no bytes yet', async (t) => {
  const url = `${origin}/a%20photo.png?signature=secret#part`;
  const wishes = { profile: 'full', pixels: false, stats: true };
  const answer = await post({
    ...{ url, title: ' A title ', tags: ['a', ' b', 'a'], webhookUrl: `${origin}/hook` },
    ...wishes,
  });
  t.equal(answer.status, 202);
  const job = answer.json<Job>();
  t.match(answer.headers, { location: job.links.self, 'retry-after': '1' });
  t.match(job, { status: 'queued', attempt: 0, worker: null, attempts: [], imageId: String });
  t.same(await api.traces(), { ...NO_TRACES, images: 1, jobs: 1, events: 1 });

  t.match(await read(job), {
    ...{ id: job.imageId, title: 'A title', tags: ['a', 'b'], sourceUrl: `${origin}/a%20photo.png` },
    ...{ bytes: null, sha256: null, format: null, mimeType: null, fileName: null, width: null },
  });
  t.notMatch(JSON.stringify(await read(job)), 'secret', 'a query may hold secrets');
  const [row] = await api.rows('SELECT * FROM jobs j JOIN images i ON i.id = j.image_id');
  t.match(row, { options: wishes, webhook_url: `${origin}/hook`, source_url: url });
  t.same((await call(api, job.links.self)).json<Job>().queue, { position: 0 });
  t.match((await call(api, '/v1/jobs')).json(), { items: [{ id: job.id }] });
  const forgotten = () => api.deps.nudges.forgotten([{ id: job.id, generation: 0 }]);
  t.same(await eventually(forgotten, ({ length }) => length === 0), [], 'nudged');
  t.equal(calls, 0, 'nobody was called');
});

t.test('its file, before and after it is fetched', async (t) => {
  const job = (await post({ url: `${origin}/b.png` })).json<Job>();
  const original = `${job.links.image}/original`;
  const early = await call(api, original);
  t.equal(codeOf(early), '409 ORIGINAL_NOT_READY');
  t.equal(early.headers['retry-after'], '1');
  t.equal(codeOf(await call(api, `${job.links.image}/metadata`)), '409 METADATA_NOT_READY');

  const { attempt, stored, sourceUrl } = await claim(api, job);
  t.equal(stored, undefined);
  t.equal(sourceUrl, `${origin}/b.png`);
  const uploadId = newId();
  const objectKey = `${api.tenantId}/original/${job.imageId}-${attempt}`;
  const sha256Hex = 'ab'.repeat(32);
  await api.database.uploads.begin({ id: uploadId, tenantId: api.tenantId, objectKey });
  await api.deps.objects.put(objectKey, [picture], { contentType: 'image/png', sha256Hex });
  const isOurs = await api.database.work.fetched({
    ...{ id: job.id, attempt, uploadId, bytes: picture.length, sha256Hex, format: 'png' },
    ...{ fileName: 'b.png', declaredMimeType: 'image/png' },
  });
  t.ok(isOurs);
  t.match(await read(job), {
    bytes: picture.length,
    format: 'png',
    mimeType: 'image/png',
    fileName: 'b.png',
  });
  const bytes = await call(api, original);
  t.equal(bytes.status, 200);
  t.ok(picture.equals(bytes.body));
  await api.database.work.release([{ id: job.id, attempt }]);
  await finish(api, job);
  t.match((await call(api, job.links.self)).json(), { status: 'completed', image: { format: 'png' } });
});

t.test('a file that was never fetched', async (t) => {
  const job = (await post({ url: `${origin}/c.png` })).json<Job>();
  await fail(api, job);
  const answer = await call(api, `${job.links.image}/original`);
  t.equal(codeOf(answer), '409 ORIGINAL_UNAVAILABLE');
  t.equal(answer.headers['retry-after'], undefined);
  t.equal((await call(api, job.links.image, { method: 'DELETE' })).status, 204);
});

t.test('the same URL twice is two images: nobody knows its bytes yet', async (t) => {
  const body = { url: `${origin}/d.png` };
  const [one, two] = [(await post(body)).json<Job>(), (await post(body)).json<Job>()];
  t.not(one.imageId, two.imageId);
});

t.test('Prefer: wait', async (t) => {
  const answer = post({ url: `${origin}/e.png` }, { prefer: 'wait=30' });
  const made = () =>
    api.rows<{ id: string }>(
      `SELECT j.id FROM jobs j JOIN images i ON i.id = j.image_id WHERE i.source_url LIKE '%/e.png'`,
    );
  const [job] = await eventually(made, ({ length }) => length === 1);
  await fail(api, job as { id: string });
  t.equal((await answer).status, 200);
  t.match((await answer).json(), { id: job?.id, status: 'failed' });
});

t.test('addresses of the outside world are taken as they are', async (t) => {
  const strict = await startApi();
  for (const url of [
    'https://example.com/a.png',
    'http://example.com:8080/a.png?a=b',
    'https://93.184.216.34/a.png',
    'https://bücher.example/ä.png',
    `https://example.com/${'x'.repeat(2000)}`,
  ]) {
    const answer = await postJson(strict, '/v1/jobs', { url });
    t.equal(answer.status, 202, url.slice(0, 50));
  }
});
